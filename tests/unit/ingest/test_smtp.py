"""The SMTP listener against senders who mean harm, on both event loops: services run on uvloop."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from services.ingest import smtp
from services.ingest.channels.smtp import door, session
from tests.unit.ingest.smtp_door import LOOPS, Front, Run, certificate, on

LIMIT = 1024 * 1024
PLAIN = b"Subject: x\r\n\r\nhello\r\n"
SMUGGLED = (
    b"MAIL FROM:<eve@evil.example>\r\nRCPT TO:<support@paleo.example>\r\nDATA\r\nSubject: smuggled\r\n\r\nyes\r\n"
)
# Everything that some server or other took for the end of a mail (CVE-2023-51764, CVE-2023-51765, CVE-2023-51766).
NO_END = [
    b"\n.\n",
    b"\n.\r\n",
    b"\r\n.\n",
    b"\r.\r",
    b"\r\n.\r",
    b"\r.\r\n",
    b"\n.\r",
    b"\r\n\x00.\r\n",
    b"\r\n.\x00\r\n",
]


@LOOPS
def test_one_connection_too_many_is_told_to_come_again_and_the_next_is_let_in(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test(front: Front) -> None:
        first = await front.talk()
        assert (await first.heard()).startswith("220 ")
        refused = await front.talk()
        assert (await refused.closed()).startswith("421 4.3.2 ")
        assert (await first.say("QUIT")).startswith("221")
        assert await first.closed() == ""
        again = await front.talk()
        assert (await again.heard()).startswith("220 ")
        for one in (first, refused, again):
            one.end()

    on(run, monkeypatch, test, smtp_connections=1)


@LOOPS
def test_one_address_cannot_take_all_connections(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(front: Front) -> None:
        flood = [await front.talk("127.0.0.9") for _ in range(5)]
        answers = [await one.heard() for one in flood]
        assert [one[:3] for one in answers] == ["220", "220", "421", "421", "421"]
        honest = await front.talk("127.0.0.1")
        assert (await honest.heard()).startswith("220")
        for one in (*flood, honest):
            one.end()

    on(run, monkeypatch, test, smtp_connections=10, smtp_address_connections=2)


@LOOPS
def test_who_says_nothing_gives_way_when_all_places_are_taken(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(front: Front) -> None:
        monkeypatch.setattr(door, "SILENT_S", 0.0)
        silent = [await front.talk(f"127.0.0.{n}") for n in (2, 3)]
        for one in silent:
            await one.heard()
        honest = await front.talk()
        assert (await honest.heard()).startswith("220")
        assert (await silent[0].closed()).startswith("421 4.4.2")
        assert (await silent[1].say("NOOP")).startswith("250")
        assert len(front.listener.places.guests) == 2

    on(run, monkeypatch, test, smtp_connections=2)


@LOOPS
@pytest.mark.parametrize("end", NO_END, ids=repr)
def test_nothing_but_the_one_true_end_ends_a_mail(run: Run, monkeypatch: pytest.MonkeyPatch, end: bytes) -> None:
    async def test(front: Front) -> None:
        talk = await front.talk()
        await talk.begin()
        content = b"Subject: x\r\n\r\nhello" + end + SMUGGLED
        assert (await talk.say(content + b".\r\n")).startswith("250")
        ((taken, _, _),) = front.taken
        assert taken == content.replace(b"\r\n.", b"\r\n")
        talk.end()

    on(run, monkeypatch, test)


@LOOPS
def test_dots_are_taken_out_and_an_end_may_come_in_pieces(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(front: Front) -> None:
        for sent, kept in ((b"..a\r\n...\r\n.b\r\n", b".a\r\n..\r\nb\r\n"), (b"", b""), (b"\r\n", b"\r\n")):
            talk = await front.talk()
            await talk.begin()
            for byte in sent + b".\r\n":
                talk.writer.write(bytes((byte,)))
                await asyncio.sleep(0)
            assert (await talk.heard()).startswith("250")
            assert front.taken.pop()[0] == kept
            assert (await talk.say("QUIT")).startswith("221")

    on(run, monkeypatch, test)


@LOOPS
def test_megabytes_of_empty_lines_hold_up_nobody(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kept as lines, 40 MiB of them were two gigabytes of small objects, and minutes in which nobody else was heard."""

    async def test(front: Front) -> None:
        talk, other = await front.talk(), await front.talk()
        await talk.begin()
        await other.heard()
        lines = b"\r\n" * (4 * 1024 * 1024)
        sending = asyncio.create_task(talk.say(lines + b".\r\n"))
        while not sending.done():
            assert (await other.say("HELP")).startswith("250")
            await asyncio.sleep(0.05)
        assert (await sending).startswith("250")
        assert front.taken[0][0] == lines

    monkeypatch.setitem(session.CALLS, "HELP", 10_000)
    on(run, monkeypatch, test)


@LOOPS
def test_too_large_is_refused_and_without_end_is_cut_off(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "MAX_RAW_BYTES", LIMIT)

    async def test(front: Front) -> None:
        talk = await front.talk()
        await talk.begin()
        assert (await talk.say(b"x" * (LIMIT + 1) + b"\r\n.\r\n")).startswith("552")
        assert (await talk.say("NOOP")).startswith("250")
        endless = await front.talk()
        await endless.begin()
        with pytest.raises(ConnectionError):  # noqa: PT012
            while True:
                endless.writer.write(b"x" * 1024 * 1024)
                await endless.writer.drain()
        assert front.taken == []
        assert front.listener.load.bytes_now == 0

    on(run, monkeypatch, test)


@LOOPS
def test_addresses_cannot_be_tried_out_by_the_thousand(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(front: Front) -> None:
        talk = await front.talk()
        await talk.begin_envelope()
        for n in range(session.UNKNOWN_RECIPIENTS):
            assert (await talk.say(f"RCPT TO:<guess{n}@paleo.invalid>")).startswith("550")
        assert (await talk.say("RCPT TO:<support@paleo.example>")).startswith("421 4.7.0")
        assert await talk.closed() == ""

    on(run, monkeypatch, test)


@LOOPS
def test_thousands_of_recipients_are_a_hundred(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(front: Front) -> None:
        talk = await front.talk()
        await talk.begin_envelope()
        talk.writer.write(b"".join(b"RCPT TO:<n%d@paleo.example>\r\n" % n for n in range(3000)))
        answers = [await talk.heard() for _ in range(3000)]
        assert [one[:3] for one in answers].count("250") == 100
        assert {one[:3] for one in answers[100:]} == {"452"}
        await talk.say("DATA")
        await talk.say(PLAIN + b".\r\n")
        assert len(front.taken[0][1]) == 100
        talk.end()

    on(run, monkeypatch, test)


@LOOPS
def test_idle_commands_and_nonsense_come_to_an_end(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(front: Front) -> None:
        for line in (
            b"NOOP\r\n",
            b"\xff\xfe\r\n",
            b"HELP \xff\r\n",
            b"VRFY \xff\xff\r\n",
            b"GET / HTTP/1.1\r\n",
            b"\x16\x03\x01\r\n",
        ):
            talk = await front.talk()
            await talk.heard()
            talk.writer.write(line * 1000)
            talk.writer.write(b"QUIT\r\n")
            answers = await talk.closed()
            assert "Error: (" not in answers
            assert "Traceback" not in answers
        long = await front.talk()
        await long.heard()
        assert (await long.say(b"EHLO " + b"a" * 100_000 + b"\r\n")).startswith("500")
        assert (await long.say("EHLO there.example")).startswith("250")
        assert (await long.say(b"MAIL FROM:<\xff\xfe@x.example>\r\n"))[:1] in "25"
        long.end()

    on(run, monkeypatch, test)


@LOOPS
def test_what_is_not_kept_is_not_offered(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(front: Front) -> None:
        talk = await front.talk()
        await talk.heard()
        offered = await talk.say("EHLO there.example")
        for name in ("CHUNKING", "BINARYMIME", "PIPELINING", "AUTH", "STARTTLS", "VRFY", "DSN"):
            assert name not in offered
        assert (await talk.say("BDAT 10 LAST"))[:1] == "5"
        assert (await talk.say("AUTH PLAIN AGEAYg=="))[:3] == "502"
        assert (await talk.say("STARTTLS"))[:3] == "454"
        talk.end()

    on(run, monkeypatch, test)


@LOOPS
def test_what_was_said_before_tls_is_forgotten(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Somebody in the middle adds commands behind STARTTLS, to be heard as if they had come encrypted
    (CVE-2021-38371, CVE-2011-0411)."""
    file, trust = certificate(tmp_path)

    async def test(front: Front) -> None:
        talk = await front.talk("127.0.0.8")
        await talk.heard()
        assert "STARTTLS" in await talk.say("EHLO there.example")
        answer = await talk.say(
            "STARTTLS\r\nEHLO evil.example\r\nMAIL FROM:<eve@evil.example>\r\nRCPT TO:<a@paleo.example>"
        )
        assert answer.startswith("220")
        await talk.writer.start_tls(trust, server_hostname="switchboard")
        assert (await talk.say("RCPT TO:<a@paleo.example>")).startswith("503")
        offered = await talk.say("EHLO there.example")
        assert "STARTTLS" not in offered
        assert "AUTH" not in offered
        assert (await talk.say("RCPT TO:<a@paleo.example>")).startswith("503")
        for line in ("MAIL FROM:<ann@x.example>", "RCPT TO:<a@paleo.example>"):
            assert (await talk.say(line)).startswith("250")
        assert (await talk.say("DATA")).startswith("354")
        assert (await talk.say(PLAIN + b".\r\n")).startswith("250")
        assert front.taken[0][0] == PLAIN
        assert len(front.listener.places.guests) == 1
        assert (await talk.say("QUIT")).startswith("221")
        talk.end()

    on(run, monkeypatch, test, smtp_tls_cert_file=str(file), smtp_address_connections=1)


@LOOPS
def test_a_handshake_that_is_none_costs_that_connection_alone(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file, _ = certificate(tmp_path)

    async def test(front: Front) -> None:
        talk = await front.talk()
        await talk.heard()
        await talk.say("EHLO there.example")
        await talk.say("STARTTLS")
        talk.writer.write(b"this is no handshake at all\r\n" * 10)
        async with asyncio.timeout(20):
            await talk.reader.read()
        other = await front.talk()
        await other.begin()
        assert (await other.say(PLAIN + b".\r\n")).startswith("250")
        other.end()

    on(run, monkeypatch, test, smtp_tls_cert_file=str(file))
