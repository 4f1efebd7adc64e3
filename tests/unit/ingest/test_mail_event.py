"""A parsed mail → events: automatic mail, bounces, copies, and what fits into a record."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from services.ingest.channels.email.headers import dmarc_claims
from services.ingest.channels.email.tree import tree
from services.ingest.model.arrival import Arrival, Decision, Known
from services.ingest.model.mail import MAX_HEADER_CHARS, DeliveryStatus, FailedRecipient, Mailbox, ParsedMail
from services.ingest.model.mail_event import MAX_EVENT_BYTES, NOBODY, Mailroom, decide_mail, letter_of, verdict
from shared.contracts.ingest import BounceReceived, MessageReceived
from shared.signing import MessageRef, Signer

SIGNER = Signer("a secret of at least thirty-two characters")
BOX = "support@paleo.example"
ROOM = Mailroom(frozenset({BOX, "support@bright.example"}), frozenset({"paleo.example"}), "", SIGNER.read_message_id)
REF = MessageRef(str(UUID(int=1)), str(UUID(int=2)))
OURS = SIGNER.message_id(REF, "paleo.example")
ANN = Mailbox("ann@x.example", "Ann")


def arrival(**envelope: str) -> Arrival:
    at = datetime(2026, 5, 1, tzinfo=UTC)
    return Arrival("i1", "email", BOX, "paleo", at, b"raw", "message/rfc822", envelope, "i1")


def decide(mail: ParsedMail, known: Known | None = None, room: Mailroom = ROOM, **envelope: str) -> Decision:
    came = arrival(**envelope)
    return decide_mail(came, mail, letter_of(came, mail, "hash", room), [], room, known or Known())


def message(decision: Decision) -> MessageReceived:
    (event,) = decision.events
    assert isinstance(event, MessageReceived)
    return event


AUTOMATIC: dict[str, tuple[ParsedMail, dict[str, str], str | None]] = {
    "a person": (ParsedMail(sender=ANN, message_id="<a@x>"), {"mail_from": "<ann@x.example>"}, None),
    "no return path": (ParsedMail(sender=ANN, message_id="<a@x>"), {"mail_from": "<>"}, "auto_reply"),
    "as recognised": (ParsedMail(sender=ANN, automatic="bulk"), {}, "bulk"),
    "our own mail came back": (ParsedMail(sender=ANN, message_id=OURS), {}, "loop"),
    "the mailbox writes to itself": (ParsedMail(sender=Mailbox(BOX)), {}, "loop"),
}


@pytest.mark.parametrize("case", AUTOMATIC)
def test_automatic(case: str) -> None:
    mail, envelope, wanted = AUTOMATIC[case]
    assert message(decide(mail, **envelope)).message.automatic == wanted


def status(*recipients: FailedRecipient, message_id: str | None = OURS) -> ParsedMail:
    return ParsedMail(sender=ANN, automatic="bounce", delivery_status=DeliveryStatus(message_id, recipients))


def test_each_failed_recipient_is_a_bounce_of_the_message() -> None:
    hard = FailedRecipient("a@x.example", "failed", "5.1.1")
    soft = FailedRecipient("b@x.example", "delayed", "4.4.1")
    done = FailedRecipient("c@x.example", "delivered", "2.0.0")
    decision = decide(status(hard, soft, done))
    bounces = [event for event in decision.events if isinstance(event, BounceReceived)]
    assert [(one.recipient, one.permanent) for one in bounces] == [("a@x.example", True), ("b@x.example", False)]
    assert {(one.conversation_id, one.entry_id) for one in bounces} == {(REF.conversation_id, REF.entry_id)}


@pytest.mark.parametrize("message_id", [None, "<foreign@x>", OURS.replace("@", "0@")])
def test_a_bounce_of_something_we_did_not_sign_is_a_message(message_id: str | None) -> None:
    decision = decide(status(FailedRecipient("a@x.example", "failed", "5.1.1"), message_id=message_id))
    assert message(decision).message.automatic == "bounce"


def test_a_copy_of_what_the_conversation_has_makes_no_event() -> None:
    mail = ParsedMail(sender=ANN, message_id="<a@x>", in_reply_to=OURS)
    decision = decide(mail, Known(copies=frozenset({REF.conversation_id})))
    assert decision.events == ()
    assert decision.conversation_id == REF.conversation_id


def test_a_mail_without_sender_is_accepted() -> None:
    assert message(decide(ParsedMail())).sender.value == NOBODY
    assert message(decide(ParsedMail(), mail_from="<Bo@x.example>")).sender.value == "bo@x.example"


def test_an_address_of_ours_takes_part_nowhere() -> None:
    decision = decide(ParsedMail(sender=Mailbox("support@bright.example"), to=(Mailbox(BOX), ANN)))
    assert decision.note is not None
    assert decision.note.thread.addresses == {"ann@x.example"}


@pytest.mark.parametrize(
    ("trusted", "claims", "wanted"),
    [
        ("", (("mx.ours", "pass", "x.example"),), "unknown"),
        ("MX.ours", (("mx.ours", "pass", "x.example"), ("mx.ours", "fail", "x.example")), "pass"),
        ("mx.ours", (("evil", "pass", "x.example"), ("mx.ours", "fail", "x.example")), "fail"),
        ("mx.ours", (("evil", "pass", "x.example"),), "none"),
        ("mx.ours", (("mx.ours", "pass", "evil.example"),), "none"),
        ("mx.ours", (("mx.ours", "pass", ""),), "none"),
        ("mx.ours", (("mx.ours", "bestguesspass", "x.example"),), "none"),
        ("mx.ours", (), "none"),
    ],
)
def test_only_our_own_servers_verdict_counts(trusted: str, claims: Any, wanted: str) -> None:
    assert verdict(ParsedMail(sender=ANN, dmarc=claims), trusted) == wanted


CLAIMS = {
    "mx.ours; dmarc=pass (p=none dis=none) header.from=X.example": [("mx.ours", "pass", "x.example")],
    "mx.ours 1; spf=pass smtp.mailfrom=a@b; DMARC = fail header.from=x.example": [("mx.ours", "fail", "x.example")],
    'mx.ours; spf=pass smtp.mailfrom="; dmarc=pass header.from=x.example"@evil; dmarc=fail header.from=x.example': [
        ("mx.ours", "fail", "x.example")
    ],
    "mx.ours; spf=pass (; dmarc=pass header.from=x.example); dmarc=fail": [("mx.ours", "fail", "")],
    "mx.ours; spf=pass ((a) ; dmarc=pass header.from=x.example (b)); dmarc=fail": [("mx.ours", "fail", "")],
    'mx.ours; spf=pass (a " b) ; dmarc=fail (" ; dmarc=pass header.from=x.example)': [("mx.ours", "fail", "")],
    "mx.ours; spf=pass (a \\) ; dmarc=pass header.from=x.example); dmarc=fail": [("mx.ours", "fail", "")],
    'mx.ours; spf=pass smtp.mailfrom="a\\" ; dmarc=pass header.from=x.example"; dmarc=fail': [("mx.ours", "fail", "")],
    'mx.ours; spf=pass smtp.mailfrom="a; dmarc=pass header.from=x.example': [],
    "mx.ours; spf=pass (a; dmarc=pass header.from=x.example": [],
    "mx.ours; dmarc=pass (p=none) header.from=x.example.evil.example": [("mx.ours", "pass", "x.example.evil.example")],
    "mx.ours; spf=pass smtp.mailfrom=dmarc=pass@evil.example": [],
    "mx.ours; none": [],
    "dmarc=pass header.from=x.example": [],
    "; dmarc=pass header.from=x.example": [],
}


@pytest.mark.parametrize("value", CLAIMS, ids=str)
def test_a_verdict_is_read_where_it_stands_and_not_in_what_the_sender_chose(value: str) -> None:
    message = tree(f"Authentication-Results: {value}\n\n".encode())
    assert list(dmarc_claims(message)) == CLAIMS[value]


@pytest.mark.parametrize("limit", [2048, MAX_HEADER_CHARS])
def test_a_domain_is_never_read_in_half(limit: int) -> None:
    """Whose field is so long that a limit falls behind the first half of their domain is not taken for that half."""
    before, own = "mx.ours; dkim=pass header.d=", "; dmarc=pass header.from=x.example"
    value = before + "a" * (limit - len(before) - len(own)) + own + ".evil.example"
    message = tree(f"Authentication-Results: {value}\n\n".encode())
    assert all(domain != "x.example" for _, _, domain in dmarc_claims(message))


@pytest.mark.parametrize("unit", ["(", '"', "\\", "()", ";", "; dmarc", '(")', "(\\"])
def test_a_verdict_made_to_be_slow_is_not(unit: str) -> None:
    """CPU time grows with the length, not with its square (which would be sixteen times)."""
    spent = []
    for length in (15_000, 60_000):
        message = tree(f"Authentication-Results: mx.ours; {unit * (length // len(unit))}\n\n".encode())
        began = time.process_time()
        for _ in range(10):
            dmarc_claims(message)
        spent.append(time.process_time() - began)
    assert spent[1] < max(12 * spent[0], 2.0)


def test_the_largest_mail_fits_into_a_record() -> None:
    worst = '"\\' * 75_000
    mail = ParsedMail(text=worst, quoted_text=worst[:80_000], html='"' * 200_000, quoted_html='"' * 100_000)
    event = message(decide(mail))
    assert len(event.model_dump_json().encode()) <= MAX_EVENT_BYTES
    assert event.message.text == worst
