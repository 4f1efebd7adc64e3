"""When a lease that is over may be taken over, by a clock that the test moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from shared.timers import Trust

NOON = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_a_lease_that_is_over_is_taken_over_at_once() -> None:
    trust = Trust(timedelta(seconds=15))
    trust.answered(NOON)
    assert trust.holds(NOON)


def test_after_an_outage_its_holder_gets_a_pause_to_say_that_it_is_done() -> None:
    trust = Trust(timedelta(seconds=15))
    trust.away()
    assert not trust.holds(at(1000))
    trust.answered(at(1000))
    assert [trust.holds(at(1000 + seconds)) for seconds in (0, 14.9, 15)] == [False, False, True]
    trust.answered(at(1020))
    assert trust.holds(at(1020))


def test_one_that_goes_again_begins_the_pause_anew() -> None:
    trust = Trust(timedelta(seconds=15))
    trust.away()
    trust.answered(at(0))
    trust.away()
    assert not trust.holds(at(100))
    trust.answered(at(100))
    assert not trust.holds(at(114))
    assert trust.holds(at(115))
