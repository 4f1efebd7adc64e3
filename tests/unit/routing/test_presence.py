"""Time in each status: sums are exact, days are those of a time zone, nothing is counted twice."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.model.presence import Day, Span, Spent, begins, by_day, clip
from shared.contracts.routing import AgentStatus

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo")
STATUSES: tuple[tuple[AgentStatus, str], ...] = (
    ("online", ""),
    ("away", "Break/Lunch"),
    ("away", "Coaching"),
    ("offline", ""),
)
MINUTE = timedelta(minutes=1)


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN).astimezone(UTC)


def test_a_day_is_cut_at_midnight_there() -> None:
    spans = [Span("online", "", at(3, 22), at(4, 2)), Span("away", "Coaching", at(4, 2))]
    days = by_day(spans, BERLIN, date(2026, 3, 3), date(2026, 3, 4), at(4, 2, 30))
    hour = 3_600_000
    assert days == [
        Day(date(2026, 3, 3), (Spent("online", "", 2 * hour),)),
        Day(date(2026, 3, 4), (Spent("online", "", 2 * hour), Spent("away", "Coaching", hour // 2))),
    ]


@pytest.mark.parametrize(("day", "month", "hours"), [(29, 3, 23), (25, 10, 25), (1, 6, 24)])
def test_days_are_longer_and_shorter_when_the_clocks_change(day: int, month: int, hours: int) -> None:
    wanted = date(2026, month, day)
    spans = [Span("online", "", at(1, 0, month=1))]
    (found,) = by_day(spans, BERLIN, wanted, wanted, datetime(2027, 1, 1, tzinfo=UTC))
    assert found.spent == (Spent("online", "", hours * 3_600_000),)


def test_nothing_is_known_before_the_first_status_and_after_now() -> None:
    days = by_day([Span("online", "", at(3, 9))], BERLIN, date(2026, 3, 2), date(2026, 3, 4), at(3, 10))
    assert [sum(one.duration_ms for one in day.spent) for day in days] == [0, 3_600_000, 0]


def test_a_clip_has_no_empty_and_no_open_spans() -> None:
    ten = at(3, 10)
    spans = [Span("online", "", at(3, 9), ten), Span("away", "", ten, ten), Span("offline", "", ten)]
    assert clip(spans, at(3, 10), at(3, 11)) == [Span("offline", "", at(3, 10), at(3, 11))]
    assert clip(spans, at(3, 11), at(3, 11)) == []


@st.composite
def lives(draw: st.DrawFn) -> tuple[list[Span], str, date, int, datetime]:
    """Changes of status at whole minutes, a time zone, the first of some days, how many, and now."""
    start = datetime(2026, draw(st.integers(1, 12)), draw(st.integers(1, 28)), tzinfo=UTC)
    steps = draw(st.lists(st.tuples(st.integers(0, 900), st.sampled_from(STATUSES)), max_size=8))
    changes, moment = [], start
    for minutes, status in steps:
        moment += minutes * MINUTE
        changes.append((moment, status))
    ends = [*(since for since, _ in changes[1:]), None]
    spans = [Span(*status, since, until) for (since, status), until in zip(changes, ends, strict=False)]
    first = start.date() - timedelta(days=draw(st.integers(0, 1)))
    now = moment + draw(st.integers(0, 2000)) * MINUTE
    return spans, draw(st.sampled_from(ZONES)), first, draw(st.integers(1, 4)), now


@given(lives())
def test_every_minute_is_counted_once_where_it_belongs(life: tuple[list[Span], str, date, int, datetime]) -> None:
    """Against a reference that asks of each minute what the status was."""
    spans, name, first, count, now = life
    zone, last = ZoneInfo(name), first + timedelta(days=count - 1)
    wanted: Counter[tuple[date, str, str]] = Counter()
    for span in spans:
        moment = span.since
        while moment < (span.until or now):
            if first <= (day := moment.astimezone(zone).date()) <= last:
                wanted[day, span.status, span.reason] += 60_000
            moment += MINUTE
    found = {
        (day.day, one.status, one.reason): one.duration_ms
        for day in by_day(spans, zone, first, last, now)
        for one in day.spent
    }
    assert found == wanted


def test_a_day_begins_after_the_one_before() -> None:
    for name in ZONES:
        zone = ZoneInfo(name)
        days = [begins(date(2026, 1, 1) + timedelta(days=n), zone) for n in range(366)]
        assert all(22 <= (b - a) / timedelta(hours=1) <= 26 for a, b in pairwise(days))
