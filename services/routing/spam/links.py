"""Where the links of a message lead, and whether they say so. The HTML is ingest's, made harmless and well formed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from ipaddress import ip_address
from urllib.parse import urlsplit

from shared.contracts.common import Message

HTML_CHARS = 200_000
LINKS = 200
"""Looked at of one message."""

_ANCHOR = re.compile(r'<a\b[^<>]*?\shref="([^"<>]{1,2000})"[^<>]*>', re.IGNORECASE)
_END = "</a>"
_TAG = re.compile(r"<[^<>]*>")
_BARE = re.compile(r"\bhttps?://[^\s<>\"'()\[\]]{1,2000}", re.IGNORECASE)
_NAMED = re.compile(
    r"^(?:https?://)?((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24})(?:[/?#:].*)?$", re.IGNORECASE
)
_SECOND = frozenset({"co", "com", "net", "org", "gov", "ac", "edu", "ne", "or", "gob", "nom"})
"""Under which countries give out names: example.co.uk is one owner's."""


@dataclass(frozen=True, slots=True)
class Link:
    """`host` is where it leads; `shown` the host that its text names, "" when it names none."""

    host: str
    shown: str = ""

    @property
    def deceives(self) -> bool:
        """Its text names somebody else's host."""
        return bool(self.shown) and owner(self.shown) != owner(self.host)

    @property
    def hides(self) -> bool:
        """A bare number for a host, or one written in letters that look like others (RFC 3492)."""
        return self.host.startswith("xn--") or ".xn--" in self.host or _is_number(self.host)


def links_of(message: Message) -> tuple[Link, ...]:
    """Of the HTML, or of the text where there is none."""
    found = _anchors(message.html[:HTML_CHARS]) if message.html else _bare(message.text[:HTML_CHARS])
    return tuple(link for _, link in zip(range(LINKS), found, strict=False))


def _anchors(html: str) -> Iterator[Link]:
    for anchor in _ANCHOR.finditer(html):
        host = _host(unescape(anchor.group(1)))
        if not host:
            continue
        end = html.find(_END, anchor.end(), anchor.end() + 2_000)
        text = unescape(_TAG.sub("", html[anchor.end() : end])).strip() if end > 0 else ""
        named = _NAMED.match(text[:300])
        yield Link(host, named.group(1).lower() if named else "")


def _bare(text: str) -> Iterator[Link]:
    for found in _BARE.finditer(text):
        if host := _host(found.group()):
            yield Link(host)


def _host(address: str) -> str:
    try:
        parts = urlsplit(address.strip())
        return (parts.hostname or "").rstrip(".") if parts.scheme in ("http", "https") else ""
    except ValueError:
        return ""


def owner(host: str) -> str:
    """The part of a host's name that somebody registered, roughly: the last two labels, or three under a country's own
    second level. Too little of it makes two owners one, which is the careful side."""
    labels = host.lower().removeprefix("www.").split(".")
    kept = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND else 2
    return ".".join(labels[-kept:])


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host.isdigit()
    return True
