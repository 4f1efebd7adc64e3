"""Working time by a calendar: how much lies between two moments, and when an amount of it is over.

A year's opening times are laid out once as moments (UTC milliseconds) with the sum of all that came before; then
both questions are one search in a sorted list. It is open whenever the wall clock of the zone shows an open time: an
hour that the clock leaves out in spring is no working time, one that it shows twice in autumn counts twice.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from services.routing.rules.clock import WEEK
from services.routing.sla.schema import Calendar, CalendarDraft, Hours

MS = timedelta(milliseconds=1)
DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FURTHEST_YEARS = 20
"""A goal that is not reached by then is due then: only a calendar that is closed nearly always comes so far."""

Span = tuple[int, int]
"""From a moment up to another, in UTC milliseconds."""


class Timetable(Protocol):
    """Counts working time in milliseconds."""

    def worked(self, start: datetime, end: datetime) -> int:
        """How much lies between; 0 when `end` is not later."""

    def after(self, start: datetime, ms: int) -> datetime:
        """The first moment at which so much has passed; `start` itself when nothing must."""


class RoundTheClock:
    """Without a calendar all time counts."""

    def worked(self, start: datetime, end: datetime) -> int:
        return max(0, (end - start) // MS)

    def after(self, start: datetime, ms: int) -> datetime:
        return start + max(0, ms) * MS


class WorkingHours:
    """By a calendar. Years are laid out when they are first asked for."""

    def __init__(self, calendar: CalendarDraft) -> None:
        self._calendar = calendar
        self._zone = ZoneInfo(calendar.time_zone)
        self._week = {
            day: _minutes([one for one in calendar.hours if one.day == name]) for day, name in enumerate(WEEK)
        }
        self._own = {one.date: _minutes(one.hours) for one in calendar.days}
        self._first = self._last = 0
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._before: list[int] = []
        self._passed: list[int] = []

    def worked(self, start: datetime, end: datetime) -> int:
        if end <= start:
            return 0
        self._cover(start.year - 1, end.year + 1)
        return self._sum(_ms(end)) - self._sum(_ms(start))

    def after(self, start: datetime, ms: int) -> datetime:
        if ms <= 0:
            return start
        last = min(start.year + 1, date.max.year)
        furthest = min(start.year + FURTHEST_YEARS, date.max.year - 1)
        while True:
            self._cover(start.year - 1, last)
            wanted = self._sum(_ms(start)) + ms
            place = bisect_left(self._passed, wanted)
            if place < len(self._passed):
                return EPOCH + (self._starts[place] + wanted - self._before[place]) * MS
            if last >= furthest:
                return datetime(furthest, 12, 31, tzinfo=UTC)
            last = min(last + 2, furthest)

    def is_open(self, at: datetime) -> bool:
        self._cover(at.year - 1, at.year + 1)
        place = bisect_right(self._starts, _ms(at)) - 1
        return place >= 0 and _ms(at) < self._ends[place]

    def turns_at(self, at: datetime) -> datetime | None:
        """When it opens or closes next; None when it does not for a year."""
        self._cover(at.year - 1, at.year + 1)
        now = _ms(at)
        found = [
            times[place] for times in (self._starts, self._ends) if (place := bisect_right(times, now)) < len(times)
        ]
        return EPOCH + min(found) * MS if found else None

    def _sum(self, at: int) -> int:
        """Working milliseconds from the first one laid out up to `at`."""
        place = bisect_right(self._starts, at) - 1
        if place < 0:
            return 0
        return self._before[place] + min(at, self._ends[place]) - self._starts[place]

    def _cover(self, first: int, last: int) -> None:
        if self._starts and self._first <= first and last <= self._last:
            return
        first, last = (min(first, self._first), max(last, self._last)) if self._starts else (first, last)
        self._first, self._last = first, last
        spans = sorted(span for year in range(first, last + 1) for span in self._year(year))
        self._starts, self._ends = [span[0] for span in spans], [span[1] for span in spans]
        self._before, self._passed, total = [], [], 0
        for start, end in spans:
            self._before.append(total)
            total += end - start
            self._passed.append(total)

    def _year(self, year: int) -> Iterator[Span]:
        closed = closed_days(self._calendar, year)
        day = date(year, 1, 1)
        while day.year == year:
            minutes = self._own.get(day)
            if minutes is None:
                minutes = () if day in closed else self._week[day.weekday()]
            if minutes:
                yield from _spans(day, minutes, self._zone)
            day += DAY


def timetable(calendar: Calendar | None) -> Timetable:
    return WorkingHours(calendar) if calendar else RoundTheClock()


def closed_days(calendar: CalendarDraft, year: int) -> dict[date, str]:
    """The public holidays of the calendar's country, with their names. The country was checked when it was saved."""
    if not calendar.country:
        return {}
    import holidays  # here, as it is 4 MiB that only a calendar with a country needs [measured]

    found = holidays.country_holidays(calendar.country, subdiv=calendar.region or None, years=year)
    return {day: str(name) for day, name in found.items()}


def minute_of(clock: str) -> int:
    """Minutes since midnight; 24:00 is 1440."""
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def _minutes(hours: Sequence[Hours]) -> tuple[tuple[int, int], ...]:
    return tuple(sorted((minute_of(one.opens), minute_of(one.closes)) for one in hours))


def _spans(day: date, minutes: Sequence[tuple[int, int]], zone: ZoneInfo) -> Iterator[Span]:
    """When the zone's clock shows these minutes on that day."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    early, late = _offset(midnight - DAY, zone), _offset(midnight + 2 * DAY, zone)
    wall = _ms(midnight)
    if early == late:
        # The clock is not changed around this day.
        yield from ((wall + a * 60_000 - early, wall + b * 60_000 - early) for a, b in minutes)
        return
    change = _change(_ms(midnight - DAY), _ms(midnight + 2 * DAY), early, zone)
    for opens, closes in minutes:
        before = (wall + opens * 60_000 - early, min(wall + closes * 60_000 - early, change))
        since = (max(wall + opens * 60_000 - late, change), wall + closes * 60_000 - late)
        yield from (span for span in (before, since) if span[0] < span[1])


def _change(low: int, high: int, early: int, zone: ZoneInfo) -> int:
    """The first moment with another offset than `early`."""
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(EPOCH + middle * MS, zone) == early:
            low = middle
        else:
            high = middle
    return high


def _offset(at: datetime, zone: ZoneInfo) -> int:
    return (at.astimezone(zone).utcoffset() or timedelta(0)) // MS


def _ms(at: datetime) -> int:
    return (at - EPOCH) // MS
