"""What a document must have to be found, as a tree. Pure; `store.search.engine` asks an index for it.

Texts hold words in their order; the other fields hold whole terms. Nothing that somebody writes becomes a pattern.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TextField = Literal["text", "subject"]
TermField = Literal["labels", "senders", "recipients", "codes", "numbers", "ids"]
TimeField = Literal["started", "active"]


@dataclass(frozen=True, slots=True)
class Has:
    """The whole word or term."""

    field: TextField | TermField
    value: str


@dataclass(frozen=True, slots=True)
class Begins:
    """A word or term that begins so."""

    field: TextField | TermField
    value: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Two or more words beside each other; of the last one, with `prefix`, its beginning is enough."""

    field: TextField
    words: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Between:
    """Milliseconds since 1970: `since` or later, and before `until`."""

    field: TimeField
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Every:
    """All of them; of none: everything."""

    parts: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """One of them; of none: nothing."""

    parts: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Without:
    part: Clause


Clause = Has | Begins | Phrase | Between | Every | Either | Without


def words_clause(field: TextField, words: tuple[str, ...], *, prefix: bool) -> Clause:
    """Words beside each other, or one. Raises ValueError of none."""
    if not words:
        raise ValueError("no words to look for")
    if len(words) > 1:
        return Phrase(field, words, prefix)
    return Begins(field, words[0]) if prefix else Has(field, words[0])
