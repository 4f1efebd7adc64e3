"""A parsed mail → what it means: a message in a conversation, or a bounce of a message of ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from services.ingest.model import threading
from services.ingest.model.arrival import Arrival, Decision, Known, StoredFile, ThreadNote, entry_id
from services.ingest.model.mail import Mailbox, ParsedMail
from services.ingest.model.threading import Dmarc, Joined, Letter, ReadSigned
from shared.contracts.base import Event
from shared.contracts.common import Actor, Address, AutomaticKind, Handle, Message
from shared.contracts.ingest import BounceReceived, MessageReceived, SideMessageReceived

MAX_EVENT_BYTES = 900_000
Heard = TypeVar("Heard", MessageReceived, SideMessageReceived)
NOBODY = "unknown@sender.invalid"
"""Stands for a sender who gave no address (RFC 2606 keeps .invalid free for ever)."""


@dataclass(frozen=True, slots=True)
class Mailroom:
    """The receiving side: `own` are all addresses of all brands, `domains` those of the receiving brand.
    `from_trusted`: it came from our own mail server, so its Authentication-Results may be believed."""

    own: frozenset[str]
    domains: frozenset[str]
    trusted_authserv_id: str
    read_signed: ReadSigned
    from_trusted: bool = True


def letter_of(arrival: Arrival, mail: ParsedMail, raw_hash: str, room: Mailroom) -> Letter:
    sender = mail.sender.address if mail.sender else ""
    others = {one.address for one in (*mail.to, *mail.cc)} - room.own
    return Letter(
        account=arrival.account,
        brand_id=arrival.brand_id,
        domains=room.domains,
        sender="" if sender in room.own else sender,
        others=frozenset(others),
        message_id=mail.message_id,
        in_reply_to=mail.in_reply_to,
        references=mail.references,
        content_hash=raw_hash,
        dmarc=verdict(mail, room.trusted_authserv_id) if room.from_trusted else "unknown",
    )


def verdict(mail: ParsedMail, trusted_authserv_id: str) -> Dmarc:
    """What our own mail server said about the From address (RFC 8601 §5: only its topmost field is believed)."""
    if not trusted_authserv_id:
        return "unknown"
    ours = (one for one in mail.dmarc if one[0] == trusted_authserv_id.lower())
    _, word, judged = next(ours, ("", "", ""))
    if word == "pass":
        # A mail with two From fields passes by one and would be shown by the other.
        domain = mail.sender.address.rpartition("@")[2] if mail.sender else ""
        return "pass" if domain and domain == judged else "none"
    return "fail" if word == "fail" else "none"


def decide_mail(
    arrival: Arrival, mail: ParsedMail, letter: Letter, files: Sequence[StoredFile], room: Mailroom, known: Known
) -> Decision:
    """The same mail that came by another mailbox of the brand into the same conversation makes no second event."""
    bounces = _bounces(arrival, mail, room.read_signed)
    if bounces:
        return Decision(bounces[0].conversation_id, bounces[0].entry_id, tuple(bounces))
    joined = threading.join(letter, known, room.read_signed)
    note = ThreadNote(joined.thread, mail.message_id, letter.content_hash)
    entry = entry_id(arrival.id)
    if joined.thread.conversation_id in known.copies:
        return Decision(joined.conversation_id, entry, (), note=note)
    event = _message(arrival, mail, letter, files, joined, entry, _kind(arrival, mail, room))
    return Decision(joined.conversation_id, entry, (event,), tuple(files), note)


def _kind(arrival: Arrival, mail: ParsedMail, room: Mailroom) -> AutomaticKind | None:
    """A loop: our own mail came back (our signature as its Message-ID), or a mailbox writes to itself."""
    came_back = mail.message_id is not None and room.read_signed(mail.message_id) is not None
    own_domain = mail.message_id is not None and mail.message_id.rpartition("@")[2].rstrip(">") in room.domains
    if (came_back and own_domain) or (mail.sender is not None and mail.sender.address == arrival.account):
        return "loop"
    if mail.automatic is None and arrival.envelope.get("mail_from") == "<>":
        return "auto_reply"  # RFC 3834 §3.3: what has no return path was not written by a person
    return mail.automatic


def _bounces(arrival: Arrival, mail: ParsedMail, read_signed: ReadSigned) -> list[BounceReceived]:
    status = mail.delivery_status
    ref = read_signed(status.message_id) if status and status.message_id else None
    if status is None or ref is None:
        return []
    return [
        BounceReceived(
            input_id=arrival.id,
            conversation_id=ref.conversation_id,
            entry_id=ref.entry_id,
            recipient=one.address,
            permanent=one.action == "failed" and not one.status.startswith("4"),
            status=one.status,
            diagnostic=one.diagnostic,
            at=arrival.received_at,
        )
        for one in status.recipients
        if one.action in ("failed", "delayed")
    ]


def _message(
    arrival: Arrival,
    mail: ParsedMail,
    letter: Letter,
    files: Sequence[StoredFile],
    joined: Joined,
    entry: str,
    kind: AutomaticKind | None,
) -> Event:
    envelope_from = arrival.envelope.get("mail_from", "").strip("<>").lower()
    who = mail.sender or Mailbox(envelope_from if "@" in envelope_from else NOBODY)
    sender = Handle(kind="email", value=who.address, name=who.name)
    message = Message(
        entry_id=entry,
        direction="in",
        author=Actor(kind="customer", name=who.name or who.address),
        sender=sender,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        quoted_text=mail.quoted_text,
        quoted_html=mail.quoted_html,
        signature_text=mail.signature_text,
        to=_addresses(mail.to),
        cc=_addresses(mail.cc),
        reply_to=Address(address=mail.reply_to.address, name=mail.reply_to.name) if mail.reply_to else None,
        message_id=letter.message_id,
        in_reply_to=letter.in_reply_to,
        references=letter.references,
        attachments=tuple(one.attachment for one in files),
        automatic=kind,
        joined=joined.reason,
        apart=joined.apart,
        dmarc=None if letter.dmarc == "unknown" else letter.dmarc,
        sent_at=datetime.fromisoformat(mail.sent_at) if mail.sent_at else None,
        received_at=arrival.received_at,
    )
    if joined.side_id:
        beside = SideMessageReceived(
            input_id=arrival.id,
            conversation_id=joined.conversation_id,
            side_id=joined.side_id,
            brand_id=arrival.brand_id,
            account=arrival.account,
            sender=sender,
            message=message.model_copy(update={"author": Actor(kind="outside", name=who.name or who.address)}),
        )
        return fitting(beside)
    event = MessageReceived(
        input_id=arrival.id,
        conversation_id=joined.conversation_id,
        brand_id=arrival.brand_id,
        channel="email",
        account=arrival.account,
        sender=sender,
        message=message,
    )
    return fitting(event)


def fitting(event: Heard) -> Heard:
    """JSON escapes can double a text: what the reader misses least goes first, so that Kafka takes the record."""
    for field_name, empty in (("quoted_html", None), ("quoted_text", ""), ("html", None)):
        if _size(event) <= MAX_EVENT_BYTES:
            return event
        event = event.model_copy(update={"message": event.message.model_copy(update={field_name: empty})})
    return event


def _size(event: MessageReceived | SideMessageReceived) -> int:
    message = event.message
    parts = (message.text, message.html or "", message.quoted_text, message.quoted_html or "")
    # No character takes more than six bytes as JSON, so most mails need no second look.
    if sum(map(len, parts)) * 6 < MAX_EVENT_BYTES // 2:
        return 0
    return len(event.model_dump_json().encode())


def _addresses(boxes: Sequence[Mailbox]) -> tuple[Address, ...]:
    return tuple(Address(address=one.address, name=one.name) for one in boxes)
