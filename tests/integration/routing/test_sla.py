"""Targets on real servers: told once however often things are delivered or a process dies, and never while unsure."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from services.routing.horizon import NEVER
from services.routing.sla.schema import CalendarDraft
from services.routing.store import Store
from services.routing.targets import TargetHandlers
from shared.governance import model
from shared.governance.written import Act
from shared.mongo import Document
from shared.timers import Timers
from tests.integration.routing.conftest import Replica
from tests.integration.routing.world import Known, add_policy, received
from tests.unit.routing.examples import AT, closed, condition, note, started
from tests.unit.routing.sla.story import again, answered
from tests.unit.routing.sla.test_timetable import calendar


def timers(replica: Replica, fire: Any = None) -> Timers:
    horizon = Known(replica.clock)
    handlers = TargetHandlers(replica.store, replica.clock, horizon)
    rows = replica.store.targets.rows
    return Timers(rows, fire or handlers.on_due, name="sla", clock=replica.clock, lease_s=60, until=horizon.until)


async def follow(replica: Replica, *events: Any) -> None:
    handlers = TargetHandlers(replica.store, replica.clock, Known(replica.clock))
    await handlers.on_conversation_events([received(event) for event in events])


async def told(store: Store, conversation_id: str = "c1") -> list[str]:
    """The names of what was told, in order; their `seq` has no gap."""
    rows = store.database.get_collection("log").find({"aggregate_id": f"sla:{conversation_id}"}).sort("seq")
    found = await rows.to_list(None)
    assert [row["seq"] for row in found] == list(range(1, len(found) + 1))
    assert [json.loads(row["value"])["seq"] for row in found] == [row["seq"] for row in found]
    return [row["type"].split(".")[2] for row in found]


async def test_a_conversation_is_followed_once_however_often_it_is_delivered(replicas: list[Replica]) -> None:
    one, two = replicas
    await add_policy(one.store)
    events = [started(), answered(2), again(3, waits=10), closed(4, waiting_since=None)]
    await follow(one, *events)
    await follow(two, *events)
    await asyncio.gather(follow(one, *events[2:]), follow(two, *events))
    assert await told(one.store) == ["SlaStarted", "SlaMet", "SlaStarted", "SlaEnded"]


async def test_without_policies_nothing_is_kept(replica: Replica) -> None:
    await follow(replica, started(), note(2))
    assert await replica.store.targets.rows.count_documents({}) == 0


async def test_what_is_told_again_is_not_looked_at_under_policies_that_came_or_went_since(replica: Replica) -> None:
    await follow(replica, started(), note(2))
    await add_policy(replica.store, now=AT + timedelta(days=1))
    await follow(replica, started(), note(2))
    assert await told(replica.store) == [], "nobody asked about it then"
    later = {"at": AT + timedelta(days=1)}
    await follow(replica, *(note(seq).model_copy(update=later) for seq in (3, 4)))
    act = Act("retired", "", replica.clock())
    await replica.store.policies.act("all", lambda one, _: model.retire(one), act, version=1, command_id="k")
    await follow(replica, *(note(seq).model_copy(update=later) for seq in (3, 4)))
    assert await told(replica.store) == ["SlaStarted"], "the policy has gone, which only something new makes out"
    await follow(replica, note(5).model_copy(update=later))
    assert await told(replica.store) == ["SlaStarted", "SlaEnded"]


async def test_history_and_what_a_blocked_sender_writes_have_no_targets(replica: Replica) -> None:
    await add_policy(replica.store)
    await follow(replica, started(imported=True), started().model_copy(update={"quiet": True}))
    assert await told(replica.store) == []


async def test_a_warning_and_a_breach_come_once_from_two_replicas(replicas: list[Replica]) -> None:
    one, two = replicas
    await add_policy(one.store)
    await follow(one, started())
    for minutes in (47, 2, 8, 5):
        one.clock.move(minutes=minutes)
        await asyncio.gather(*(timers(each).fire_due() for each in (one, two, one, two)))
    assert await told(one.store) == ["SlaStarted", "SlaWarned", "SlaBreached"]


async def test_who_dies_between_the_claim_and_the_write_leaves_it_to_the_next(replicas: list[Replica]) -> None:
    one, two = replicas
    await add_policy(one.store)
    await follow(one, started())
    one.clock.move(minutes=61)

    async def dies(rows: Sequence[Document]) -> None:
        assert len(rows) == 1
        raise SystemExit

    with pytest.raises(SystemExit):
        await timers(one, dies).fire_due()
    assert await timers(two).fire_due() == 0, "it is still claimed"
    assert await told(one.store) == ["SlaStarted"]
    one.clock.move(minutes=2)
    assert await timers(two).fire_due() == 1
    assert await timers(one).fire_due() == 0
    assert await told(one.store) == ["SlaStarted", "SlaBreached"]


async def test_an_answer_that_comes_while_a_row_is_claimed_is_not_overwritten(replicas: list[Replica]) -> None:
    one, two = replicas
    await add_policy(one.store)
    await follow(one, started())
    one.clock.move(minutes=61)

    async def late(rows: Sequence[Document]) -> None:
        event = answered(2).model_copy(update={"at": AT + timedelta(minutes=30)})
        await follow(two, event)
        await TargetHandlers(one.store, one.clock, Known(one.clock)).on_due(rows)

    await timers(one, late).fire_due()
    assert await told(one.store) == ["SlaStarted", "SlaMet"]


async def test_nothing_is_told_before_all_that_happened_is_known(replica: Replica) -> None:
    await add_policy(replica.store)
    await follow(replica, started())
    replica.clock.move(minutes=61)

    async def unsure() -> Any:
        return NEVER

    handlers = TargetHandlers(replica.store, replica.clock, Known(replica.clock))
    waits = Timers(replica.store.targets.rows, handlers.on_due, name="sla", clock=replica.clock, until=unsure)
    assert await waits.fire_due() == 0
    assert await told(replica.store) == ["SlaStarted"]


async def test_targets_go_on_by_the_calendar_that_they_began_with(replica: Replica) -> None:
    store = replica.store
    week = calendar("UTC").model_dump()
    await store.calendars.create("office", CalendarDraft.model_validate(week), by="", now=AT, publish=True)
    await add_policy(store, calendar_id="office")
    await follow(replica, started())
    always = [{"day": "fri", "opens": "09:30", "closes": "24:00"}]
    changed = CalendarDraft.model_validate({**week, "hours": always})
    await store.calendars.replace("office", changed, version=1, command_id="k", by="", now=AT, publish=True)
    await follow(replica, note(2, status="snoozed"), note(3))
    await follow(replica, answered(4), again(5, waits=10))
    rows = await store.database.get_collection("log").find({"aggregate_id": "sla:c1"}).sort("seq").to_list(None)
    values = [json.loads(row["value"])["target"] for row in rows]
    assert [one["calendar"]["version"] for one in values] == [1, 1, 1, 1, 2]


async def test_the_first_policy_in_order_whose_conditions_hold(replica: Replica) -> None:
    vip = {"all": [condition("conversation.priority", "is", True)]}
    await add_policy(replica.store, "vip", first_response_s=600, **{"if": vip})
    await add_policy(replica.store)
    await follow(replica, started(priority=True))
    row = (await replica.store.targets.read(["c1"]))["c1"]
    assert row.targets[0].policy.id == "vip"


async def test_a_claim_reads_only_what_is_due(replica: Replica) -> None:
    """However many run: the index on the time bounds it."""
    rows = replica.store.targets.rows
    await timers(replica).ensure_indexes()
    await rows.insert_many([{"_id": f"r{n}", "seq": 1, "due_at": AT + timedelta(minutes=n)} for n in range(2000)])
    now = AT + timedelta(minutes=20)
    due = {"due_at": {"$lte": now}, "$or": [{"lease_until": {"$lte": now}}, {"lease_until": None}]}
    explained = await rows.find(due).sort("due_at", 1).limit(100).explain()
    assert explained["executionStats"]["totalDocsExamined"] == 21
    assert explained["executionStats"]["totalKeysExamined"] <= 22
