"""What the pieces of a question mean: a clause for the index, and needles to mark in the texts that are found. Pure.

What does not make sense is a fault with its place and how to mend it; all faults are told at once.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.tickets.model.contact_words import fold
from services.tickets.model.search.clauses import (
    Begins,
    Between,
    Clause,
    Either,
    Every,
    Has,
    TermField,
    Without,
    words_clause,
)
from services.tickets.model.search.parse import OPERATORS, PIECES_MAX, Operator, Piece
from services.tickets.model.search.words import digits_of, joined_code, number_question, words

STATUSES = ("open", "snoozed", "closed")
CHANNELS = ("email", "chat", "phone", "custom")
HAS = {"attachment": "attachment", "attachments": "attachment", "file": "attachment", "note": "note", "link": "link"}
PREFIX_CHARS = 2
"""A single letter begins too much to help anybody."""
ID_CHARS = 4

_EXAMPLES: Mapping[Operator, str] = {
    "from": "from:ada@example.org",
    "to": "to:support@brand.example",
    "subject": "subject:refund",
    "tag": "tag:vip",
    "status": "status:open",
    "before": "before:2026-05-01",
    "after": "after:2026-05-01",
    "brand": "brand:earth-echo",
    "team": "team:email-support",
    "assignee": "assignee:me",
    "channel": "channel:email",
    "has": "has:attachment",
    "id": "id:5f2c",
}
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_AGO = re.compile(r"(\d{1,4})([dwmy])")
_AGO_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}


@dataclass(frozen=True, slots=True)
class Fault:
    """`text[start:end]` of what was typed; `message` is a sentence that says how to mend it."""

    start: int
    end: int
    message: str


@dataclass(frozen=True, slots=True)
class Needles:
    """What is marked in a text: runs of words (of the last one, if so, the beginning), codes, numbers' terms."""

    runs: tuple[tuple[tuple[str, ...], bool], ...] = ()
    codes: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    def __add__(self, other: Needles) -> Needles:
        return Needles(self.runs + other.runs, self.codes + other.codes, self.numbers + other.numbers)


@dataclass(frozen=True, slots=True)
class Asked:
    """`clause` None: nothing that could be looked for was typed."""

    clause: Clause | None
    needles: Needles
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """What names stand for, as the one who asks sees the desk: ids by folded name and by id; and their own day."""

    brands: Mapping[str, str]
    teams: Mapping[str, str]
    agents: Mapping[str, Sequence[str]]
    me: str
    today: date
    zone: ZoneInfo


@dataclass
class _Asking:
    names: Names
    clauses: list[Clause] = field(default_factory=list)
    needles: Needles = field(default_factory=Needles)
    faults: list[Fault] = field(default_factory=list)

    def add(self, piece: Piece, clause: Clause | None, needles: Needles | None = None) -> None:
        if clause is None:
            return
        self.clauses.append(Without(clause) if piece.negated else clause)
        if needles and not piece.negated:
            self.needles += needles


class _Unclear(Exception):
    """A value that means nothing; the text says how to mend it."""


def ask(pieces: Sequence[Piece], names: Names) -> Asked:
    asking = _Asking(names)
    for piece in pieces[:PIECES_MAX]:
        try:
            _take(piece, asking)
        except _Unclear as unclear:
            asking.faults.append(Fault(piece.start, piece.end, str(unclear)))
    if len(pieces) > PIECES_MAX:
        beyond = pieces[PIECES_MAX]
        told = f"A search takes up to {PIECES_MAX} words and operators. Leave out what stands here and behind it."
        asking.faults.append(Fault(beyond.start, pieces[-1].end, told))
    clause = Every(tuple(asking.clauses)) if asking.clauses else None
    return Asked(clause, asking.needles, tuple(asking.faults))


def _take(piece: Piece, asking: _Asking) -> None:
    match piece.kind:
        case "operator":
            asking.add(piece, *_operator(piece, asking.names))
        case "unknown":
            _refuse_misspelt(piece)
            asking.add(piece, *_word(f"{piece.name}:{piece.value}", piece.open))
        case "number":
            asking.add(piece, *_number(piece.value, piece.open))
        case "phrase":
            found = tuple(words(piece.value))
            asking.add(piece, words_clause("text", found, prefix=False) if found else None, Needles(((found, False),)))
        case "word":
            asking.add(piece, *_word(piece.value, piece.open))


def _refuse_misspelt(piece: Piece) -> None:
    close = difflib.get_close_matches(piece.name, OPERATORS, 1, cutoff=0.74)
    if close:
        as_words = f"{piece.name}:{piece.value}"
        raise _Unclear(
            f'There is no “{piece.name}:”. Write {close[0]}:, or "{as_words}" in quotes to look for just that.'
        )


# ── words ────────────────────────────────────────────────────────────────────────────────────────
def _word(typed: str, is_open: bool) -> tuple[Clause | None, Needles]:
    """A word, an address, a number or a code, in whichever way it may have been written."""
    starred = typed.endswith("*")
    found = tuple(words(typed))
    if not found:
        return None, Needles()
    prefix = starred or (is_open and len(found[-1]) >= PREFIX_CHARS)
    ways: list[Clause] = [words_clause("text", found, prefix=prefix)]
    runs: list[tuple[tuple[str, ...], bool]] = [(found, prefix)]
    codes: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    if "@" in typed:
        address = fold(typed).strip("<>,;*")
        ways += [Begins("senders", address), Begins("recipients", address)]
    elif any(one.isdigit() for one in typed):
        if code := joined_code(typed):
            codes = (code,)
            ways.append(Begins("codes", code) if prefix else Has("codes", code))
            if len(found) > 1:
                ways.append(words_clause("text", (code,), prefix=prefix))
                runs.append(((code,), prefix))
        if not re.search(r"[^\W\d_]", typed):
            numbers = number_question(typed)
            ways += [Begins("numbers", one) for one in numbers]
    if len(typed) >= ID_CHARS * 2:
        ways.append(Begins("ids", typed.lower()))
    return Either(tuple(ways)), Needles(tuple(runs), codes, numbers)


def _number(typed: str, is_open: bool) -> tuple[Clause | None, Needles]:
    numbers = number_question(typed)
    found = tuple(words(typed))
    ways: list[Clause] = [Begins("numbers", one) for one in numbers]
    ways.append(words_clause("text", found, prefix=is_open and len(found[-1]) >= PREFIX_CHARS))
    return Either(tuple(ways)), Needles(((found, is_open),), (), numbers)


# ── operators ────────────────────────────────────────────────────────────────────────────────────
_Answer = tuple[Clause | None, Needles]


def _operator(piece: Piece, names: Names) -> _Answer:
    name: Operator = next(one for one in OPERATORS if one == piece.name)
    values = [one.strip() for one in piece.value.split(",") if one.strip()]
    if not values:
        raise _Unclear(f"“{name}:” needs something behind it, such as {_EXAMPLES[name]}.")
    answers = [_VALUES[name](one, piece.open, names) for one in values]
    needles = Needles()
    for _, more in answers:
        needles += more
    ways = tuple(clause for clause, _ in answers if clause is not None)
    return (ways[0] if len(ways) == 1 else Either(ways)), needles


def _person(term: TermField) -> Callable[[str, bool, Names], _Answer]:
    def value_of(value: str, _open: bool, _names: Names) -> _Answer:
        """By address, "@domain", name or number; every word of it."""
        if "@" in value:
            return Begins(term, fold(value).strip("<>")), Needles()
        if len(digits_of(value)) >= ID_CHARS and not re.search(r"[^\W\d_]", value):
            numbers = number_question(value)
            return Either(tuple(Begins(term, one) for one in numbers)), Needles((), (), numbers)
        found = words(value)
        if not found:
            raise _Unclear(f"“{value}” is no name, address or number. Write letters or digits.")
        return Every(tuple(Begins(term, one) for one in found)), Needles(tuple(((one,), True) for one in found))

    return value_of


def _subject(value: str, is_open: bool, _: Names) -> _Answer:
    found = tuple(words(value))
    if not found:
        raise _Unclear(f"“{value}” has no letters or digits. Write a word of the subject.")
    prefix = value.endswith("*") or (is_open and len(found[-1]) >= PREFIX_CHARS)
    return words_clause("subject", found, prefix=prefix), Needles(((found, prefix),))


def _tag(value: str, _open: bool, _: Names) -> _Answer:
    return Has("labels", f"tagged:{fold(value)}"), Needles()


def _one_of(kind: str, allowed: Mapping[str, str]) -> Callable[[str, bool, Names], _Answer]:
    def value_of(value: str, _open: bool, _names: Names) -> _Answer:
        known = allowed.get(value.lower())
        if known is None:
            listed = ", ".join(dict.fromkeys(allowed.values()))
            raise _Unclear(f"“{value}” is not one of: {listed}.")
        return Has("labels", f"{kind}:{known}"), Needles()

    return value_of


def _brand(value: str, _open: bool, names: Names) -> _Answer:
    return Has("labels", f"in-brand:{_named('brand', value, names.brands)}"), Needles()


def _team(value: str, _open: bool, names: Names) -> _Answer:
    if fold(value) == "none":
        return Without(Has("labels", "has:team")), Needles()
    return Has("labels", f"in-team:{_named('team', value, names.teams)}"), Needles()


def _assignee(value: str, _open: bool, names: Names) -> _Answer:
    folded = fold(value)
    if folded in ("none", "nobody"):
        return Without(Has("labels", "has:assignee")), Needles()
    if folded == "me":
        return Has("labels", f"assignee:{names.me}"), Needles()
    ids = names.agents.get(folded) or names.agents.get(value)
    if not ids:
        raise _Unclear(_nobody("colleague", value, list(names.agents), "assignee:me or assignee:none"))
    return Either(tuple(Has("labels", f"assignee:{one}") for one in ids)), Needles()


def _named(kind: str, value: str, known: Mapping[str, str]) -> str:
    found = known.get(value) or known.get(fold(value))
    if found is None:
        raise _Unclear(_nobody(kind, value, list(known), ""))
    return found


def _nobody(kind: str, value: str, known: Sequence[str], else_: str) -> str:
    close = difflib.get_close_matches(fold(value), known, 3, cutoff=0.5)
    if not close:
        close = [one for one in known if fold(value) and fold(value) in one][:3]
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    return f"There is no {kind} “{value}” that you see.{hint}" + (f" Or write {else_}." if else_ and not hint else "")


def _before(value: str, _open: bool, names: Names) -> _Answer:
    return Between("started", until=_ms(_day(value, names), names.zone)), Needles()


def _after(value: str, _open: bool, names: Names) -> _Answer:
    return Between("active", since=_ms(_day(value, names), names.zone)), Needles()


def _day(value: str, names: Names) -> date:
    """`2026-05-01`, `2026-05`, `2026`, today, yesterday, or how long ago: 7d, 2w, 3m, 1y."""
    folded = fold(value)
    if folded in ("today", "yesterday"):
        return names.today - timedelta(days=folded == "yesterday")
    try:
        if ago := _AGO.fullmatch(folded):
            return names.today - timedelta(days=int(ago[1]) * _AGO_DAYS[ago[2]])
        if given := _DATE.fullmatch(folded):
            return date(int(given[1]), int(given[2] or 1), int(given[3] or 1))
    except (ValueError, OverflowError):
        pass  # the 31st of June is told as any other word that is no date
    raise _Unclear(f"“{value}” is no date. Write 2026-05-01, 2026-05, today, yesterday, or 7d for seven days ago.")


def _ms(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp() * 1000)


def _id(value: str, _open: bool, _: Names) -> _Answer:
    if not re.fullmatch(r"[\w\-:.<>@+/=]+", value):
        raise _Unclear(f"“{value}” is no id. An id has letters, digits and hyphens, no spaces.")
    return Begins("ids", value.lower()), Needles()


_VALUES: Mapping[Operator, Callable[[str, bool, Names], _Answer]] = {
    "from": _person("senders"),
    "to": _person("recipients"),
    "subject": _subject,
    "tag": _tag,
    "status": _one_of("status", {one: one for one in STATUSES}),
    "before": _before,
    "after": _after,
    "brand": _brand,
    "team": _team,
    "assignee": _assignee,
    "channel": _one_of("in-channel", {one: one for one in CHANNELS}),
    "has": _one_of("has", HAS),
    "id": _id,
}
