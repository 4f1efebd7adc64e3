"""Working time over weekends, holidays, own days and changed clocks; and always the same as minute by minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.routing.sla.schema import CalendarDraft
from services.routing.sla.timetable import RoundTheClock, WorkingHours
from tests.unit.routing.sla.reference import NAMES, Slow

HOUR = 3_600_000


def calendar(zone: str = "Europe/Berlin", **changes: Any) -> CalendarDraft:
    week = [{"day": day, "opens": "09:00", "closes": "17:00"} for day in NAMES[:5]]
    return CalendarDraft.model_validate({"name": "Office", "time_zone": zone, "hours": week, **changes})


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-05-04T10:00", 2, "2026-05-04T12:00"),
        ("2026-05-04T16:00", 2, "2026-05-05T10:00"),
        ("2026-05-08T16:00", 2, "2026-05-11T10:00"),  # over the weekend
        ("2026-05-09T12:00", 1, "2026-05-11T10:00"),  # begins while closed
        ("2026-05-04T09:00", 8, "2026-05-04T17:00"),  # over at closing time, not at the next opening
        ("2026-12-24T16:00", 2, "2026-12-28T10:00"),  # Christmas Day is a Friday
        ("2026-03-27T16:00", 2, "2026-03-30T10:00"),  # the clock is put forward on the Sunday
        ("2026-10-23T16:00", 2, "2026-10-26T10:00"),  # and back
    ],
)
def test_when_working_time_is_over(start: str, hours: int, due: str) -> None:
    assert WorkingHours(calendar(country="DE")).after(berlin(start), hours * HOUR) == berlin(due)


def test_when_it_opens_or_closes_next() -> None:
    table = WorkingHours(calendar())
    assert table.turns_at(berlin("2026-05-08T08:00")) == berlin("2026-05-08T09:00")
    assert table.turns_at(berlin("2026-05-08T09:00")) == berlin("2026-05-08T17:00")
    assert table.turns_at(berlin("2026-05-08T17:00")) == berlin("2026-05-11T09:00")
    shut = calendar(hours=[{"day": "mon", "opens": "09:00", "closes": "10:00"}], days=[])
    assert WorkingHours(shut).turns_at(berlin("2026-05-04T10:00")) == berlin("2026-05-11T09:00")


def test_an_own_day_has_its_own_hours_even_on_a_holiday() -> None:
    days = [
        {"date": "2026-12-25", "hours": [{"opens": "10:00", "closes": "12:00"}]},
        {"date": "2026-12-28", "name": "Stocktaking"},
    ]
    table = WorkingHours(calendar(country="DE", days=days))
    assert table.after(berlin("2026-12-24T16:00"), 4 * HOUR) == berlin("2026-12-29T10:00")


def test_the_hour_that_is_left_out_is_no_working_time_and_the_one_shown_twice_counts_twice() -> None:
    night = [{"day": day, "opens": "00:00", "closes": "24:00"} for day in NAMES]
    table = WorkingHours(calendar(hours=night))
    assert table.worked(berlin("2026-03-29T00:00"), berlin("2026-03-30T00:00")) == 23 * HOUR
    assert table.worked(berlin("2026-10-25T00:00"), berlin("2026-10-26T00:00")) == 25 * HOUR
    left_out = WorkingHours(calendar(hours=[{"day": "sun", "opens": "02:10", "closes": "02:50"}]))
    assert left_out.worked(berlin("2026-03-29T00:00"), berlin("2026-03-30T00:00")) == 0


def test_a_region_has_holidays_that_its_country_has_not() -> None:
    epiphany = berlin("2026-01-06T09:00")
    assert WorkingHours(calendar(country="DE")).is_open(epiphany)
    assert not WorkingHours(calendar(country="DE", region="BY")).is_open(epiphany)


def test_time_that_goes_backwards_is_no_working_time() -> None:
    now = berlin("2026-05-04T12:00")
    for table in (WorkingHours(calendar()), RoundTheClock()):
        assert table.worked(now, now - timedelta(hours=1)) == 0
        assert table.after(now, 0) == now
        assert table.after(now, -HOUR) == now


def test_a_year_of_hardly_any_hours_comes_to_an_end() -> None:
    """An hour a week for 366 days of it: after a century, so it is due at the furthest that is looked."""
    table = WorkingHours(calendar(hours=[{"day": "mon", "opens": "09:00", "closes": "09:01"}]))
    assert table.after(berlin("2026-05-04T12:00"), 366 * 24 * HOUR).year == 2046


ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo", "UTC")
MOMENTS = st.datetimes(datetime(2026, 1, 2), datetime(2027, 12, 1)).map(
    lambda at: at.replace(second=0, microsecond=0, tzinfo=UTC)
)
"""Near a change of a clock as often as not."""
CHANGES = st.sampled_from(
    [
        datetime(2026, 3, 8, 5),
        datetime(2026, 3, 29),
        datetime(2026, 4, 4, 12),
        datetime(2026, 10, 25),
        datetime(2026, 11, 1, 4),
    ]
).flatmap(lambda at: st.integers(-600, 600).map(lambda by: (at + timedelta(minutes=by)).replace(tzinfo=UTC)))


@st.composite
def calendars(draw: st.DrawFn) -> CalendarDraft:
    hours = []
    for day in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=7, unique=True)):
        marks = draw(st.lists(st.integers(0, 1440), min_size=2, max_size=4, unique=True).map(sorted))
        for opens, closes in zip(marks[::2], marks[1::2], strict=False):
            hours.append({"day": day, "opens": _clock(opens), "closes": _clock(closes)})
    days = draw(st.lists(st.dates(date(2026, 1, 1), date(2027, 12, 31)), max_size=3, unique=True))
    own = [
        {"date": str(day), "hours": [{"opens": "03:00", "closes": "21:30"}] if n % 2 else []}
        for n, day in enumerate(days)
    ]
    country = draw(st.sampled_from(["", "DE", "US"]))
    return calendar(draw(st.sampled_from(ZONES)), hours=hours, days=own, country=country)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@settings(max_examples=60)
@given(calendars(), st.one_of(MOMENTS, CHANGES), st.integers(0, 3 * 1440))
def test_what_lies_between_is_what_counting_minutes_gives(kept: CalendarDraft, start: datetime, minutes: int) -> None:
    end = start + timedelta(minutes=minutes)
    assert WorkingHours(kept).worked(start, end) == Slow(kept).worked(start, end)


@settings(max_examples=40)
@given(calendars(), st.one_of(MOMENTS, CHANGES), st.integers(1, 300))
def test_when_it_is_over_is_what_counting_minutes_gives(kept: CalendarDraft, start: datetime, minutes: int) -> None:
    due = WorkingHours(kept).after(start, minutes * 60_000)
    if due - start < timedelta(days=15):
        assert due == Slow(kept).after(start, minutes)
    assert WorkingHours(kept).worked(start, due) == minutes * 60_000


@settings(max_examples=100)
@given(calendars(), MOMENTS, st.integers(0, 10**10), st.integers(0, 10**10))
def test_working_time_adds_up(kept: CalendarDraft, start: datetime, one: int, two: int) -> None:
    table = WorkingHours(kept)
    middle = start + timedelta(milliseconds=one)
    end = middle + timedelta(milliseconds=two)
    assert table.worked(start, middle) + table.worked(middle, end) == table.worked(start, end)
