"""A mail is accepted: by SMTP, by HTTP, or replayed. Emits MessageReceived or BounceReceived; key: conversation.

Idempotent by (mailbox, Message-ID, bytes). Nothing of a mail is lost because it cannot be read: then the message
says so and carries the original.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from services.ingest.channels.email import headers
from services.ingest.channels.email.pool import Unreadable
from services.ingest.channels.email.tree import header
from services.ingest.handlers.intake import Intake, labelled
from services.ingest.model.arrival import Accepted, Arrival, Draft, content_hash, mail_input_id
from services.ingest.model.mail import MAX_RAW_BYTES, ParsedFile, ParsedMail
from services.ingest.model.mail_event import Mailroom, decide_mail, letter_of
from services.ingest.model.threading import quoted_ids, root_conversation
from shared import metrics
from shared.contracts.directory import BrandChanged
from shared.errors import FieldError, Invalid, Transient
from shared.logs import get_logger
from shared.proxies import is_in

log = get_logger(__name__)

MAIL_TYPE = "message/rfc822"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A brand's address that a mail came to."""

    address: str
    brand: BrandChanged


def mailbox_of(intake: Intake, recipient: str) -> Mailbox | None:
    """The brand's mailbox for a recipient; `support+order7@` is `support@` (RFC 5233)."""
    address = recipient.strip().strip("<>").lower()
    brand = intake.directory.brand_of_address(address)
    if brand is None:
        return None
    local, _, domain = address.partition("@")
    listed = {one.address.lower() for one in brand.addresses}
    return Mailbox(address if address in listed else f"{local.partition('+')[0]}@{domain}", brand)


def may_be_ours(intake: Intake) -> str | None:
    """Why nobody may be told for good that a recipient is not ours; None: they may. A desk that knows of no brand yet
    is being set up: a mail that is refused meanwhile would be lost to it."""
    return intake.directory.missing() or (None if intake.directory.brands else "no brand is known here yet")


async def accept_mail(
    intake: Intake, raw: bytes, recipients: Sequence[str], envelope: dict[str, str]
) -> list[Accepted]:
    """One input for each of our mailboxes among `recipients`, durable when it returns.

    `recipients` empty: they are taken from the mail's own headers. Raises Invalid when none is ours.
    """
    if not raw.strip():
        raise Invalid("empty_mail", "The body is empty; send the raw mail (RFC 5322).")
    mail = await _understood(intake, raw)
    named = list(recipients) or [*mail.delivered_to, *(one.address for one in (*mail.to, *mail.cc))]
    found = {box.address: box for box in (mailbox_of(intake, one) for one in named) if box is not None}
    if not found:
        said = may_be_ours(intake)
        if said is not None:
            raise Transient(said)
        path = "rcpt" if recipients else "To"
        raise Invalid(
            "unknown_recipient",
            "None of the recipients is an address of a brand here. Add the address to a brand, or name it in `rcpt`.",
            (FieldError(path, "no address of a brand"),),
        )
    hashes = await intake.keep_bytes(mail.files)
    return [await _accept_one(intake, raw, mail, hashes, box, envelope) for box in found.values()]


async def _accept_one(
    intake: Intake, raw: bytes, mail: ParsedMail, hashes: list[str], box: Mailbox, envelope: dict[str, str]
) -> Accepted:
    raw_hash = content_hash(raw)
    input_id = mail_input_id(box.address, mail.message_id, raw_hash)
    brand = box.brand
    arrival = Arrival(
        id=input_id,
        channel="email",
        account=box.address,
        brand_id=brand.brand_id,
        received_at=intake.clock(),
        raw=raw,
        content_type=MAIL_TYPE,
        envelope=envelope,
        correlation_id=input_id,
    )
    room = Mailroom(
        own=frozenset(one.address.lower() for every in intake.directory.brands.values() for one in every.addresses),
        domains=frozenset(one.address.rpartition("@")[2].lower() for one in brand.addresses),
        trusted_authserv_id=intake.trusted_authserv_id,
        read_signed=intake.signer.read_message_id,
        from_trusted=_from_trusted(intake, envelope),
    )
    letter = letter_of(arrival, mail, raw_hash, room)
    files = [labelled(file, sha256) for file, sha256 in zip(mail.files, hashes, strict=True)]
    own = (mail.message_id,) if mail.message_id else ()
    draft = Draft(
        arrival,
        functools.partial(decide_mail, arrival, mail, letter, files, room),
        references=(*quoted_ids(letter), *own),
        root_id=root_conversation(letter),
        content_hash=raw_hash,
    )
    (accepted,) = await intake.store.accept([draft])
    log.info("mail accepted", input_id=input_id, duplicate=accepted.duplicate, size_bytes=len(raw), account=box.address)
    return accepted


def _from_trusted(intake: Intake, envelope: dict[str, str]) -> bool:
    """Whether it came from our own mail server: by SMTP from its network, or by HTTP from who holds the token."""
    peer = envelope.get("peer")
    return peer is None or is_in(peer, intake.trusted_mail_networks)


async def _understood(intake: Intake, raw: bytes) -> ParsedMail:
    if len(raw) > MAX_RAW_BYTES:
        raise Invalid("too_large", "A mail may have 40 MiB.")
    try:
        return await intake.parser.parse(raw)
    except Unreadable as error:
        metrics.mail_unreadable.inc()
        log.warning("mail unreadable", why=str(error), size_bytes=len(raw))
        return unreadable(raw)


def unreadable(raw: bytes) -> ParsedMail:
    """What stands for a mail that could not be parsed: the plain fields of its header, and the original as a file."""
    said = "This mail could not be read. The original is attached; it opens in a mail program."
    original = ParsedFile("original.eml", MAIL_TYPE, raw)
    try:
        message = header(raw[: 64 * 1024])
        senders = headers.mailboxes(message, "From")
        return ParsedMail(
            subject=headers.text_of(message, "Subject"),
            sender=senders[0] if senders else None,
            to=headers.mailboxes(message, "To"),
            delivered_to=tuple(one.address for one in headers.mailboxes(message, "X-Original-To", "Delivered-To")),
            message_id=headers.own_message_id(message),
            references=headers.message_ids(message, "References", "In-Reply-To"),
            sent_at=headers.date_of(message),
            text=said,
            files=(original,),
            problems=(said,),
        )
    except (ValueError, LookupError, TypeError, RecursionError):
        return ParsedMail(text=said, files=(original,), problems=(said,))
