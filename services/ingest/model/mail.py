"""A mail after parsing: plain values that cross from the parsing process to ours as JSON and bytes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # the parsing process is light: it loads no pydantic
    from shared.contracts.common import AutomaticKind


MAX_RAW_BYTES = 40 * 1024 * 1024
MAX_DEPTH = 20
MAX_PARTS = 200
MAX_TREE_DEPTH = 40
MAX_TREE_PARTS = 2000
"""Up to the first two the parts are shown; above the others the mail is not read at all."""
MAX_FIELDS = 1000
MAX_CONTENT_FIELD_CHARS = 8 * 1024
MAX_ADDRESSES = 200
MAX_REFERENCES = 50
MAX_HEADER_CHARS = 64 * 1024
MAX_SUBJECT_CHARS = 998
MAX_TEXT_BYTES = 150_000
MAX_QUOTED_BYTES = 80_000
MAX_HTML_BYTES = 200_000
MAX_QUOTED_HTML_BYTES = 100_000
"""Together below 900 kB of JSON: Kafka refuses a record above 1 MiB. What is cut off stays in the attached original."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """`address` in lower case, `name` decoded and free of control and direction characters."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A part that is kept as a file. `name` as the sender wrote it; `model.files` makes it safe."""

    name: str
    content_type: str
    data: bytes = field(repr=False)
    inline: bool = False
    content_id: str | None = None


@dataclass(frozen=True, slots=True)
class FailedRecipient:
    """One per-recipient group of a delivery status notification (RFC 3464 §2.3)."""

    address: str
    action: str
    status: str = ""
    diagnostic: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """A DSN: the Message-ID of the mail it is about (None when it was not returned) and its recipients."""

    message_id: str | None
    recipients: tuple[FailedRecipient, ...]


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """`text` is the new text alone. `sent_at` is ISO 8601 or None. `dmarc` holds every (server, verdict, From
    domain) claimed in Authentication-Results headers, topmost first. `problems` are sentences for the agent."""

    subject: str = ""
    sender: Mailbox | None = None
    to: tuple[Mailbox, ...] = ()
    cc: tuple[Mailbox, ...] = ()
    reply_to: Mailbox | None = None
    delivered_to: tuple[str, ...] = ()
    message_id: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    sent_at: str | None = None
    text: str = ""
    quoted_text: str = ""
    signature_text: str = ""
    html: str | None = None
    quoted_html: str | None = None
    automatic: AutomaticKind | None = None
    delivery_status: DeliveryStatus | None = None
    dmarc: tuple[tuple[str, str, str], ...] = ()
    files: tuple[ParsedFile, ...] = ()
    problems: tuple[str, ...] = ()

    def packed(self) -> tuple[bytes, list[bytes]]:
        """(JSON of everything but the files' bytes, the files' bytes in order)."""
        plain = asdict(self)
        for one in plain["files"]:
            one["data"] = len(one["data"])
        return json.dumps(plain).encode(), [one.data for one in self.files]


def unpacked(head: bytes, blobs: list[bytes]) -> ParsedMail:
    """The inverse of `ParsedMail.packed`. Raises ValueError, KeyError or TypeError when it is not one."""
    plain: dict[str, Any] = json.loads(head)
    files = tuple(ParsedFile(**{**one, "data": data}) for one, data in zip(plain.pop("files"), blobs, strict=True))
    status = plain.pop("delivery_status")
    return ParsedMail(
        sender=_mailbox(plain.pop("sender")),
        to=tuple(Mailbox(**one) for one in plain.pop("to")),
        cc=tuple(Mailbox(**one) for one in plain.pop("cc")),
        reply_to=_mailbox(plain.pop("reply_to")),
        delivered_to=tuple(plain.pop("delivered_to")),
        references=tuple(plain.pop("references")),
        problems=tuple(plain.pop("problems")),
        dmarc=tuple((server, verdict, domain) for server, verdict, domain in plain.pop("dmarc")),
        delivery_status=None
        if status is None
        else DeliveryStatus(status["message_id"], tuple(FailedRecipient(**one) for one in status["recipients"])),
        files=files,
        **plain,
    )


def _mailbox(plain: dict[str, str] | None) -> Mailbox | None:
    return None if plain is None else Mailbox(**plain)
