"""What somebody typed, taken apart: words, quoted words, numbers and operators, each with its place. Pure.

    refund "late delivery" from:ada -tag:vip status:open,snoozed +1 (555) 010-1234

Never refuses: a quote that is not closed yet ends with the text, and `10:30` or an address of a page are words. What an
operator's value means is `ask`'s to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from services.tickets.model.search.words import NUMBER_DIGITS, digits_of

QUESTION_CHARS = 500
PIECES_MAX = 30

Operator = Literal[
    "from",
    "to",
    "subject",
    "tag",
    "status",
    "before",
    "after",
    "brand",
    "team",
    "assignee",
    "channel",
    "has",
    "id",
]
OPERATORS: tuple[Operator, ...] = get_args(Operator)
Kind = Literal["word", "phrase", "number", "operator", "unknown"]

_PIECE = re.compile(
    r"(?P<minus>-(?=\S))?"
    r"(?:(?P<name>[A-Za-z_]+):(?!//)(?P<value>(?:\"[^\"]*\"?|[^\s\"])*)|\"(?P<quoted>[^\"]*)\"?|(?P<word>\S+))"
)
_DIGITS = re.compile(r"[+(]{0,2}\d[\d().\-/\u2010-\u2015]*|\(\d+\)")


@dataclass(frozen=True, slots=True)
class Piece:
    """`text[start:end]` of what was typed. `kind`: a word, a quoted phrase, a number of several words, an operator or a
    name that looks like one. `open`: it stands at the very end, so that more of it may come."""

    kind: Kind
    value: str
    start: int
    end: int
    name: str = ""
    negated: bool = False
    open: bool = False


def parse(text: str) -> tuple[Piece, ...]:
    """In the order in which they stand."""
    return tuple(_numbers_joined(text, [_piece(text, found) for found in _PIECE.finditer(text)]))


def _piece(text: str, found: re.Match[str]) -> Piece:
    def made(kind: Kind, value: str, name: str = "") -> Piece:
        is_open = found.end() == len(text) and not text.endswith('"')
        return Piece(kind, value, found.start(), found.end(), name, found["minus"] is not None, is_open)

    if found["name"] is not None:
        name, value = found["name"].lower(), found["value"].replace('"', "")
        if name in OPERATORS:
            return made("operator", value, name)
        if value:
            return made("unknown", value, name)
        return made("word", found["name"])
    if found["quoted"] is not None:
        return made("phrase", found["quoted"])
    return made("word", found["word"])


def _numbers_joined(text: str, pieces: list[Piece]) -> list[Piece]:
    """`+1 (555) 010-1234` is one number, not three words."""
    joined: list[Piece] = []
    run: list[Piece] = []
    for piece in [*pieces, None]:
        if piece is not None and piece.kind == "word" and not piece.negated and _DIGITS.fullmatch(piece.value):
            run.append(piece)
            continue
        joined += _number(text, run)
        run = []
        if piece is not None:
            joined.append(piece)
    return joined


def _number(text: str, run: list[Piece]) -> list[Piece]:
    if len(run) < 2:
        return run
    whole = text[run[0].start : run[-1].end]
    if len(digits_of(whole)) not in NUMBER_DIGITS:
        return run
    return [Piece("number", whole, run[0].start, run[-1].end, open=run[-1].open)]
