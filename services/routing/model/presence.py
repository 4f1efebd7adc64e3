"""Time in each status, by day. Pure.

A day is a calendar day of a time zone, so it has 23 or 25 hours when the clocks change. Sums are whole milliseconds,
and those of one day are as long as what is known of that day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shared.contracts.routing import AgentStatus

_MS = timedelta(milliseconds=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A status from `since` until the next one began; `until` None: it still is."""

    status: AgentStatus
    reason: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Spent:
    """How long in one status with one reason."""

    status: AgentStatus
    reason: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Day:
    """`spent`: the longest first. A day before the first status, or after now, has none."""

    day: date
    spent: tuple[Spent, ...]


def begins(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins there, in UTC. Where the clocks go over midnight it is the first moment of that date."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def clip(spans: Sequence[Span], start: datetime, end: datetime) -> list[Span]:
    """What of the spans lies from `start` up to `end`; none of them is open any more. Empty ones are left out."""
    cut = (Span(one.status, one.reason, max(one.since, start), min(one.until or end, end)) for one in spans)
    return [one for one in cut if one.until is not None and one.since < one.until]


def by_day(spans: Sequence[Span], zone: ZoneInfo, first: date, last: date, now: datetime) -> list[Day]:
    """Each day from `first` to `last`, both counted."""
    days = []
    for n in range((last - first) // _DAY + 1):
        day = first + n * _DAY
        end = min(begins(day + _DAY, zone), now)
        days.append(Day(day, _sums(clip(spans, begins(day, zone), end))))
    return days


def _sums(spans: Sequence[Span]) -> tuple[Spent, ...]:
    sums: dict[tuple[AgentStatus, str], timedelta] = {}
    for one in spans:
        if one.until is not None:
            key = one.status, one.reason
            sums[key] = sums.get(key, timedelta()) + (one.until - one.since)
    spent = [Spent(status, reason, length // _MS) for (status, reason), length in sums.items()]
    return tuple(sorted(spent, key=lambda one: (-one.duration_ms, one.status, one.reason)))
