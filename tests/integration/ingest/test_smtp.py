"""Mail by SMTP: what is answered, and what is then in the log and on the topic."""

from __future__ import annotations

import asyncio
import json
import smtplib
import uuid
from email.message import EmailMessage

import pytest

from deploy.local.ports import MAIL_SERVER
from shared.signing import MessageRef
from tests.integration.ingest.conftest import BRIGHT, PALEO, Desk

PROVEN = f"{MAIL_SERVER}; dmarc=pass header.from=customer.example"


def mail(
    sender: str = "ann@customer.example", to: str = PALEO, text: str = "Where is my parcel?", **more: str
) -> EmailMessage:
    message = EmailMessage()
    message["From"] = f"Ann Lee <{sender}>"
    message["To"] = to
    message["Subject"] = more.pop("Subject", "My parcel")
    message["Message-ID"] = more.pop("Message_ID", f"<{uuid.uuid4().hex}@customer.example>")
    for name, value in more.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def _send(desk: Desk, message: EmailMessage | bytes, to: list[str], sender: str) -> tuple[int, bytes]:
    raw = message if isinstance(message, bytes) else message.as_bytes()
    with smtplib.SMTP("127.0.0.1", desk.smtp.port, timeout=30) as client:
        client.ehlo("test.example")
        code, said = client.mail(sender, [f"SIZE={len(raw)}"])
        if code != 250:
            return code, said
        for one in to:
            code, said = client.rcpt(one)
            if code != 250:
                return code, said
        try:
            return client.data(raw)
        except smtplib.SMTPDataError as refused:
            return refused.smtp_code, refused.smtp_error


async def send(
    desk: Desk, message: EmailMessage | bytes, *to: str, sender: str = "ann@customer.example"
) -> tuple[int, str]:
    code, said = await asyncio.to_thread(_send, desk, message, list(to) or [PALEO], sender)
    return code, said.decode()


async def received(desk: Desk, text: str) -> list[dict]:
    """Logged messages whose text holds `text`."""
    values = [json.loads(row["value"]) for row in await desk.events()]
    return [one for one in values if text in one.get("message", {}).get("text", "")]


async def test_a_mail_is_durable_and_published_when_250_is_said(desk: Desk) -> None:
    message = mail(text="first mail of all")
    code, said = await send(desk, message)
    assert code == 250
    (event,) = await received(desk, "first mail of all")
    assert event["brand_id"] == "paleo-hacks"
    assert event["account"] == PALEO
    assert event["sender"] == {"kind": "email", "value": "ann@customer.example", "name": "Ann Lee"}
    assert event["message"]["joined"] == "new"
    assert event["input_id"] in said
    inputs = desk.database.get_collection("inputs")
    assert b"first mail of all" in (await inputs.find_one({"_id": event["input_id"]}))["raw"]
    records = await desk.published("ingest.messages.v1", len(await desk.events()))
    published = [one for one in records if event["input_id"].encode() in one.value]
    assert [one.key.decode() for one in published] == [event["conversation_id"]]


async def test_the_same_mail_again_changes_nothing(desk: Desk) -> None:
    message = mail(text="sent twice")
    first, again = await send(desk, message), await send(desk, message)
    assert first == again
    assert len(await received(desk, "sent twice")) == 1


async def test_a_mail_without_a_return_path_is_a_machines(desk: Desk) -> None:
    """RFC 3834 §3.3; an answer to it would be a loop."""
    code, _ = await send(desk, mail(text="nobody to answer"), sender="")
    assert code == 250
    (event,) = await received(desk, "nobody to answer")
    assert event["message"]["automatic"] == "auto_reply"


async def test_two_at_once_are_still_one(desk: Desk) -> None:
    message = mail(text="sent at once")
    answers = await asyncio.gather(*(send(desk, message) for _ in range(4)))
    assert {code for code, _ in answers} == {250}
    assert len(await received(desk, "sent at once")) == 1


async def test_a_mail_to_two_brands_is_a_conversation_in_each(desk: Desk) -> None:
    await send(desk, mail(to=f"{PALEO}, {BRIGHT}", text="to both brands"), PALEO, BRIGHT)
    events = await received(desk, "to both brands")
    assert {one["brand_id"] for one in events} == {"paleo-hacks", "bright-naturals"}
    assert len({one["conversation_id"] for one in events}) == 2


async def test_a_copy_by_the_brands_other_mailbox_into_the_same_conversation_is_not_shown_twice(desk: Desk) -> None:
    ref = MessageRef(str(uuid.uuid4()), str(uuid.uuid4()))
    ours = desk.signer.message_id(ref, "paleohacks.example")
    code, _ = await send(desk, mail(text="one copy only", In_Reply_To=ours), PALEO, "hello@paleohacks.example")
    assert code == 250
    events = await received(desk, "one copy only")
    assert [one["conversation_id"] for one in events] == [ref.conversation_id]


async def test_a_reply_to_our_mail_joins_its_conversation(desk: Desk) -> None:
    ref = MessageRef(str(uuid.uuid4()), str(uuid.uuid4()))
    ours = desk.signer.message_id(ref, "paleohacks.example")
    await send(desk, mail(text="an answer to you", In_Reply_To=ours, References=ours))
    (event,) = await received(desk, "an answer to you")
    assert event["conversation_id"] == ref.conversation_id
    assert event["message"]["joined"] == "signed_reference"


async def test_a_stranger_who_quotes_somebodys_message_id_gets_a_conversation_of_their_own(desk: Desk) -> None:
    stolen = "<secret-thread@customer.example>"
    await send(desk, mail(text="the victim's mail", Message_ID=stolen))
    await send(desk, mail("eve@evil.example", text="I take over", In_Reply_To=stolen, References=stolen))
    await send(desk, mail("eve@evil.example", text="I am the root", Message_ID=stolen))
    await send(
        desk, mail(text="the victim again", In_Reply_To=stolen, References=stolen, Authentication_Results=PROVEN)
    )
    (victim,) = await received(desk, "the victim's mail")
    (eve,), (root,) = await received(desk, "I take over"), await received(desk, "I am the root")
    (again,) = await received(desk, "the victim again")
    assert again["conversation_id"] == victim["conversation_id"]
    assert again["message"]["joined"] == "known_reference"
    assert len({victim["conversation_id"], eve["conversation_id"], root["conversation_id"]}) == 3
    assert eve["message"]["joined"] == "new"
    assert eve["message"]["apart"] == "stranger"


async def test_a_mail_without_message_id_is_accepted_once(desk: Desk) -> None:
    message = mail(text="no id at all")
    del message["Message-ID"]
    assert (await send(desk, message))[0] == 250
    assert (await send(desk, message))[0] == 250
    assert len(await received(desk, "no id at all")) == 1


async def test_plus_addresses_are_the_mailbox(desk: Desk) -> None:
    await send(desk, mail(text="with a plus"), "support+order7@paleohacks.example")
    (event,) = await received(desk, "with a plus")
    assert event["account"] == PALEO


async def test_attachments_are_kept_once_by_content(desk: Desk) -> None:
    for n in range(2):
        message = mail(text=f"with a file {n}")
        message.add_attachment(b"%PDF-1.7 the same bytes", maintype="application", subtype="pdf", filename="../a.pdf")
        await send(desk, message)
    events = [*await received(desk, "with a file 0"), *await received(desk, "with a file 1")]
    files = [one["message"]["attachments"][0] for one in events]
    assert [one["name"] for one in files] == ["a.pdf", "a.pdf"]
    assert files[0]["id"] != files[1]["id"]
    rows = await desk.database.get_collection("files").find({"_id": {"$in": [one["id"] for one in files]}}).to_list()
    assert len({row["sha256"] for row in rows}) == 1


async def test_a_bounce_names_the_message_that_bounced(desk: Desk) -> None:
    ref = MessageRef(str(uuid.uuid4()), str(uuid.uuid4()))
    ours = desk.signer.message_id(ref, "paleohacks.example")
    raw = (
        "From: MAILER-DAEMON@mx.example\r\nTo: support@paleohacks.example\r\nSubject: Undelivered Mail\r\n"
        f"Message-ID: <{uuid.uuid4().hex}@mx.example>\r\nAuto-Submitted: auto-replied\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nIt did not work.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        "Final-Recipient: rfc822; ann@customer.example\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 no such user\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {ours}\r\nSubject: hi\r\n\r\nhello\r\n--b--\r\n"
    )
    assert (await send(desk, raw.encode(), sender=""))[0] == 250
    (row,) = await desk.events(ref.conversation_id)
    event = json.loads(row["value"])
    assert row["type"] == "switchboard.ingest.BounceReceived.v1"
    assert (event["entry_id"], event["permanent"], event["status"]) == (ref.entry_id, True, "5.1.1")
    assert event["recipient"] == "ann@customer.example"


async def test_a_mail_that_cannot_be_parsed_reaches_an_agent_with_the_original(desk: Desk) -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000))
    raw = b"From: Ann <ann@customer.example>\r\nTo: support@paleohacks.example\r\nSubject: too deep\r\n" + deep
    assert (await send(desk, raw))[0] == 250
    values = [json.loads(row["value"]) for row in await desk.events()]
    (event,) = [one for one in values if one.get("message", {}).get("subject") == "too deep"]
    assert [one["content_type"] for one in event["message"]["attachments"]][-1] == "message/rfc822"


@pytest.mark.parametrize(
    ("to", "code"), [("nobody@paleohacks.example", 550), ("support@elsewhere.example", 550), (PALEO, 250)]
)
async def test_only_our_mailboxes_are_accepted(desk: Desk, to: str, code: int) -> None:
    assert (await send(desk, mail(text=f"for {to}"), to))[0] == code


def _oversized(desk: Desk) -> list[int]:
    with smtplib.SMTP("127.0.0.1", desk.smtp.port, timeout=30) as client:
        client.ehlo()
        assert client.esmtp_features["size"] == str(40 * 1024 * 1024)
        declared, _ = client.mail("a@b.example", [f"SIZE={41 * 1024 * 1024}"])
        client.rset()
        client.mail("a@b.example", [])
        client.rcpt(PALEO)
        line = b"y" * 900 + b"\r\n"
        sent, _ = client.data(mail(text="big").as_bytes() + line * (41 * 1024 * 1024 // len(line)))
        return [declared, sent]


async def test_a_mail_over_the_limit_is_refused_with_552(desk: Desk) -> None:
    assert await asyncio.to_thread(_oversized, desk) == [552, 552]


async def test_over_load_is_answered_with_451_before_the_mail_is_taken(desk: Desk) -> None:
    load = desk.smtp.load
    with load.hold() as share:
        assert share.reached(load._bytes)
        code, said = await send(desk, mail(text="while busy"))
    assert code == 451
    assert "again later" in said
    assert not await received(desk, "while busy")
    assert (await send(desk, mail(text="while busy")))[0] == 250


async def test_long_lines_and_raw_eight_bit_are_accepted(desk: Desk) -> None:
    head = b"From: ann@customer.example\r\nTo: x@y.example\r\nSubject: caf\xe9\r\n\r\n"
    assert (await send(desk, head + b"long " + b"z" * 200_000 + b" caf\xe9\r\n"))[0] == 250
    (event,) = [
        one
        for one in (json.loads(row["value"]) for row in await desk.events())
        if one.get("message", {}).get("subject") == "café"
    ]
    assert event["message"]["text"].startswith("long zzz")
    assert [one["name"] for one in event["message"]["attachments"]] == ["message.txt"]


async def test_a_megabyte_of_text_still_fits_kafka_and_is_whole_in_a_file(desk: Desk) -> None:
    text = "\n".join(f"line {n} of a very long mail" for n in range(40_000))
    await send(desk, mail(text=text, Subject="a very long one"))
    rows = [row for row in await desk.events() if '"a very long one"' in row["value"]]
    assert len(rows) == 1
    assert len(rows[0]["value"].encode()) < 900_000
    event = json.loads(rows[0]["value"])
    assert [one["name"] for one in event["message"]["attachments"]] == ["message.txt"]
    file = event["message"]["attachments"][0]
    assert file["size_bytes"] > 1_000_000
