"""Raw bytes → the tree of parts, by the standard library's parser with bounds on what it may be made to do.

By itself it takes minutes for one field of 200 kB (its reading of parameters is quadratic), time in the depth of
nesting for every line, and an object for each of a million parts.
"""

from __future__ import annotations

import re
from email.feedparser import BytesFeedParser
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import Policy, compat32
from typing import Any

from services.ingest.model.mail import (
    MAX_CONTENT_FIELD_CHARS,
    MAX_FIELDS,
    MAX_HEADER_CHARS,
    MAX_TREE_DEPTH,
    MAX_TREE_PARTS,
)

_CHUNK_BYTES = 64 * 1024
_EMPTY_LINE = re.compile(rb"\n\r?\n")
_FIELD = re.compile(r"([!-9;-~]++):([^\n]*+(?:\n[ \t][^\n]*+)*+)\n")
"""A field (RFC 5322 §2.2) with the lines that continue it."""


class TooMuch(ValueError):
    """More parts, or deeper ones, than are read at all."""


class Part(Message):
    """A part whose header is bounded: a longer field is cut, and fields above `MAX_FIELDS` are left out.

    Its fields are also kept by name, as the library looks through all of them for each that is asked for, which was a
    quarter of what a real mail took."""

    fields_left_out = 0
    _headers: list[tuple[str, str]]

    def __init__(self, policy: Policy = compat32) -> None:
        super().__init__(policy)
        self.by_name: dict[str, list[str]] = {}
        """The values as they were written, in their order, by the field's name in lower case."""

    def set_raw(self, name: str, value: Any) -> None:
        """What the parser calls for each field."""
        if len(self._headers) >= MAX_FIELDS:
            self.fields_left_out += 1
            return
        lower = name.lower()
        limit = MAX_CONTENT_FIELD_CHARS if lower.startswith("content-") else MAX_HEADER_CHARS
        text = str(value)
        kept = text if len(text) <= limit else text[:limit]
        self._headers.append((name, kept))
        self.by_name.setdefault(lower, []).append(kept)

    def get(self, name: str, failobj: Any = None) -> Any:
        found = self.by_name.get(name.lower())
        return self.policy.header_fetch_parse(name, found[0]) if found else failobj

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self.by_name


class _Feed(BytesFeedParser):
    """`_new_message` is the one place where the parser opens a part; its stack is the depth."""

    _opened = 0

    def _new_message(self) -> None:
        self._opened += 1
        depth = len(self._msgstack)  # type: ignore[attr-defined]
        if self._opened > MAX_TREE_PARTS or depth > MAX_TREE_DEPTH:
            raise TooMuch("too many parts, or too deeply nested")
        super()._new_message()  # type: ignore[misc]


def tree(raw: bytes) -> Part:
    """Raises TooMuch."""
    usual = _of_one_part(raw)
    if usual is not None:
        return usual
    feed = _Feed(Part, policy=compat32)
    for at in range(0, len(raw), _CHUNK_BYTES):
        feed.feed(raw[at : at + _CHUNK_BYTES])
    message = feed.close()
    if not isinstance(message, Part):
        raise TooMuch("not a tree of parts")
    return message


def _of_one_part(raw: bytes) -> Part | None:
    """What the parser, which reads line by line, makes of a mail of one part whose header is well-formed, in half of
    its time. None for every other mail."""
    over = _EMPTY_LINE.search(raw)
    if over is None:
        return None
    head = raw[: over.start() + 1].decode("ascii", "surrogateescape")
    if head.count("\r") != head.count("\r\n"):
        return None  # one alone ends a line, too
    message, end = Part(), 0
    if head.startswith("From "):  # how a mailbox in a file sets mails apart
        end = head.index("\n") + 1
        message.set_unixfrom(head[:end].rstrip("\r\n"))
    while field := _FIELD.match(head, end):
        message.set_raw(field[1], field[2].lstrip(" \t").rstrip("\r\n"))
        end = field.end()
    if end != len(head) or message.get_content_maintype() in ("multipart", "message"):
        return None
    message.set_payload(raw[over.end() :].decode("ascii", "surrogateescape"))
    return message


def header(raw: bytes) -> Part:
    """The fields alone, of a mail whose tree cannot be read. Raises ValueError."""
    message = BytesHeaderParser(Part, policy=compat32).parsebytes(raw)
    if not isinstance(message, Part):
        raise ValueError("no header")
    return message
