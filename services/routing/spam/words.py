"""A message taken apart for the filter: its words, and a print by which the same text is known again."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from hashlib import blake2b

from services.routing.spam.links import links_of
from shared.contracts.common import Message

TEXT_CHARS = 5_000
"""Of a message's text that is looked at: spam says what it wants early."""
TOKENS = 400
LONGEST = 20
PRINT_LETTERS = 1_000
PRINT_LEAST = 30
"""Letters that a text must have for its print to say anything: many people write "hello"."""

_WORD = re.compile(r"[^\W_](?:[\w'’.-]*[^\W_])?", re.UNICODE)
_LETTER = re.compile(r"[^\W\d_]", re.UNICODE)


def text_of(message: Message) -> str:
    return unicodedata.normalize("NFKC", message.text[:TEXT_CHARS])


def tokens(message: Message) -> tuple[str, ...]:
    """Each once, those of the subject first. Words of the text as they are, others with a sign before them that says
    where they were: "subject:", "link:", "from:", "is:"."""
    found: dict[str, None] = {}
    for token in _tokens(message):
        found[token] = None
        if len(found) == TOKENS:
            break
    return tuple(found)


def _tokens(message: Message) -> Iterator[str]:
    for word in _words(unicodedata.normalize("NFKC", message.subject)):
        yield f"subject:{word}"
    if message.sender is not None and "@" in message.sender.value:
        yield f"from:{message.sender.value.rpartition('@')[2]}"
    if message.automatic is not None:
        yield f"is:{message.automatic}"
    if message.html is not None and not message.text.strip():
        yield "is:empty"
    for file in message.attachments:
        yield f"file:{file.name.rpartition('.')[2][:10].lower()}"
    for link in links_of(message):
        yield f"link:{link.host}"
    yield from _words(text_of(message))


def _words(text: str) -> Iterator[str]:
    for found in _WORD.finditer(text):
        word = found.group()
        if word.isupper() and len(word) > 3:
            yield "is:loud"
        word = word.lower()
        if len(word) <= LONGEST:
            if len(word) > 1:
                yield word
        elif word.isascii():
            yield f"long:{word[0]}{len(word) // 10}"
        else:
            # Of a language that is written without spaces: two letters at a time.
            yield from (word[n : n + 2] for n in range(min(len(word), 200) - 1))


def fingerprint(message: Message) -> str | None:
    """The same for texts that differ in nothing but spaces, digits, signs and the size of letters; None for one that is
    too short to tell."""
    letters = "".join(_LETTER.findall(text_of(message).casefold()))[:PRINT_LETTERS]
    if len(letters) < PRINT_LEAST:
        return None
    return blake2b(letters.encode(), digest_size=12).hexdigest()
