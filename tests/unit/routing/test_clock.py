"""Times of the clock: which moments they come to, also to one who looks at it every minute, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.rules.clock import WEEK, ClockTimes, last_until, next_after
from services.routing.rules.compile import check
from services.routing.rules.schema import RuleDraft
from shared.errors import Invalid
from tests.unit.routing.examples import KNOWN, condition, draft

MINUTE = timedelta(minutes=1)
WEEKDAYS = WEEK[:5]
BERLIN, NEW_YORK, SYDNEY = "Europe/Berlin", "America/New_York", "Australia/Sydney"


def times(**changes: Any) -> ClockTimes:
    values = {"weekdays": WEEKDAYS, "times": ("17:00",), **changes}
    if "month_days" in changes:
        del values["weekdays"]
    if "every" in changes:
        del values["times"]
    return ClockTimes.model_validate(values)


def struck(clock: ClockTimes, zone: str, start: datetime, many: int) -> list[str]:
    """The next ones, as the clocks of the zone show them."""
    found, at = [], start
    for _ in range(many):
        at = next_after(clock, zone, at)
        found.append(at.astimezone(ZoneInfo(zone)).strftime("%a %d %b %H:%M %z"))
    return found


# ── which moments ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("clock", "zone", "start", "expected"),
    [
        (times(), BERLIN, "2026-05-01T14:59Z", ["Fri 01 May 17:00 +0200", "Mon 04 May 17:00 +0200"]),
        (times(), BERLIN, "2026-05-01T15:00Z", ["Mon 04 May 17:00 +0200", "Tue 05 May 17:00 +0200"]),
        (
            times(weekdays=("mon",), times=("09:00",)),
            NEW_YORK,
            "2026-10-31T12:00Z",
            ["Mon 02 Nov 09:00 -0500", "Mon 09 Nov 09:00 -0500"],
        ),
        (times(month_days=(1,), times=("08:00",)), SYDNEY, "2026-05-02T00:00Z", ["Mon 01 Jun 08:00 +1000"]),
        (times(month_days=(31,)), "UTC", "2026-01-31T17:00Z", ["Tue 31 Mar 17:00 +0000", "Sun 31 May 17:00 +0000"]),
        (
            times(month_days=(-1,)),
            "UTC",
            "2026-01-31T17:00Z",
            ["Sat 28 Feb 17:00 +0000", "Tue 31 Mar 17:00 +0000", "Thu 30 Apr 17:00 +0000"],
        ),
        (
            times(every={"hours": 2, "from": "09:00", "to": "14:00"}),
            "UTC",
            "2026-05-01T08:00Z",
            ["Fri 01 May 09:00 +0000", "Fri 01 May 11:00 +0000", "Fri 01 May 13:00 +0000", "Mon 04 May 09:00 +0000"],
        ),
    ],
)
def test_it_strikes_on_its_days_at_its_times(clock: ClockTimes, zone: str, start: str, expected: list[str]) -> None:
    assert struck(clock, zone, datetime.fromisoformat(start), len(expected)) == expected


def test_a_time_that_the_clock_jumps_over_strikes_as_it_jumps_and_once() -> None:
    """In Berlin 2:00 is 3:00 on 29 March 2026."""
    clock = times(weekdays=WEEK, times=("02:30", "02:45", "03:00"))
    assert struck(clock, BERLIN, datetime(2026, 3, 28, 12, tzinfo=UTC), 2) == [
        "Sun 29 Mar 03:00 +0200",
        "Mon 30 Mar 02:30 +0200",
    ]


def test_a_time_that_the_clock_shows_twice_strikes_the_first_time() -> None:
    """In Berlin 3:00 is 2:00 again on 25 October 2026."""
    clock = times(weekdays=WEEK, times=("02:30",))
    assert struck(clock, BERLIN, datetime(2026, 10, 24, 12, tzinfo=UTC), 2) == [
        "Sun 25 Oct 02:30 +0200",
        "Mon 26 Oct 02:30 +0100",
    ]


def test_midnight_that_is_left_out_is_the_beginning_of_that_day() -> None:
    """In Beirut the day of 29 March 2026 begins at 1:00."""
    clock = times(weekdays=("sun",), times=("00:00",))
    assert struck(clock, "Asia/Beirut", datetime(2026, 3, 28, 12, tzinfo=UTC), 1) == ["Sun 29 Mar 01:00 +0300"]


def test_a_day_that_a_zone_left_out_has_no_times() -> None:
    """Samoa went from Thursday 29 to Saturday 31 December 2011."""
    clock = times(weekdays=("fri",), times=("09:00",))
    assert struck(clock, "Pacific/Apia", datetime(2011, 12, 28, tzinfo=UTC), 1) == ["Fri 06 Jan 09:00 +1400"]


# ── against a clock that is looked at every minute ────────────────────────────────────────────────
def slowly(clock: ClockTimes, zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    """Each minute: does the wall's clock show a time of today now that it did not show, nor a later one, before?"""
    shown_most: dict[date, time] = {}
    at = start - timedelta(days=2)
    while at < end:
        wall = at.astimezone(zone)
        before, now = shown_most.get(wall.date()), wall.time()
        if before is None or now > before:
            shown_most[wall.date()] = now
            new = [one for one in _of_a_day(clock) if one <= now and (before is None or one > before)]
            if new and clock.has(wall.date()) and at > start:
                yield at
        at += MINUTE


def _of_a_day(clock: ClockTimes) -> list[time]:
    written = [time.fromisoformat(one) for one in clock.times]
    if clock.every is None:
        return written
    at, found = datetime.combine(date(2026, 1, 1), time.fromisoformat(clock.every.begins)), []
    while at.date() == date(2026, 1, 1) and at.time() <= time.fromisoformat(clock.every.ends):
        found.append(at.time())
        at += timedelta(hours=clock.every.hours)
    return found


CHANGES = {
    BERLIN: [datetime(2026, 3, 29), datetime(2026, 10, 25)],
    NEW_YORK: [datetime(2026, 3, 8), datetime(2026, 11, 1)],
    "Australia/Lord_Howe": [datetime(2026, 4, 4), datetime(2026, 10, 3)],
    "Asia/Beirut": [datetime(2026, 3, 28), datetime(2026, 10, 24)],
    "Pacific/Apia": [datetime(2011, 12, 30)],
    "Asia/Kathmandu": [datetime(2026, 5, 1)],
    "America/Scoresbysund": [datetime(2024, 3, 31)],
}
of_a_day = st.builds(lambda at: f"{at // 60:02}:{at % 60:02}", st.one_of(st.integers(0, 240), st.integers(0, 1439)))
days = st.one_of(
    st.fixed_dictionaries({"weekdays": st.lists(st.sampled_from(WEEK), min_size=1, max_size=7)}),
    st.fixed_dictionaries({"month_days": st.lists(st.sampled_from([-1, 1, 3, 8, 25, 29, 31]), min_size=1, max_size=7)}),
)
hours = st.one_of(
    st.fixed_dictionaries({"times": st.lists(of_a_day, min_size=1, max_size=4)}),
    st.fixed_dictionaries(
        {
            "every": st.builds(
                lambda n, a, b: {"hours": n, "from": min(a, b), "to": max(a, b)}, st.integers(1, 12), of_a_day, of_a_day
            )
        }
    ),
)


@given(days, hours, st.sampled_from(sorted(CHANGES)), st.data())
def test_it_strikes_when_one_who_looks_every_minute_sees_it(day: Any, hour: Any, zone: str, data: Any) -> None:
    clock = ClockTimes.model_validate({**day, **hour})
    about = data.draw(st.sampled_from(CHANGES[zone])).replace(tzinfo=UTC)
    start = about - timedelta(hours=30) + MINUTE * data.draw(st.integers(0, 600))
    end = start + timedelta(days=3)
    seen, at = [], start
    while (at := next_after(clock, zone, at)) < end:
        seen.append(at)
    assert seen == list(slowly(clock, ZoneInfo(zone), start, end))


@given(days, hours, st.sampled_from(sorted(CHANGES)), st.integers(0, 100_000))
def test_the_last_one_and_the_next_have_nothing_between_them(day: Any, hour: Any, zone: str, minutes: int) -> None:
    clock = ClockTimes.model_validate({**day, **hour})
    at = CHANGES[zone][0].replace(tzinfo=UTC) + MINUTE * (minutes - 50_000)
    last = last_until(clock, zone, at)
    assert last <= at < next_after(clock, zone, at)
    assert next_after(clock, zone, last) == next_after(clock, zone, at)
    assert last_until(clock, zone, last) == last


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────
STRIKES = {"when": ["ClockStruck"], "clock": {"weekdays": ["mon"], "times": ["09:00"]}}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"clock": None}, "clock"),
        ({"when": ["Closed"]}, "clock"),
        ({"when": ["ClockStruck", "Closed"]}, "when"),
        ({"after": "PT2H"}, "after"),
        ({"stop": True}, "stop"),
        ({"clock": {"times": ["09:00"]}}, "clock.weekdays"),
        ({"clock": {"times": ["09:00"], "weekdays": ["mon"], "month_days": [1]}}, "clock.month_days"),
        ({"clock": {"times": ["09:00"], "month_days": [1, 0]}}, "clock.month_days[1]"),
        ({"clock": {"weekdays": ["mon"]}}, "clock.times"),
        (
            {"clock": {"weekdays": ["mon"], "times": ["09:00"], "every": {"hours": 1, "from": "09:00", "to": "10:00"}}},
            "clock.times",
        ),
        ({"clock": {"weekdays": ["mon"], "every": {"hours": 1, "from": "12:00", "to": "10:00"}}}, "clock.every.to"),
        ({"clock": {"weekdays": ["mon"], "times": ["09:00"], "zone": "Mars/Olympus"}}, "clock.zone"),
        ({"if": {"all": [condition("message.text", "is", "x")]}}, "if.all[0].field"),
        ({"if": {"all": [condition("conversation.team", "changed")]}}, "if.all[0].operator"),
        ({"then": [{"kind": "send_macro", "macro_id": "sorry"}]}, "if"),
    ],
)
def test_what_no_clock_can_strike_is_refused_with_its_place(changes: dict[str, Any], place: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(RuleDraft.model_validate(draft(**{**STRIKES, **changes})), KNOWN)
    assert place in [one.path for one in refused.value.fields]


def test_one_at_times_of_the_clock_can_be_saved_and_ask_for_the_hour() -> None:
    asks = {"all": [condition("event.hour", "less", 12), condition("conversation.closed_at", "yesterday")]}
    check(RuleDraft.model_validate(draft(**{**STRIKES, "if": asks})), KNOWN)
    check(RuleDraft.model_validate(draft(**STRIKES)), KNOWN)
