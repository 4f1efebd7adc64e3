"""Rules at times of the clock, on real servers: each conversation once, from two replicas, after a kill, an edit, an
outage."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.routing import clocks
from services.routing.clocks import ClockChanges, ClockHandlers
from services.routing.rules.schema import RuleDraft
from services.routing.store.clocks import Clocks
from shared.contracts.directory import BrandChanged
from shared.contracts.governance import Rollout
from shared.governance import model
from shared.governance.written import Act
from shared.timers import Timers
from tests.integration.routing.conftest import Replica
from tests.integration.routing.world import Known, add_rule, come, decided, received
from tests.unit.routing.examples import AT, closed, draft, note, started

TAG = [{"kind": "add_tags", "tags": ["asked"]}]
AT_NOON = {"weekdays": ["mon", "tue", "wed", "thu", "fri"], "times": ["12:00"]}
STRIKES: dict[str, Any] = {"when": ["ClockStruck"], "clock": AT_NOON, "then": TAG}
"""AT is a Friday, 9:00 UTC."""


def timers(replica: Replica) -> Timers:
    known = Known(replica.clock)
    mine = ClockHandlers(replica.store, replica.desk, replica.seats, replica.clock, known, lambda: None)
    rows, batch = replica.store.clocks.rows, clocks.PAGES_AT_ONCE
    return Timers(rows, mine.on_due, name="clock", clock=replica.clock, lease_s=60, batch=batch, until=known.until)


async def fire(*replicas: Replica) -> int:
    return sum(await asyncio.gather(*(timers(one).fire_due() for one in replicas)))


async def look(*replicas: Replica) -> None:
    for one in replicas:
        await ClockChanges(one.store, one.desk, one.clock).turn()


async def hear(replica: Replica, *events: Any) -> None:
    for start in range(0, len(events), 250):
        await replica.handlers.on_conversation_events([received(one) for one in events[start : start + 250]])


async def acted(replica: Replica) -> list[str]:
    """The conversations on which a rule did something, in order."""
    return [one["conversation_id"] for one in await decided(replica.store.database)]


async def edit(replica: Replica, version: int, **changes: Any) -> None:
    new = RuleDraft.model_validate(draft(**changes))
    given = {"version": version, "command_id": f"edit {version}", "by": "", "now": replica.clock(), "publish": True}
    await replica.store.rules.replace("noon", new, **given)


def many(count: int, **on_head: Any) -> list[Any]:
    return [started(id=f"c{n:04}", **on_head) for n in range(count)]


async def test_it_strikes_once_from_two_replicas_on_what_is_open_and_qualifies(replicas: list[Replica]) -> None:
    one, two = replicas
    urgent = {"all": [{"field": "conversation.priority", "operator": "is", "value": True}]}
    await add_rule(one.store, "noon", **{**STRIKES, "if": urgent})
    await look(one, two)
    late = started(id="late", priority=True, started_at=AT + timedelta(hours=4))
    await hear(one, started(id="yes", priority=True), started(id="no"), late)
    await hear(one, started(id="shut", priority=True), closed(2, id="shut", priority=True))
    await hear(one, started(id="spam", priority=True, spam=True))
    one.clock.move(hours=2)
    assert await fire(one, two) == 0
    one.clock.move(hours=2)
    for _ in range(3):
        await look(one, two)
        await fire(one, two)
    assert await acted(one) == ["yes"]
    one.clock.move(days=3)  # over the weekend
    await fire(one, two)
    assert sorted(await acted(one)) == ["late", "yes", "yes"]


async def test_what_cannot_be_read_and_what_is_so_already_hold_up_nobody_and_are_not_written(replica: Replica) -> None:
    await add_rule(replica.store, "noon", **STRIKES)
    await look(replica)
    await hear(replica, started(id="a"), started(id="b", tags=("asked",)), started(id="c"))
    rows = replica.store.conversations.rows
    await rows.update_one({"_id": "a"}, {"$set": {"head": "{}"}})
    before = await rows.find_one({"_id": "b"})
    replica.clock.move(hours=4)
    await fire(replica)
    assert await acted(replica) == ["c"]
    assert await rows.find_one({"_id": "b"}) == before


async def test_what_strikes_as_the_rule_comes_into_force_is_not_missed(replica: Replica) -> None:
    await hear(replica, started(id="c1"))
    replica.clock.move(hours=3)
    await add_rule(replica.store, "noon", at=replica.clock(), **STRIKES)
    replica.clock.move(minutes=10)
    await look(replica)
    await fire(replica)
    assert await acted(replica) == ["c1"]


async def test_a_clock_that_was_ahead_silences_nobody_and_does_nothing_twice(replica: Replica) -> None:
    """Two days ahead at first: the Tuesday that it struck then comes again."""
    await add_rule(replica.store, "noon", **STRIKES)
    await look(replica)
    await hear(replica, started(id="c1"))
    replica.clock.move(days=4, hours=4)  # Tuesday
    await fire(replica)
    replica.clock.move(days=-2)
    await look(replica)
    for _ in range(3):
        replica.clock.move(days=1)  # Monday, Tuesday again, Wednesday
        await fire(replica)
    assert await acted(replica) == ["c1", "c1", "c1"]


async def test_why_says_what_was_asked_as_the_clock_struck(replica: Replica) -> None:
    asks = {"all": [{"field": "event.hour", "operator": "is", "value": 12}]}
    await add_rule(replica.store, "other")
    await add_rule(replica.store, "noon", **{**STRIKES, "if": asks})
    await look(replica)
    await hear(replica, started(id="c1"))
    replica.clock.move(hours=8)
    await fire(replica)
    found = await replica.store.decisions.of("c1", 10)
    assert (found[-1].trigger.event, found[-1].rule_id) == ("ClockStruck", "noon")
    trace = (await replica.store.rules.at(found[-1].revision)).explain_one("noon", found[-1].seen)
    assert [(one.rule_id, one.matched) for one in trace] == [("noon", True)]


class Cut:
    """A replica that is cut off in a page of its walk, as it is about to write how far it has got."""

    def __init__(self, store: Clocks, page: int) -> None:
        self._write, self._left = store.write, page

    async def __call__(self, *asked: Any) -> bool:
        self._left -= 1
        if self._left == 0:
            raise asyncio.CancelledError
        return await self._write(*asked)


@pytest.mark.parametrize("page", [1, 2, 5])
async def test_what_a_killed_replica_had_begun_goes_on_where_it_stood(
    replicas: list[Replica], monkeypatch: pytest.MonkeyPatch, page: int
) -> None:
    one, two = replicas
    monkeypatch.setattr(clocks, "PAGE", 20)
    await add_rule(one.store, "noon", **STRIKES)
    await look(one)
    await hear(one, *many(85))
    one.clock.move(hours=4)
    with monkeypatch.context() as cut:
        cut.setattr(one.store.clocks, "write", Cut(one.store.clocks, page))
        dying = asyncio.create_task(timers(one).fire_due())
        await asyncio.wait([dying])
    assert len(await acted(one)) == 20 * (page - 1)
    assert await fire(two) == 0, "it is claimed"
    two.clock.move(seconds=61)
    await fire(one, two)
    assert sorted(await acted(one)) == [f"c{n:04}" for n in range(85)]


async def test_one_that_lost_its_lease_in_between_writes_nothing_more(
    replicas: list[Replica], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = replicas
    monkeypatch.setattr(clocks, "PAGE", 20)
    await add_rule(one.store, "noon", **STRIKES)
    await look(one)
    await hear(one, *many(85))
    one.clock.move(hours=4)
    held, goes_on, write = asyncio.Event(), asyncio.Event(), one.store.decisions.add

    async def slow(*asked: Any) -> None:
        if not held.is_set():
            held.set()
            await goes_on.wait()
        await write(*asked)

    monkeypatch.setattr(one.store.decisions, "add", slow)
    first = asyncio.create_task(timers(one).fire_due())
    await held.wait()
    one.clock.move(seconds=61)
    second = asyncio.create_task(timers(two).fire_due())
    await asyncio.sleep(0)
    goes_on.set()
    await asyncio.gather(first, second)
    while await fire(one, two):
        pass
    assert sorted(await acted(one)) == [f"c{n:04}" for n in range(85)]


async def test_many_pages_at_once_are_done_in_turns_and_the_rest_by_the_next(
    replicas: list[Replica], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = replicas
    monkeypatch.setattr(clocks, "PAGE", 10)
    monkeypatch.setattr(clocks, "PAGES_AT_ONCE", 4)
    monkeypatch.setattr(clocks, "LOOK_UPS", 1)
    both = {**STRIKES, "clock": {**AT_NOON, "statuses": ["open", "closed"]}}
    await add_rule(one.store, "noon", **both)
    other = [{"kind": "add_tags", "tags": ["other"]}]
    await add_rule(one.store, "noon too", **{**both, "then": other})
    await look(one)
    await hear(one, *many(100), *(started(id=f"e{n}", brand_id="earth-echo") for n in range(5)))
    await hear(one, *(closed(2, id=f"c{n:04}") for n in range(50)))
    one.clock.move(hours=4)
    while await fire(one, two):
        pass
    found = [(one["conversation_id"], one["actions"][0]["rule"]["id"]) for one in await decided(one.store.database)]
    assert len(found) == len(set(found)) == 2 * 105


async def test_what_gets_another_status_in_the_middle_of_a_walk_is_asked_once(
    replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They wake, are closed and opened anew with every page, each on and on: into what was passed, and out of it."""
    monkeypatch.setattr(clocks, "PAGE", 4)
    monkeypatch.setattr(clocks, "PAGES_AT_ONCE", 1)
    ring = ["snoozed", "open", "closed"]
    await add_rule(replica.store, "noon", **{**STRIKES, "clock": {**AT_NOON, "statuses": ring}})
    await look(replica)
    await hear(replica, *many(24))
    replica.clock.move(hours=4)
    for seq in range(2, 12):
        at = [(f"c{n:04}", ring[(n // 8 + seq) % 3]) for n in range(24)]
        await hear(replica, *(note(seq, id=id_, status=status) for id_, status in at))
        await fire(replica)
    (row,) = (await replica.store.clocks.all()).values()
    assert (sorted(await acted(replica)), row.begun) == ([f"c{n:04}" for n in range(24)], False)


async def test_one_that_wakes_after_it_was_passed_asleep_waits_for_the_next_stroke(
    replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule is for what is open alone, and it was not."""
    monkeypatch.setattr(clocks, "PAGE", 4)
    monkeypatch.setattr(clocks, "PAGES_AT_ONCE", 1)
    await add_rule(replica.store, "noon", **STRIKES)
    await look(replica)
    await hear(replica, *many(8), note(2, id="c0001", status="snoozed"), note(2, id="c0007", status="snoozed"))
    replica.clock.move(hours=4)
    await fire(replica)
    await hear(replica, note(3, id="c0001"), note(3, id="c0007"))
    while await fire(replica):
        pass
    assert sorted(await acted(replica)) == [f"c{n:04}" for n in range(8) if n != 1]


async def test_more_that_strike_at_one_moment_than_get_a_page_at_once_leave_the_rest_to_whoever_comes(
    replicas: list[Replica], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is claimed gets a page: nobody holds what it will not come to, and the rest is taken at once."""
    one, two = replicas
    monkeypatch.setattr(clocks, "PAGES_AT_ONCE", 2)
    for n in range(5):
        await add_rule(one.store, f"noon {n}", **{**STRIKES, "then": [{"kind": "add_tags", "tags": [f"by {n}"]}]})
    await look(one)
    await hear(one, started(id="c1"))
    one.clock.move(hours=4)
    assert [await timers(replica).turn() for replica in (one, two, one)] == [True, True, False]
    assert await acted(one) == ["c1"] * 5


async def test_one_that_the_rule_itself_moves_on_is_not_asked_again(replica: Replica) -> None:
    """Snoozed by it, and met once more as the walk begins anew."""
    clock = {**AT_NOON, "statuses": ["open", "snoozed"]}
    await add_rule(replica.store, "noon", **{**STRIKES, "clock": clock})
    await look(replica)
    await hear(replica, started(id="c1"))
    replica.clock.move(hours=4)
    rows = replica.store.conversations.rows
    (row,) = (await replica.store.clocks.all()).values()
    await fire(replica)
    await rows.update_one({"_id": "c1"}, {"$set": {"status": "snoozed"}})
    begun = {"due_at": row.due_at, "begun": True, "reached": ("paleo-hacks", "")}
    await replica.store.clocks.rows.update_one({"_id": row.id}, {"$set": begun})
    await fire(replica)
    assert await acted(replica) == ["c1"]


async def test_each_brand_has_its_own_time(replica: Replica) -> None:
    far = BrandChanged(brand_id="earth-echo", seq=2, name="Earth Echo", color="#112233", time_zone="America/New_York")
    replica.directory.learn(far)
    await add_rule(replica.store, "noon", **STRIKES)
    await look(replica)
    await hear(replica, started(id="near"), started(id="far", brand_id="earth-echo"))
    for hours, expected in ((3, ["near"]), (3, ["near"]), (1, ["near", "far"])):
        replica.clock.move(hours=hours)
        await fire(replica)
        assert await acted(replica) == expected


async def test_an_edited_rule_keeps_its_place_and_one_at_other_times_begins_anew(
    replicas: list[Replica], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = replicas
    monkeypatch.setattr(clocks, "PAGE", 10)
    monkeypatch.setattr(clocks, "PAGES_AT_ONCE", 2)
    await add_rule(one.store, "noon", **STRIKES)
    await look(one)
    await hear(one, *many(50))
    one.clock.move(hours=4)
    await fire(one)
    await edit(one, 1, **{**STRIKES, "name": "Midday"})
    await look(one, two)
    await fire(two)
    assert await acted(one) == [f"c{n:04}" for n in range(40)]
    await edit(one, 2, **{**STRIKES, "clock": {**AT_NOON, "times": ["13:30"]}})
    await look(two, one)
    await fire(one, two)
    assert len(await acted(one)) == 40, "what was under way at times that are gone is over"
    one.clock.move(hours=1)
    while await fire(one, two):
        pass
    assert len(await acted(one)) == 90
    retire = Act("retired", "", AT)
    await one.store.rules.act("noon", lambda rule, _: model.retire(rule), retire, version=3, command_id="r")
    await look(one)
    assert await one.store.clocks.all() == {}


@pytest.mark.parametrize(("away_h", "times"), [(3 + 11.9, 1), (3 + 12.1, 0), (24 * 5, 1)])
async def test_of_what_was_missed_the_last_one_is_made_up_for_when_it_is_not_half_a_day_ago(
    replica: Replica, away_h: float, times: int
) -> None:
    """Five days later it is Wednesday 9:00: Tuesday's noon is too long ago, so an evening's is added."""
    clock = {**AT_NOON, "times": ["12:00", "22:00"]} if away_h > 100 else AT_NOON
    await add_rule(replica.store, "noon", **{**STRIKES, "clock": clock})
    await look(replica)
    await hear(replica, started(id="c1"))
    replica.clock.move(hours=away_h)
    await look(replica)
    for _ in range(3):
        await fire(replica)
    assert len(await acted(replica)) == times
    (row,) = (await replica.store.clocks.all()).values()
    assert (row.begun, row.due_at > replica.clock()) == (False, True)


async def test_rolled_out_to_a_brand_it_strikes_there_at_its_new_time(replica: Replica) -> None:
    await add_rule(replica.store, "noon", **STRIKES)
    new = RuleDraft.model_validate(draft(**{**STRIKES, "clock": {**AT_NOON, "times": ["15:00"]}}))
    await replica.store.rules.replace("noon", new, version=1, command_id="2", by="", now=AT)
    rollout = Rollout(brand_ids=("earth-echo",))

    def publish(one: model.Artifact, terms: model.Terms) -> model.Artifact:
        return model.publish(one, terms, by="", now=AT, rollout=rollout)

    await replica.store.rules.act("noon", publish, Act("published", "", AT), version=2, command_id="p")
    await look(replica)
    await hear(replica, started(id="old"), started(id="new", brand_id="earth-echo"))
    replica.clock.move(hours=4)
    await fire(replica)
    assert await acted(replica) == ["old"]
    replica.clock.move(hours=3)
    await fire(replica)
    assert await acted(replica) == ["old", "new"]


async def test_who_is_there_gets_what_it_gives_out(replica: Replica) -> None:
    await add_rule(replica.store, "noon", **{**STRIKES, "then": [{"kind": "assign", "team_id": "email-support"}]})
    await look(replica)
    await come(replica.store, "jonas")
    await hear(replica, *many(2))
    replica.clock.move(hours=4)
    await fire(replica)
    assert await replica.store.conversations.loads() == {"jonas": 2}


async def test_only_those_of_a_brand_and_status_are_looked_at(replica: Replica) -> None:
    """A million closed ones cost nothing."""
    await hear(replica, *many(30), *(started(id=f"s{n}", brand_id="earth-echo") for n in range(30)))
    await hear(replica, *(closed(2, id=f"c{n:04}") for n in range(25)))
    await hear(replica, *(note(2, id=f"c{n:04}", status="snoozed") for n in (25, 28)))
    rows = replica.store.conversations.rows
    for statuses, expected in ((["open"], 2), (["open", "snoozed"], 3)):
        asked = {"head": {"$gt": ""}, "brand_id": "paleo-hacks", "status": {"$in": statuses}, "_id": {"$gt": "c0026"}}
        told = await rows.find(asked).sort([("_id", 1)]).limit(200).hint("asked_by_the_clock").explain()
        found = told["executionStats"]
        assert (found["totalDocsExamined"], found["totalKeysExamined"]) == (expected, expected)
        assert '"SORT"' not in json.dumps(told, default=str), "the index has them by id"


async def test_the_clock_is_read_in_utc_as_it_is_kept(replica: Replica) -> None:
    await add_rule(replica.store, "noon", **STRIKES)
    await look(replica)
    (row,) = (await replica.store.clocks.all()).values()
    assert (row.due_at, row.zone, row.begun) == (datetime(2026, 5, 1, 12, tzinfo=UTC), "UTC", False)
