"""How far a rule at times of the clock has got: what strikes, what is made up for, and who is still to be asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.routing.model.clock import LATE_MOST, ClockRow, Place, rest, still_to_ask, strike, wanted
from services.routing.model.wait import FIRED_MAX, Fired, fired_with
from services.routing.rules.schema import Rule
from tests.unit.routing.examples import AT, rule

ZONES = {"berlin": "Europe/Berlin", "paris": "Europe/Paris", "york": "America/New_York", "york-two": "America/New_York"}
DAILY = {"weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "times": ["12:00"]}


def struck(id_: str = "r1", **changes: Any) -> Rule:
    return rule(id_, when=["ClockStruck"], **{"clock": DAILY, **changes})


def row(**changes: Any) -> ClockRow:
    (made,) = wanted([struck(clock={**DAILY, "zone": "UTC"})], ZONES, revision=1, now=AT).values()
    return made.model_copy(update=changes)


NOON = AT.replace(hour=12)


def test_there_is_a_row_for_each_rule_and_zone_of_its_brands() -> None:
    rules = [struck("all"), struck("york", brand_ids=["york"]), struck("far", clock={**DAILY, "zone": "Asia/Tokyo"})]
    found = wanted(rules, ZONES, revision=7, now=AT)
    assert sorted((one.rule_id, one.zone) for one in found.values()) == [
        ("all", "America/New_York"),
        ("all", "Europe/Berlin"),
        ("all", "Europe/Paris"),
        ("far", "Asia/Tokyo"),
        ("york", "America/New_York"),
    ]
    assert {one.due_at > AT for one in found.values()} == {True}


def test_what_is_edited_beside_the_times_changes_no_row() -> None:
    (before,), (after,), (others,) = (
        wanted([one], {"b": "UTC"}, revision=1, now=AT)
        for one in (struck(), struck(name="Another", then=[]), struck(clock={**DAILY, "times": ["13:00"]}))
    )
    assert before == after != others


def test_a_rule_that_is_seen_late_strikes_from_when_it_came_into_force_on() -> None:
    """Published for noon itself, and looked at a second later; in a zone that comes later, from then on."""
    late, utc = NOON + timedelta(seconds=1), {"b": "UTC"}
    (first,) = wanted([struck()], utc, revision=1, now=late, since=lambda _: NOON).values()
    assert first.due_at == NOON
    moved = wanted([struck()], {"b": "Etc/GMT+0"}, [first], revision=1, now=late, since=lambda _: NOON)
    others = wanted([struck(clock={**DAILY, "times": ["12:00", "13:00"]})], utc, [first], revision=1, now=late)
    assert [one.due_at - NOON for one in (*moved.values(), *others.values())] == [
        timedelta(days=1),
        timedelta(hours=1),
    ]


@pytest.mark.parametrize(
    ("due", "at", "expected"),
    [
        (NOON, NOON, NOON),
        (NOON, NOON + LATE_MOST, NOON),
        (NOON, NOON + LATE_MOST + timedelta(seconds=1), None),
        (NOON, NOON + timedelta(days=9, hours=3), NOON + timedelta(days=9)),
        (NOON, NOON + timedelta(days=9, hours=13), None),
    ],
)
def test_the_last_that_was_missed_strikes_unless_it_is_long_ago(
    due: datetime, at: datetime, expected: datetime | None
) -> None:
    found = strike(row(due_at=due), at)
    assert (found.due_at if found else None) == expected
    if found is None:
        after = rest(row(due_at=due), missed_until=at)
        assert (after.begun, after.due_at > at) == (False, True)


def test_what_has_begun_goes_on_as_it_struck_and_then_rests_until_the_next() -> None:
    begun = row(due_at=NOON, begun=True, reached=Place("paris", "c7"))
    assert strike(begun, NOON + timedelta(hours=11)) == begun
    assert rest(begun) == row(due_at=NOON + timedelta(days=1))


def test_one_that_was_cut_off_for_long_takes_up_what_struck_since() -> None:
    begun = row(due_at=NOON, begun=True, reached=Place("paris", "c7"))
    late = NOON + timedelta(days=1, hours=1)
    assert strike(begun, late) is None
    assert rest(begun, missed_until=late).due_at == NOON + timedelta(days=1)


def test_it_goes_on_after_its_place() -> None:
    assert list(still_to_ask(row(), (), ZONES)) == [Place(brand) for brand in sorted(ZONES)]
    there = row(reached=Place("paris", "c7"))
    assert list(still_to_ask(there, (), ZONES)) == [Place("paris", "c7"), Place("york"), Place("york-two")]
    assert list(still_to_ask(there, ("berlin", "paris"), ZONES)) == [Place("paris", "c7")]
    done = row(reached=Place("paris", None))
    assert list(still_to_ask(done, ("paris", "york"), ZONES)) == [Place("york")]


def test_a_conversation_has_one_place_whatever_becomes_of_its_status() -> None:
    """All that a place is of: what has passed nothing can come to lie behind it, and what was passed not before it."""
    assert Place._fields == ("brand_id", "conversation_id")


def test_it_asks_the_brands_of_its_own_zone_alone() -> None:
    found = wanted([struck()], ZONES, revision=1, now=AT).values()
    (york,) = (one for one in found if one.zone == "America/New_York")
    assert [one.brand_id for one in still_to_ask(york, (), ZONES)] == ["york", "york-two"]


def test_a_conversation_remembers_the_last_acting_of_each_rule_up_to_a_bound() -> None:
    many = tuple(Fired(rule_id=f"r{n}", moments="m") for n in range(FIRED_MAX))
    found = fired_with(many, Fired(rule_id="r5", moments="n"))
    assert (len(found), found[-1].moments) == (FIRED_MAX, "n")
    assert len(fired_with(found, Fired(rule_id="new", moments="n"))) == FIRED_MAX
