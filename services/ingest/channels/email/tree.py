"""Raw bytes → the tree of parts, by the standard library's parser with bounds on what it may be made to do.

By itself it takes minutes for one field of 200 kB (its reading of parameters is quadratic), time in the depth of
nesting for every line, and an object for each of a million parts.
"""

from __future__ import annotations

from email import policy
from email.feedparser import BytesFeedParser
from email.message import Message
from typing import Any

from services.ingest.model.mail import (
    MAX_CONTENT_FIELD_CHARS,
    MAX_FIELDS,
    MAX_HEADER_CHARS,
    MAX_TREE_DEPTH,
    MAX_TREE_PARTS,
)

_CHUNK_BYTES = 64 * 1024


class TooMuch(ValueError):
    """More parts, or deeper ones, than are read at all."""


class Part(Message):
    """A part whose header is bounded: a longer field is cut, and fields above `MAX_FIELDS` are left out."""

    fields_left_out = 0

    def set_raw(self, name: str, value: Any) -> None:
        """What the parser calls for each field."""
        if len(self) >= MAX_FIELDS:
            self.fields_left_out += 1
            return
        content = name[:8].lower() == "content-"
        limit = MAX_CONTENT_FIELD_CHARS if content else MAX_HEADER_CHARS
        text = str(value)
        super().set_raw(name, text if len(text) <= limit else text[:limit])


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
    feed = _Feed(Part, policy=policy.compat32)
    for at in range(0, len(raw), _CHUNK_BYTES):
        feed.feed(raw[at : at + _CHUNK_BYTES])
    message = feed.close()
    if not isinstance(message, Part):
        raise TooMuch("not a tree of parts")
    return message
