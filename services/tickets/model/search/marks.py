"""Where in a text it stands what somebody looks for, and the stretch of the text that shows it. Pure.

Places are counted in UTF-16 code units, as browsers count them, and never overlap; a text goes out as it is, so that
nothing in it can become markup.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.tickets.model.search.ask import Needles
from services.tickets.model.search.words import code_spans, number_spans, spans

EXCERPT_CHARS = 220
BEFORE_CHARS = 60
PLACES_MAX = 400
"""Of one text: a word that stands in it ten thousand times is shown by its first ones."""
TEXT_CHARS = 50_000
"""Of one message; a hit beyond is found and not shown."""

Mark = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """`found`: how many different needles stand in the whole text."""

    text: str
    marks: tuple[Mark, ...]
    found: int


def marks(text: str, needles: Needles) -> tuple[Mark, ...]:
    """[start, end) of everything that is looked for, in UTF-16 code units."""
    return _in_utf16(text, _merged([place for place, _ in _places(text, needles)]))


def excerpt(text: str, needles: Needles) -> Excerpt | None:
    """One line around the first stretch with the most of what is looked for; None when nothing of it is there."""
    line = " ".join(text[:TEXT_CHARS].split())
    places = _places(line, needles)
    if not places:
        return None
    start = _best_start(places)
    cut_from = _word_edge(line, max(0, start - BEFORE_CHARS)) if start > BEFORE_CHARS else 0
    cut_to = min(len(line), cut_from + EXCERPT_CHARS)
    within = [(a, b) for (a, b), _ in places if a >= cut_from and b <= cut_to]
    lead, tail = "…" if cut_from else "", "…" if cut_to < len(line) else ""
    shown = f"{lead}{line[cut_from:cut_to]}{tail}"
    moved = [(a - cut_from + len(lead), b - cut_from + len(lead)) for a, b in within]
    return Excerpt(shown, _in_utf16(shown, _merged(moved)), len({needle for _, needle in places}))


def _places(text: str, needles: Needles) -> list[tuple[Mark, int]]:
    """In code points, each with the number of its needle, in the text's order."""
    found: list[tuple[Mark, int]] = []
    here = list(spans(text)) if needles.runs else []
    folded = [one.folded for one in here]
    for number, (run, prefix) in enumerate(needles.runs):
        for at in range(len(here) - len(run) + 1):
            if _matches(folded, at, run, prefix):
                found.append(((here[at].start, here[at + len(run) - 1].end), number))
    beyond = len(needles.runs)
    if needles.codes:
        for code in code_spans(text):
            found += [
                ((code.start, code.end), beyond + n)
                for n, one in enumerate(needles.codes)
                if code.folded.startswith(one)
            ]
    beyond += len(needles.codes)
    if needles.numbers:
        for terms, start, end in number_spans(text):
            if any(term.startswith(one) for one in needles.numbers for term in terms):
                found.append(((start, end), beyond))
    return sorted(found)[:PLACES_MAX]


def _matches(words: Sequence[str], at: int, run: Sequence[str], prefix: bool) -> bool:
    last = len(run) - 1
    return all(words[at + n] == run[n] for n in range(last)) and (
        words[at + last].startswith(run[last]) if prefix else words[at + last] == run[last]
    )


def _best_start(places: Sequence[tuple[Mark, int]]) -> int:
    """Where the first stretch begins that shows the most different needles."""
    most, best = 0, places[0][0][0]
    for (start, _), _needle in places:
        reach = start + EXCERPT_CHARS - BEFORE_CHARS
        here = len({needle for (a, b), needle in places if a >= start and b <= reach})
        if here > most:
            most, best = here, start
    return best


def _word_edge(line: str, at: int) -> int:
    space = line.find(" ", at, at + 30)
    return space + 1 if space >= 0 else at


def _merged(places: Sequence[Mark]) -> list[Mark]:
    merged: list[Mark] = []
    for start, end in sorted(places):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _in_utf16(text: str, places: Sequence[Mark]) -> tuple[Mark, ...]:
    if text.isascii():
        return tuple(places)
    return tuple((_units(text[:start]), _units(text[:end])) for start, end in places)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
