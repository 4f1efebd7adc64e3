"""Header fields as they really come: encoded words split in bad places, raw 8-bit, broken addresses and ids.

Nothing here raises on any header; what cannot be understood is left out.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import getaddresses, parsedate_to_datetime

from services.ingest.channels.email.tree import Part
from services.ingest.channels.email.words import clean_line, codec_of, decoded
from services.ingest.model.mail import MAX_ADDRESSES, MAX_HEADER_CHARS, MAX_REFERENCES, MAX_SUBJECT_CHARS, Mailbox

_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = re.compile(r"(\?=)\s+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
_QUOTED_BYTE = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_FOLD = re.compile(r"[\r\n]+[ \t]?")
_ID = re.compile(r"<([^<>]{1,998})>")
_BARE_ID = re.compile(r"[^\s<>,;\"()]{1,250}@[^\s<>,;\"()]{1,250}")
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\\]{1,255}")
_ATOM = r"[^\s()<>@,:;\"\[\]\\]++"
_PLAIN_ADDRESS = r"[\w!#$%&'*+/=?^`{|}~-]++(?:\.[\w!#$%&'*+/=?^`{|}~-]++)*+@[A-Za-z0-9-]++(?:\.[A-Za-z0-9-]++)*+"
_USUAL = re.compile(
    rf'[ ]*+(?:(?:"([^"\\]*+)"|({_ATOM}(?: {_ATOM})*+))?[ ]*+<({_PLAIN_ADDRESS})>|({_PLAIN_ADDRESS}))[ ]*+(?:,|$)'
)
"""A mailbox as most are written, and what ends it: "Ann" <a@b.c>, Ann B. <a@b.c>, <a@b.c>, a@b.c (RFC 5322 §3.4)."""
_DMARC = re.compile(r"\s*dmarc\s*(?:/\s*\d{1,3}\s*)?=\s*([a-z]+)", re.IGNORECASE)
_HEADER_FROM = re.compile(r"\sheader\.from\s*=\s*(?:[^\s;@]{1,64}@)?([^\s;@]{1,255})", re.IGNORECASE)
_QUOTED_OR_ESCAPED = re.compile(r'"(?:[^"\\]|\\.)*"?|\\.|[()]', re.DOTALL)
_ESCAPED_OR_BRACKET = re.compile(r"\\.|[()]", re.DOTALL)


def raw_value(message: Part, name: str) -> str:
    """The first field of that name, unfolded, raw 8-bit bytes decoded; "" when there is none."""
    values = raw_values(message, name)
    return values[0] if values else ""


def raw_values(message: Part, name: str) -> list[str]:
    return [_unfolded(value) for value in message.by_name.get(name.lower(), ())]


def _unfolded(value: str) -> str:
    text = value[:MAX_HEADER_CHARS]
    if "\n" in text or "\r" in text:
        text = _FOLD.sub(" ", text)
    if text.isascii():
        return text.strip()
    return decoded(
        text.encode("ascii", "surrogateescape") if _escaped(text) else text.encode("utf-8", "replace")
    ).strip()


def _escaped(text: str) -> bool:
    return all(c < "\x80" or "\udc80" <= c <= "\udcff" for c in text)


@dataclass
class _Run:
    """Encoded words of one charset that follow each other: their bytes, and base64 that broke off within a group."""

    charset: str = ""
    data: bytes = b""
    rest: str = ""

    def add(self, kind: str, payload: str) -> None:
        if kind in "qQ":
            self._close_base64()
            raw = payload.encode("utf-8", "replace").replace(b"_", b" ")
            self.data += _QUOTED_BYTE.sub(lambda hit: bytes((int(hit.group(1), 16),)), raw)
            return
        clean = self.rest + _NOT_BASE64.sub("", payload)
        whole = len(clean) // 4 * 4
        self.data += base64.b64decode(clean[:whole])
        self.rest = clean[whole:]
        if "=" in payload:
            self._close_base64()

    def text(self) -> str:
        self._close_base64()
        return decoded(self.data, self.charset) if self.data else ""

    def _close_base64(self) -> None:
        if len(self.rest) > 1:  # one character alone is less than a byte
            self.data += base64.b64decode(self.rest + "=" * (4 - len(self.rest)))
        self.rest = ""


def unencoded(text: str) -> str:
    """RFC 2047 words decoded. Neighbours of one charset are joined as bytes first, because some senders
    cut a multi-byte character, or a group of base64, in two."""
    if "=?" not in text:
        return text
    text = _BETWEEN.sub(r"\1", text)
    out: list[str] = []
    run, end = _Run(), 0
    for found in _WORD.finditer(text):
        label = found.group(1).split("*")[0].lower()
        if found.start() != end or label != run.charset or not _joinable(label):
            out += (run.text(), text[end : found.start()])
            run = _Run(label)
        run.add(found.group(2), found.group(3))
        end = found.end()
    return "".join([*out, run.text(), text[end:]])


def _joinable(charset: str) -> bool:
    # A stateful charset ends each word in its first state, so its words stand alone.
    return not (codec_of(charset) or "").startswith("iso2022")


def text_of(message: Part, name: str, limit: int = MAX_SUBJECT_CHARS) -> str:
    """A field for a person to read: decoded, one line."""
    return clean_line(unencoded(raw_value(message, name)), limit)


def mailboxes(message: Part, *names: str) -> tuple[Mailbox, ...]:
    """The addresses in all fields of these names, each once, at most `MAX_ADDRESSES`."""
    values = [value for name in names for value in raw_values(message, name)]
    if not values:
        return ()
    joined = ", ".join(values)[:MAX_HEADER_CHARS]
    found: dict[str, Mailbox] = {}
    for name, address in pairs(joined)[: MAX_ADDRESSES * 2]:
        clean = address_of(address)
        if clean and clean not in found:
            found[clean] = Mailbox(clean, clean_line(unencoded(name), 200))
    if not found:
        for hit in _ADDRESS.finditer(unencoded(joined)):
            clean = address_of(hit.group())
            if clean:
                found.setdefault(clean, Mailbox(clean))
    return tuple(found.values())[:MAX_ADDRESSES]


def pairs(text: str) -> list[tuple[str, str]]:
    """(name, address) of each mailbox. Where every one is written as most are, they are read in a tenth of the
    library's time, and as it reads them."""
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        hit = _USUAL.match(text, at)
        if hit is None:
            try:
                return getaddresses([text])
            except (RecursionError, ValueError, IndexError, TypeError):
                return []
        # Python 3.11.2 lets a group go on over what its possessive repetition gave back.
        found.append((hit[1] or (hit[2] or "").rstrip(" "), hit[3] or hit[4]))
        at = hit.end()
    return found


def address_of(text: str) -> str:
    """A usable address in lower case, or ""."""
    address = clean_line(text, 330).strip("<>'\" .,;").replace(" ", "").lower()
    return address if len(address) <= 320 and _ADDRESS.fullmatch(address) else ""


def message_ids(message: Part, *names: str) -> tuple[str, ...]:
    """Message-IDs with angle brackets, in order, each once. Space inside one (a bad fold) is taken out.
    The first (the thread's root) and the last `MAX_REFERENCES` are kept."""
    found: dict[str, None] = {}
    for name in names:
        for value in raw_values(message, name):
            # Python's own email package writes ids above 78 characters, and so all of ours, as encoded words.
            plain = unencoded(value)
            hits = _ID.findall(plain) or _BARE_ID.findall(plain)
            for hit in hits:
                clean = clean_line(hit, 998).replace(" ", "")
                if clean:
                    found[f"<{clean}>"] = None
    ids = tuple(found)
    return ids if len(ids) <= MAX_REFERENCES else (ids[0], *ids[1 - MAX_REFERENCES :])


def own_message_id(message: Part) -> str | None:
    """The mail's Message-ID, or what stands in its place when it is not of the right form, or None."""
    ids = message_ids(message, "Message-ID")
    if ids:
        return ids[0]
    bare = clean_line(unencoded(raw_value(message, "Message-ID")), 250).strip("<>").replace(" ", "")
    return f"<{bare}>" if bare else None


def date_of(message: Part) -> str | None:
    """The Date field as ISO 8601 in UTC with whole milliseconds; None when missing or absurd."""
    try:
        at = parsedate_to_datetime(raw_value(message, "Date"))
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return at.isoformat(timespec="milliseconds") if datetime(1970, 1, 2, tzinfo=UTC) < at else None


def dmarc_claims(message: Part) -> tuple[tuple[str, str, str], ...]:
    """(server, verdict, domain of the From that was judged) of each Authentication-Results field that speaks of DMARC
    (RFC 8601 §2.2), topmost first. Only claims: anybody can write such a field, so the reader believes none but its
    own server's."""
    claims: list[tuple[str, str, str]] = []
    for value in raw_values(message, "Authentication-Results")[:10]:
        server, *results = _said(value).split(";")
        if len(value) >= MAX_HEADER_CHARS and results:
            results.pop()  # cut off, and half of a domain may be another's
        for one in results:
            verdict = _DMARC.match(one)
            if server.split() and verdict:
                judged = _HEADER_FROM.search(one)
                domain = judged.group(1).lower().rstrip(".") if judged else ""
                claims.append((clean_line(server.split()[0], 255).lower(), verdict.group(1).lower(), domain))
                break
    return tuple(claims)


def _said(value: str) -> str:
    """A field without what stands in quotes and in comments, which may hold comments (RFC 5322 §3.2.2): there the
    sender chose the words (an address, a reason), and they must not be read as a result. What is never closed goes to
    the end."""
    kept: list[str] = []
    at = 0
    while found := _QUOTED_OR_ESCAPED.search(value, at):
        kept.append(value[at : found.start()])
        at = _after_comment(value, found.end()) if found.group() == "(" else found.end()
        kept.append(" ")
    return "".join([*kept, value[at:]])


def _after_comment(value: str, at: int) -> int:
    depth = 1
    while depth and (found := _ESCAPED_OR_BRACKET.search(value, at)):
        at = found.end()
        depth += {"(": 1, ")": -1}.get(found.group(), 0)
    return at if depth == 0 else len(value)
