"""Every way in which a mail server can say no, or nothing, from a server that follows a script."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr

from deploy.local.ports import HOST
from services.notifications.model import Outcome
from services.notifications.settings import NotificationsSettings
from services.notifications.smtp import Smtp
from tests.integration.notifications.world import Mailbox

ONE, TWO = "dana@customer.example", "sam@customer.example"
CONTENT = b"Subject: x\r\n\r\nbody\r\n"
POLITE = {"": "220 hi", "EHLO": "250 hi", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go", ".": "250 kept"}


@asynccontextmanager
async def server(script: dict[str, str]) -> AsyncIterator[str]:
    """Answers each verb from the script; `drop` closes the connection, `hang` says nothing more."""
    answers = POLITE | script

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        verb, in_data = "", False
        while True:
            answer = answers.get(verb, "250 ok")
            if answer == "drop":
                break
            if answer == "hang":
                await asyncio.sleep(30)
            if not in_data or verb == ".":
                writer.write(f"{answer}\r\n".encode())
                in_data = verb == "DATA" and answer.startswith("354")
            line = (await reader.readline()).decode(errors="replace").strip()
            if not line and reader.at_eof():
                break
            verb = line if line == "." or in_data else answers_key(line, answers)
        writer.close()

    listening = await asyncio.start_server(talk, HOST, 0)
    try:
        yield f"smtp://{HOST}:{listening.sockets[0].getsockname()[1]}"
    finally:
        listening.close()


def answers_key(line: str, answers: dict[str, str]) -> str:
    """A script may answer one recipient: "RCPT TO:<sam@customer.example>"."""
    return line if line in answers else line.split(" ")[0].upper()


def settings(smtp_out: str, **more: object) -> NotificationsSettings:
    needed = {"kafka": "x", "mongo": SecretStr("x"), "redis": SecretStr("x"), "secret": SecretStr("s" * 32)}
    return NotificationsSettings.model_validate({**needed, "smtp_out": smtp_out, "send_s": 1.0, **more})


async def offered(script: dict[str, str]) -> Outcome:
    async with server(script) as url:
        return await Smtp(settings(url)).send("support@desk.example", [ONE, TWO], CONTENT)


@pytest.mark.parametrize(
    ("script", "final", "reason"),
    [
        ({"": "554 no service"}, False, "554 no service"),
        ({"": "drop"}, False, "is away"),
        ({"": "hang"}, False, "did not answer"),
        ({"MAIL": "553 not your address"}, True, "553 not your address"),
        ({"MAIL": "451 later"}, False, "451 later"),
        ({"RCPT": "550 unknown"}, True, "refused the address: 550 unknown"),
        ({"RCPT": "450 greylisted"}, False, "refused the address: 450 greylisted"),
        ({"DATA": "552 too large"}, True, "552 too large"),
        ({".": "554 looks like spam"}, True, "554 looks like spam"),
        ({".": "451 disk full"}, False, "451 disk full"),
        ({".": "421 going down"}, False, "421 going down"),
        ({".": "drop"}, False, "is away"),
        ({".": "hang"}, False, "did not answer"),
        ({"MAIL": "drop"}, False, "is away"),
        ({"DATA": "nonsense"}, False, "The mail server"),
    ],
)
async def test_a_no_is_final_only_when_it_is_about_the_mail(script: dict[str, str], final: bool, reason: str) -> None:
    outcome = await offered(script)
    assert outcome.accepted == ()
    assert [(one.address, one.final) for one in outcome.refusals] == [(ONE, final), (TWO, final)]
    assert all(reason in one.reason for one in outcome.refusals)


async def test_a_polite_server_takes_it_for_everybody() -> None:
    assert await offered({}) == Outcome(accepted=(ONE, TWO))


async def test_a_server_that_does_not_say_goodbye_has_it_all_the_same() -> None:
    assert await offered({"QUIT": "hang"}) == Outcome(accepted=(ONE, TWO))


async def test_an_answer_that_came_while_we_were_frozen_counts(mailbox: Mailbox) -> None:
    mailbox.hang = {ONE}
    smtp = Smtp(settings(f"smtp://{HOST}:{mailbox.port}"))
    sending = asyncio.create_task(smtp.send("support@desk.example", [ONE], CONTENT))
    while not mailbox.holding.is_set():
        await asyncio.sleep(0.01)
    # The server answers after 0.4 s, in its own thread; our loop stands still until long after send_s.
    threading.Timer(0.4, mailbox.released.set).start()
    asyncio.get_running_loop().call_soon(time.sleep, 1.8)
    assert await sending == Outcome(accepted=(ONE,))


async def test_a_partial_no_names_the_one() -> None:
    outcome = await offered({f"RCPT TO:<{TWO}>": "550 5.1.1 no such user"})
    assert outcome.accepted == (ONE,)
    assert [(one.address, one.final) for one in outcome.refusals] == [(TWO, True)]


async def test_a_server_without_smtputf8_cannot_carry_such_an_address() -> None:
    async with server({}) as url:
        outcome = await Smtp(settings(url)).send("support@desk.example", ["jörg@customer.example"], CONTENT)
    assert [(one.final, one.address) for one in outcome.refusals] == [(True, "jörg@customer.example")]


async def test_a_refused_sign_in_is_our_own_trouble_and_tried_again() -> None:
    async with server({"EHLO": "250-hi\r\n250 AUTH PLAIN", "AUTH": "535 bad credentials"}) as url:
        signed = settings(url, smtp_out_username="desk", smtp_out_password="wrong")
        outcome = await Smtp(signed).send("support@desk.example", [ONE], CONTENT)
    (refusal,) = outcome.refusals
    assert (refusal.final, "wrong" in refusal.reason) == (False, False)
    assert "does not let us in" in refusal.reason
