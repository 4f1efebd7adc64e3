"""Short texts and mail headers drawn from messages: previews, answer chains, who an answer goes to."""

from __future__ import annotations

from collections.abc import Iterable

from services.tickets.model.state import Desk
from shared.contracts.common import Address, Attachment, Handle, Message
from shared.contracts.conversations import Participants

DESCRIPTION_CHARS = 300
PREVIEW_CHARS = 160
SUBJECT_CHARS = 500
NAME_CHARS = 200
REFERENCES_MAX = 20
"""RFC 5322 §3.6.4 sets no bound; mail servers do (a header of some 2 KB). The first and the latest stay."""


def shorten(text: str, limit: int) -> str:
    """One line of at most `limit` characters, cut at a word where there is one."""
    line = " ".join(text[: limit * 2].split())
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    head, space, _ = cut.rpartition(" ")
    return (head if space and len(head) > limit // 2 else cut) + "…"


def summary(text: str, attachments: tuple[Attachment, ...], limit: int) -> str:
    """What a message says in one line; a message of files alone names the first."""
    line = shorten(text, limit)
    if line or not attachments:
        return line
    more = f" and {len(attachments) - 1} more" if len(attachments) > 1 else ""
    return shorten(f"Attachment: {attachments[0].name}{more}", limit)


def nameless(handle: Handle) -> str:
    """How the list names somebody without a name: by address or number, a visitor by a short code."""
    if handle.kind == "visitor":
        return f"Visitor {handle.value[:4].upper()}"
    return handle.value.partition(":")[2] if handle.kind == "external" and ":" in handle.value else handle.value


def chain(references: Iterable[str], message_id: str | None) -> tuple[str, ...]:
    """References for an answer to a message: its own, then its id (RFC 5322 §3.6.4), bounded."""
    ids = list(dict.fromkeys((*references, *([message_id] if message_id else []))))
    if message_id and ids[-1] != message_id:
        ids.remove(message_id)
        ids.append(message_id)
    if len(ids) > REFERENCES_MAX:
        ids = [ids[0], *ids[-(REFERENCES_MAX - 1) :]]
    return tuple(ids)


def answer_to(message: Message, sender: Handle, desk: Desk) -> Participants:
    """Who an answer to this mail goes to: its sender (or Reply-To), and in copy the others, never ourselves."""
    to = message.reply_to or Address(address=sender.value, name=sender.name)
    seen = {to.address, sender.value}
    others: list[Address] = []
    for address in (*message.to, *message.cc):
        if address.address not in seen and not desk.is_ours(address.address):
            seen.add(address.address)
            others.append(address)
    return Participants(to=(to,), cc=tuple(others))


def answer_subject(subject: str) -> str:
    """`Re: ` once, in whatever case it stands already."""
    return subject if subject[:3].lower() == "re:" else f"Re: {subject}".strip()
