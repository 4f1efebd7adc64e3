"""How much of everything happened, told by the journal's lines. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from tests.chaos.journal import Line

MENDED = ("thaw", "up again", "well", "leave")


def faults(lines: Iterable[Line]) -> dict[str, dict[str, int]]:
    """What was broken → which service, server or receiver → how often."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for one in lines:
        if one["what"] not in MENDED:
            found[one["what"]][one["whom"].partition("-")[0]] += 1
    return {what: dict(sorted(whom.items())) for what, whom in sorted(found.items())}


def poison(lines: Iterable[Line]) -> dict[str, int]:
    """Which kind → how many records."""
    return dict(Counter(one["what"] for one in lines))


def spoilt(calls: Iterable[Line]) -> dict[str, int]:
    """How many mails and calls met a receiver in which mood."""
    return dict(Counter(f"{one['whom']} {one['what']}" for one in calls))


def kinds(sentences: Sequence[str]) -> dict[str, int]:
    """By how they begin."""
    return dict(Counter(one[:60] for one in sentences))
