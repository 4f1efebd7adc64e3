"""Working time counted minute by minute by looking at the wall clock: slow, and plain to see right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from services.routing.sla.schema import CalendarDraft
from services.routing.sla.timetable import closed_days

MINUTE = timedelta(minutes=1)
NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Slow:
    """Hours and the zone's changes fall on whole minutes, so within a minute it is open or not."""

    def __init__(self, calendar: CalendarDraft) -> None:
        self._calendar = calendar
        self._zone = ZoneInfo(calendar.time_zone)
        self._holidays: dict[int, set[object]] = {}

    def is_open(self, at: datetime) -> bool:
        wall = at.astimezone(self._zone)
        clock = f"{wall:%H:%M}"
        own = next((one for one in self._calendar.days if one.date == wall.date()), None)
        if own is not None:
            hours = list(own.hours)
        elif wall.date() in self._closed(wall.year):
            hours = []
        else:
            hours = [one for one in self._calendar.hours if one.day == NAMES[wall.weekday()]]
        return any(one.opens <= clock < one.closes for one in hours)

    def worked(self, start: datetime, end: datetime) -> int:
        minutes = 0
        at = start.astimezone(UTC)
        while at < end:
            minutes += self.is_open(at)
            at += MINUTE
        return minutes * 60_000

    def after(self, start: datetime, minutes: int) -> datetime:
        at = start.astimezone(UTC)
        while minutes > 0:
            minutes -= self.is_open(at)
            at += MINUTE
        return at

    def _closed(self, year: int) -> set[object]:
        if year not in self._holidays:
            self._holidays[year] = set(closed_days(self._calendar, year))
        return self._holidays[year]
