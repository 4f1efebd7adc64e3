"""Raw RFC 5322 bytes → `ParsedMail`. CPU-bound and fed by strangers, so it runs in `worker`, never in the service.

The tree is read with the standard library's parser in its lenient policy (compat32): header by header decoding is
ours (`headers`), as the stricter policies raise, or take quadratic time, on fields that exist in real mail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from services.ingest.channels.email import headers, html, recognise, split, words
from services.ingest.channels.email.tree import Part, tree
from services.ingest.model.mail import (
    MAX_DEPTH,
    MAX_HTML_BYTES,
    MAX_PARTS,
    MAX_QUOTED_BYTES,
    MAX_QUOTED_HTML_BYTES,
    MAX_TEXT_BYTES,
    ParsedFile,
    ParsedMail,
)

_MAX_BODY_CHARS = 2 * 1024 * 1024
_BODY_TYPES = ("text/plain", "text/html")
_SUFFIX = {"text/calendar": "invite.ics", "message/rfc822": "message.eml", "application/ms-tnef": "winmail.dat"}
_PARAM = re.compile(r"""(?:file)?name\*?(?:0\*?)?\s*=\s*(?:"([^"]{1,500})"|([^;\s]{1,500}))""", re.IGNORECASE)


@dataclass
class _Found:
    """What the walk over the tree collects."""

    texts: list[str] = field(default_factory=list)
    htmls: list[str] = field(default_factory=list)
    files: list[ParsedFile] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    parts: int = 0

    def note(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)


def parse(raw: bytes) -> ParsedMail:
    """Understand one mail. Broken input gives less, not an error; `problems` says what was left out.

    Raises `tree.TooMuch` when it is made to keep a reader busy."""
    message = tree(raw)
    found = _Found()
    _walk(message, found, depth=0, in_related=False)
    if found.problems:
        found.files.append(ParsedFile("original.eml", "message/rfc822", raw))
    status = recognise.delivery_status(message)
    senders = headers.mailboxes(message, "From") or headers.mailboxes(message, "Sender")
    sender = senders[0] if senders else None
    reply_to = headers.mailboxes(message, "Reply-To")
    in_reply_to = headers.message_ids(message, "In-Reply-To")
    text, quoted, signature = _text_of(found)
    safe, safe_quoted = _html_of(found)
    if safe and not text:
        plain = split.split(html.as_text(safe))
        text, quoted, signature = plain.text, words.cut(plain.quoted, MAX_QUOTED_BYTES), plain.signature[:10_000]
    return ParsedMail(
        subject=headers.text_of(message, "Subject"),
        sender=sender,
        to=headers.mailboxes(message, "To"),
        cc=headers.mailboxes(message, "Cc"),
        reply_to=reply_to[0] if reply_to else None,
        delivered_to=tuple(one.address for one in headers.mailboxes(message, "X-Original-To", "Delivered-To")),
        message_id=headers.own_message_id(message),
        in_reply_to=in_reply_to[0] if in_reply_to else None,
        references=headers.message_ids(message, "References"),
        sent_at=headers.date_of(message),
        text=words.cut(text, MAX_TEXT_BYTES),
        quoted_text=quoted,
        signature_text=signature,
        html=safe,
        quoted_html=safe_quoted,
        automatic=recognise.automatic_kind(message, sender.address if sender else "", status),
        delivery_status=status,
        dmarc=headers.dmarc_claims(message),
        files=tuple(found.files),
        problems=tuple(found.problems),
    )


def _text_of(found: _Found) -> tuple[str, str, str]:
    whole = "\n\n".join(found.texts)
    parts = split.split(words.clean_text(whole[:_MAX_BODY_CHARS]))
    text, quoted = words.cut(parts.text, MAX_TEXT_BYTES), words.cut(parts.quoted, MAX_QUOTED_BYTES)
    if len(whole) > _MAX_BODY_CHARS or text != parts.text or quoted != parts.quoted:
        found.files.append(ParsedFile("message.txt", "text/plain", whole.encode("utf-8", "replace")))
    return text, quoted, words.cut(parts.signature, 10_000)


def _html_of(found: _Found) -> tuple[str | None, str | None]:
    if not found.htmls:
        return None, None
    whole = "\n<br>\n".join(found.htmls)
    shown = html.bounded(whole)
    if len(whole) > MAX_HTML_BYTES + MAX_QUOTED_HTML_BYTES or shown != whole:
        found.files.append(ParsedFile("message.html", "text/html", whole.encode("utf-8", "replace")))
    new, quoted = split.split_html(shown)
    safe, safe_quoted = html.sanitised(new, MAX_HTML_BYTES), html.sanitised(quoted, MAX_QUOTED_HTML_BYTES)
    if safe_quoted and not html.has_content(safe):
        safe, safe_quoted = html.sanitised(quoted, MAX_HTML_BYTES), ""
    return safe or None, safe_quoted or None


def _walk(part: Part, found: _Found, *, depth: int, in_related: bool) -> None:
    found.parts += 1
    if depth > MAX_DEPTH or found.parts > MAX_PARTS:
        found.note("This mail has too many or too deeply nested parts; the original is attached.")
        return
    if isinstance(part, Part) and part.fields_left_out:
        found.note("This mail has too many header fields; the original is attached.")
    kind = part.get_content_type()
    if kind.startswith("multipart/") and not part.is_multipart():
        kind = "text/plain"  # its boundary is missing or never appears, so all of it is one text
    elif kind.startswith("multipart/"):
        children = [child for child in part.get_payload() if isinstance(child, Part)]
        if kind == "multipart/alternative":
            _alternative(children, found, depth)
            return
        for child in children:
            _walk(child, found, depth=depth + 1, in_related=in_related or kind == "multipart/related")
        return
    _leaf(part, kind, found, in_related)


def _alternative(children: list[Part], found: _Found, depth: int) -> None:
    """RFC 2046 §5.1.4: the same thing several ways. The last plain and the last HTML are kept, others are files."""
    chosen: dict[str, Part] = {}
    for child in children:
        chosen[child.get_content_type()] = child
    for child in children:
        kind = child.get_content_type()
        if kind in _BODY_TYPES and chosen[kind] is not child:
            found.parts += 1
            continue
        _walk(child, found, depth=depth + 1, in_related=False)


def _leaf(part: Part, kind: str, found: _Found, in_related: bool) -> None:
    disposition = headers.raw_value(part, "Content-Disposition").split(";")[0].strip().lower()
    name = _name_of(part)
    content_ids = headers.message_ids(part, "Content-ID") or (headers.raw_value(part, "Content-ID")[:250],)
    content_id = content_ids[0].strip("<> ") or None
    if kind in _BODY_TYPES and disposition != "attachment" and not (name and disposition == "inline"):
        body = _body(part, kind)
        if body.strip():
            (found.texts if kind == "text/plain" else found.htmls).append(body)
        return
    data = _bytes_of(part)
    if not data and not name:
        return
    inline = kind.startswith("image/") and disposition != "attachment" and (in_related or content_id is not None)
    found.files.append(ParsedFile(name or _default_name(part, kind), kind, data, inline, content_id))


def _body(part: Part, kind: str) -> str:
    raw = _bytes_of(part)
    charset = _param(part, "charset")
    if kind == "text/html":
        return words.decoded(raw, charset or words.meta_charset(raw))
    text = words.decoded(raw, charset)
    return _unflowed(text, _param(part, "delsp") == "yes") if _param(part, "format") == "flowed" else text


def _unflowed(text: str, delete_space: bool) -> str:
    """RFC 3676: a line that ends in a space goes on in the next one; quoted lines and "-- " stay as they are."""
    out: list[str] = []
    open_line = False
    for line in text.replace("\r\n", "\n").split("\n"):
        quoted = line.startswith(">")
        plain = line[1:] if line.startswith(" ") else line
        if open_line and not quoted and line != "-- ":
            out[-1] += plain
        else:
            out.append(plain)
        open_line = plain.endswith(" ") and not quoted and line != "-- "
        if open_line and delete_space:
            out[-1] = out[-1][:-1]
    return "\n".join(out)


def _bytes_of(part: Part) -> bytes:
    """The decoded content. A `message/*` part is written out again; broken base64 gives what there is."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return b"\n".join(_written(one) for one in payload if isinstance(one, Part))
    decoded = part.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else str(payload).encode("utf-8", "surrogateescape")


def _written(inner: Part) -> bytes:
    try:
        return inner.as_bytes()
    except (ValueError, LookupError, TypeError, AttributeError):
        return str(inner.get_payload()).encode("utf-8", "surrogateescape")


def _param(part: Part, name: str) -> str:
    if name not in headers.raw_value(part, "Content-Type").lower():
        return ""  # the library takes the whole field apart to find it out
    try:
        value = part.get_param(name, "")
    except (ValueError, IndexError, TypeError, LookupError):
        return ""
    if isinstance(value, tuple):
        value = value[2]
    return str(value).strip().lower()[:60]


def _name_of(part: Part) -> str:
    """The file's name: RFC 2231 where it is right, encoded words and raw 8-bit where it is not."""
    if not any("name" in headers.raw_value(part, one).lower() for one in ("Content-Disposition", "Content-Type")):
        return ""
    try:
        name = part.get_filename("") or ""
    except (ValueError, IndexError, TypeError, LookupError):
        name = ""
    if not name or "\ufffd" in name:
        for field_name in ("Content-Disposition", "Content-Type"):
            hit = _PARAM.search(headers.raw_value(part, field_name))
            if hit:
                name = hit.group(1) or hit.group(2)
                break
    return words.clean_line(headers.unencoded(name), 250)


def _default_name(part: Part, kind: str) -> str:
    if kind == "message/rfc822":
        payload = part.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload else None
        subject = headers.text_of(inner, "Subject", 100) if isinstance(inner, Part) else ""
        return f"{subject}.eml" if subject else _SUFFIX[kind]
    if kind in _SUFFIX:
        return _SUFFIX[kind]
    main, _, sub = kind.partition("/")
    suffix = re.sub(r"[^a-z0-9]", "", sub)[:10]
    return f"{main if main in ('image', 'audio', 'video') else 'part'}.{suffix or 'bin'}"
