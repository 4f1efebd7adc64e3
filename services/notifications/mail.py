"""A delivery as a mail: MIME built by the standard library, headers written so that nothing can be injected.

Pure: the files' bytes and the clock's time are passed in, and the same delivery always gives the same bytes,
so that a mail sent again after a crash is known by its Message-ID and differs in nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8, EmailPolicy
from email.utils import format_datetime, formataddr
from html import escape
from urllib.parse import urlsplit

import idna

from services.notifications.model import Mail
from shared.contracts.common import Address, Attachment
from shared.contracts.directory import BrandChanged
from shared.ids import derived

SUBJECT_LENGTH = 900
NAME_LENGTH = 200
REFERENCES = 30
"""How many ids References keeps: the root and the latest ones (RFC 5322 §3.6.4 lets us trim)."""

_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,240}>")
_ADDRESS = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,64}@[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,253}")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")
_CID = re.compile(r"[!-;=?-~]{1,200}")


class _Written(str):
    """A header's value, already folded and encoded; `email` writes it as it is.

    Python before 3.11.11 and 3.12.9 refolds long address lists so that a name's comma or an encoded
    word splits an address in two (CVE-2025-1795), and lets a line end through (CVE-2024-6923).
    """

    name: str

    def __new__(cls, name: str, value: str) -> _Written:
        written = super().__new__(cls, value)
        written.name = name
        return written

    def fold(self, *, policy: EmailPolicy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


def usable(address: str) -> bool:
    """Whether it can stand in an envelope and a header: one mailbox, no spaces, quotes or control characters."""
    if not _ADDRESS.fullmatch(address) or any(unicodedata.category(one) in ("Cc", "Cf", "Zl", "Zp") for one in address):
        return False
    try:
        wire_address(address)
    except ValueError:
        return False
    return True


def wire_address(address: str) -> str:
    """The address as SMTP carries it: the domain in IDNA (RFC 5891); ValueError when it has none."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain if domain.isascii() else idna.encode(domain, uts46=True).decode()}"


def needs_utf8(addresses: Iterable[str]) -> bool:
    """Whether the server must know SMTPUTF8 (RFC 6531): a local part has no other spelling."""
    return not all(wire_address(one).isascii() for one in addresses)


def sender_of(brands: Mapping[str, BrandChanged], brand_id: str) -> Address | None:
    """Who a brand writes as: its name at its first address."""
    brand = brands.get(brand_id)
    if brand is None or not brand.addresses:
        return None
    return Address(address=brand.addresses[0].address, name=brand.name)


def desk_sender(notices_from: str, public_url: str) -> Address:
    """Whom mails to agents come from; never a brand, whose mailbox would take an answer for a customer's."""
    host = urlsplit(public_url).hostname or "localhost"
    return Address(address=notices_from or f"no-reply@{host}", name="Switchboard")


def build_mail(
    mail: Mail,
    *,
    sender: Address,
    delivery_id: str,
    message_id: str | None,
    files: Mapping[str, bytes],
) -> EmailMessage:
    """The message of RFC 5322 and MIME, without Bcc (that is the envelope's alone).

    Text and HTML are alternatives; an inline image that the HTML shows by `cid:` is related to it;
    every other file is attached. `files` has each attachment's bytes by its id.
    """
    shown = [one for one in (sender, *mail.to, *mail.cc) if usable(one.address)]
    policy = SMTPUTF8 if needs_utf8(one.address for one in shown) else SMTP
    # 7bit: bodies go as quoted-printable or base64, so that no hop on the way needs 8BITMIME.
    message = EmailMessage(policy=policy.clone(cte_type="7bit"))
    _write(message, "From", _addresses([sender], len("From: ")))
    for name, people in (("To", mail.to), ("Cc", mail.cc)):
        if people := tuple(one for one in people if usable(one.address)):
            _write(message, name, _addresses(people, len(name) + 2))
    if not (mail.to or mail.cc):
        _write(message, "To", "undisclosed-recipients:;")
    _write(message, "Subject", _encoded(one_line(mail.subject)[:SUBJECT_LENGTH], len("Subject: ")))
    _write(message, "Date", format_datetime(mail.written_at))
    _thread(message, mail, message_id)
    if mail.automatic:
        _write(message, "Auto-Submitted", "auto-replied" if mail.answers else "auto-generated")
    _body(message, mail, files)
    _fix_boundaries(message, delivery_id)
    return message


def one_line(text: str) -> str:
    """Control and format characters become spaces, so that a value can never begin another header."""
    plain = "".join(" " if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") else one for one in text)
    return " ".join(plain.split())


def _write(message: EmailMessage, name: str, value: str) -> None:
    message[name] = _Written(name, value)


def _encoded(text: str, used: int) -> str:
    """RFC 2047 where it is not ASCII; folded so that no line is longer than 76."""
    return Header(text, None if text.isascii() else "utf-8", maxlinelen=76, header_name=" " * used).encode(
        linesep="\r\n"
    )


def _addresses(people: Iterable[Address], used: int) -> str:
    written: list[str] = []
    for one in people:
        address, name = wire_address(one.address), one_line(one.name)[:NAME_LENGTH]
        if name.isascii():
            # formataddr would refuse a local part that is not ASCII, so it only gets the name.
            quoted = formataddr((name, "x")).removesuffix("<x>") if name else ""
            written.append(f"{quoted}<{address}>" if quoted else address)
        else:
            written.append(f"{_encoded(name, used)}\r\n <{address}>")
    return ",\r\n ".join(written)


def _thread(message: EmailMessage, mail: Mail, message_id: str | None) -> None:
    """Message-ID, In-Reply-To and References; an id that is not one is left out."""
    if message_id and _MESSAGE_ID.fullmatch(message_id):
        _write(message, "Message-ID", message_id)
    if mail.in_reply_to and _MESSAGE_ID.fullmatch(mail.in_reply_to):
        _write(message, "In-Reply-To", mail.in_reply_to)
    known = list(dict.fromkeys(one for one in mail.references if _MESSAGE_ID.fullmatch(one)))
    if len(known) > REFERENCES:
        known = [known[0], *known[1 - REFERENCES :]]
    if known:
        _write(message, "References", "\r\n ".join(known))


def _body(message: EmailMessage, mail: Mail, files: Mapping[str, bytes]) -> None:
    message.set_content(_lines(mail.text))
    shown_inline: list[Attachment] = []
    if mail.html is not None:
        # On a block of our own: mail programs that show mails in a page take the body away, and its direction with it.
        words = f'<div dir="auto">{mail.html}</div>'
        page = f'<!doctype html><html><head><meta charset="utf-8"></head><body>{words}</body></html>'
        message.add_alternative(_lines(page), subtype="html")
        shown_inline = [one for one in mail.attachments if _is_shown(one, mail.html)]
        html = next(part for part in message.walk() if part.get_content_type() == "text/html")
        for one in shown_inline:
            main, sub = _media_type(one)
            cid = f"<{one.content_id}>"
            html.add_related(files[one.id], main, sub, cid=cid, disposition="inline", filename=_file_name(one))
    for one in mail.attachments:
        if one not in shown_inline:
            main, sub = _media_type(one)
            message.add_attachment(files[one.id], main, sub, filename=_file_name(one))


def _lines(text: str) -> str:
    """Line ends as Python's email package wants them; it cannot encode lone surrogates."""
    return text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode() + "\n"


def _is_shown(one: Attachment, html: str) -> bool:
    if not one.content_id or not _CID.fullmatch(one.content_id):
        return False
    return f"cid:{one.content_id}" in html or f"cid:{escape(one.content_id)}" in html


def _media_type(one: Attachment) -> tuple[str, str]:
    """A kind that may carry base64; a multipart or a message inside must not be re-encoded (RFC 2046 §5)."""
    media_type = one.content_type.split(";")[0].strip().lower()
    if not _MEDIA_TYPE.fullmatch(media_type) or media_type.startswith(("multipart/", "message/")):
        media_type = "application/octet-stream"
    main, _, sub = media_type.partition("/")
    return main, sub


def _file_name(one: Attachment) -> str:
    return one_line(one.name).replace("/", "_").replace("\\", "_")[:NAME_LENGTH] or "file"


def _fix_boundaries(message: EmailMessage, delivery_id: str) -> None:
    """Boundaries that follow from the delivery; by themselves they would be random."""
    for n, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{derived('boundary', delivery_id, str(n))}")
