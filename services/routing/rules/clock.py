"""Times of the clock at which a rule is asked: "weekdays at 17:00", "the first of the month at 8:00", "every 2 hours
from 9:00 to 17:00". What they are, and which moments they come to in a time zone. Pure.

A time strikes at the first moment at which the clocks of the zone show it or a later one of its day: once on a day that
has it twice, and when the clock jumps over it, as it jumps. A date that a zone leaves out has no times.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, StringConstraints

from services.routing.rules.facts import zone_named
from shared.contracts.base import Value
from shared.contracts.common import ConversationStatus

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEK: tuple[Weekday, ...] = get_args(Weekday)
TimeOfDay = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
LAST = -1
"""Of the days of a month, the last one, whichever that is."""
MonthDay = Annotated[int, Field(ge=LAST, le=31)]

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


class Every(Value):
    """Every so many hours, counted from `from` on, up to `to` on the same day."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, serialize_by_alias=True)

    hours: Annotated[int, Field(ge=1, le=12)]
    begins: TimeOfDay = Field(alias="from")
    ends: TimeOfDay = Field(alias="to")


class ClockTimes(Value):
    """On these `weekdays` or `month_days` (-1: the last; a day that a month has not is left out), at `times` or
    `every` so often. `zone` is an IANA name, null: that of each conversation's brand. The rule is asked of the
    conversations of its brands that have one of `statuses`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weekdays: Annotated[tuple[Weekday, ...], Field(max_length=7)] = ()
    month_days: Annotated[tuple[MonthDay, ...], Field(max_length=32)] = ()
    times: Annotated[tuple[TimeOfDay, ...], Field(max_length=24)] = ()
    every: Every | None = None
    zone: Annotated[str, StringConstraints(max_length=64)] | None = None
    statuses: Annotated[tuple[ConversationStatus, ...], Field(min_length=1, max_length=3)] = ("open",)

    @property
    def of_a_day(self) -> tuple[time, ...]:
        """Its times on a day that is one of its days, in order."""
        written = {time.fromisoformat(one) for one in self.times}
        if self.every is not None:
            first, last = _minute(self.every.begins), _minute(self.every.ends)
            written |= {time(*divmod(at, 60)) for at in range(first, last + 1, 60 * self.every.hours)}
        return tuple(sorted(written))

    def has(self, day: date) -> bool:
        """Whether it is one of its days."""
        last = monthrange(day.year, day.month)[1] if LAST in self.month_days else None
        return WEEK[day.weekday()] in self.weekdays or day.day in (*self.month_days, last)


def next_after(clock: ClockTimes, zone: str, at: datetime) -> datetime:
    """The first moment after `at` at which it strikes. `clock` has days and times (`check_clock`)."""
    clocks = zone_named(zone)
    day = at.astimezone(clocks).date() - DAY  # the date before may last into this one, seen from UTC
    while True:
        for moment in _on(clock, clocks, day):
            if moment > at:
                return moment
        day += DAY


def last_until(clock: ClockTimes, zone: str, at: datetime) -> datetime:
    """The last moment at which it struck, `at` itself among them."""
    clocks = zone_named(zone)
    day = at.astimezone(clocks).date() + DAY
    while True:
        struck = [moment for moment in _on(clock, clocks, day) if moment <= at]
        if struck:
            return struck[-1]
        day -= DAY


def _on(clock: ClockTimes, zone: ZoneInfo, day: date) -> Iterator[datetime]:
    """The moments of one date, in order, each once."""
    if not clock.has(day) or _first(datetime.combine(day, time()), zone).astimezone(zone).date() != day:
        return
    before = None
    for at in clock.of_a_day:
        moment = _first(datetime.combine(day, at), zone)
        if moment != before:
            yield moment
        before = moment


def _first(shown: datetime, zone: ZoneInfo) -> datetime:
    """The first moment (UTC) at which the clocks of the zone show this or later."""
    moment = shown.replace(tzinfo=zone).astimezone(UTC)  # of two, the first (PEP 495: fold=0)
    if moment.astimezone(zone).replace(tzinfo=None) == shown:
        return moment
    # They jump over it. By the time before the jump it is after it, by the time after it is before (PEP 495).
    low, high = shown.replace(tzinfo=zone, fold=1).astimezone(UTC), moment
    while high - low > SECOND:
        middle = low + (high - low) // 2 // SECOND * SECOND
        if middle.astimezone(zone).replace(tzinfo=None) >= shown:
            high = middle
        else:
            low = middle
    return high


def _minute(at: str) -> int:
    hour, minute = at.split(":")
    return 60 * int(hour) + int(minute)
