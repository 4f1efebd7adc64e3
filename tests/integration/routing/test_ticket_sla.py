"""The time to resolve tickets on real servers: told once however often things are delivered or a process dies."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from services.routing.horizon import NEVER
from services.routing.ticket_targets import TicketTargetHandlers
from shared.contracts.tickets import TicketEvent
from shared.mongo import Document
from shared.timers import Timers
from tests.integration.routing.conftest import Replica
from tests.integration.routing.world import Known, add_policy, received
from tests.unit.routing.examples import AT, condition
from tests.unit.routing.sla.ticket_story import moved, submitted

ONLY_TICKETS = {"first_response_s": None, "next_response_s": None, "resolution_s": 3600}
FIRST = submitted()
WAITS = moved(FIRST.head, "waiting_on_customer", 20)
GOES_ON = moved(WAITS.head, "in_progress", 600)
RESOLVED = moved(GOES_ON.head, "resolved", 610)


def handlers(replica: Replica) -> TicketTargetHandlers:
    return TicketTargetHandlers(replica.store, replica.clock, Known(replica.clock))


def timers(replica: Replica, fire: Any = None, until: Any = None) -> Timers:
    horizon = Known(replica.clock)
    work = fire or TicketTargetHandlers(replica.store, replica.clock, horizon).on_due
    rows = replica.store.ticket_targets.rows
    return Timers(rows, work, name="ticket-sla", clock=replica.clock, lease_s=60, until=until or horizon.until)


async def follow(replica: Replica, *events: TicketEvent) -> None:
    await handlers(replica).on_ticket_events([received(event) for event in events])


async def told(replica: Replica) -> list[str]:
    """What was told, in order; its `seq` has no gap, and all goes to the ticket's own topic."""
    rows = replica.store.database.get_collection("log").find({"aggregate_id": "sla:t1"}).sort("seq")
    found = await rows.to_list(None)
    assert [row["seq"] for row in found] == list(range(1, len(found) + 1))
    assert {(row["topic"], row["key"]) for row in found} <= {("routing.tickets.v1", "t1")}
    return [json.loads(row["value"])["change"] for row in found]


async def test_a_ticket_is_followed_once_however_often_it_is_delivered(replicas: list[Replica]) -> None:
    one, two = replicas
    await add_policy(one.store, **ONLY_TICKETS)
    events = [FIRST, WAITS, GOES_ON, RESOLVED]
    await follow(one, *events)
    await follow(two, *events)
    await asyncio.gather(follow(one, *events[2:]), follow(two, *events))
    assert await told(one) == ["started", "paused", "resumed", "met"]


async def test_without_such_a_policy_nothing_is_kept_and_conversations_are_left_alone(replica: Replica) -> None:
    await add_policy(replica.store)
    await follow(replica, FIRST, WAITS)
    assert await replica.store.ticket_targets.rows.count_documents({}) == 0


async def test_a_warning_and_a_breach_come_once_from_two_replicas(replicas: list[Replica]) -> None:
    one, two = replicas
    await add_policy(one.store, **ONLY_TICKETS)
    await follow(one, FIRST)
    for minutes in (47, 2, 8, 5):
        one.clock.move(minutes=minutes)
        await asyncio.gather(*(timers(each).fire_due() for each in (one, two, one, two)))
    assert await told(one) == ["started", "warned", "breached"]


async def test_who_dies_between_the_claim_and_the_write_leaves_it_to_the_next(replicas: list[Replica]) -> None:
    one, two = replicas
    await add_policy(one.store, **ONLY_TICKETS)
    await follow(one, FIRST)
    one.clock.move(minutes=61)

    async def dies(rows: Sequence[Document]) -> None:
        assert len(rows) == 1
        raise SystemExit

    with pytest.raises(SystemExit):
        await timers(one, dies).fire_due()
    assert await timers(two).fire_due() == 0, "it is still claimed"
    one.clock.move(minutes=2)
    assert await timers(two).fire_due() == 1
    assert await timers(one).fire_due() == 0
    assert await told(one) == ["started", "breached"]


async def test_what_is_resolved_while_its_row_is_claimed_is_not_told_late(replicas: list[Replica]) -> None:
    one, two = replicas
    await add_policy(one.store, **ONLY_TICKETS)
    await follow(one, FIRST)
    one.clock.move(minutes=61)

    async def late(rows: Sequence[Document]) -> None:
        await follow(two, moved(FIRST.head, "resolved", 30))
        await handlers(one).on_due(rows)

    await timers(one, late).fire_due()
    assert await told(one) == ["started", "met"]


async def test_nothing_is_told_before_all_that_happened_is_known(replica: Replica) -> None:
    await add_policy(replica.store, **ONLY_TICKETS)
    await follow(replica, FIRST)
    replica.clock.move(minutes=61)

    async def unsure() -> Any:
        return NEVER

    assert await timers(replica, until=unsure).fire_due() == 0
    assert await told(replica) == ["started"]


async def test_it_stands_still_and_goes_on_and_what_is_kept_says_so(replica: Replica) -> None:
    await add_policy(replica.store, **ONLY_TICKETS)
    await follow(replica, FIRST, WAITS)
    [row] = (await replica.store.ticket_targets.read(["t1"])).values()
    assert (row.due_at, row.standing) == (None, "waiting")
    await follow(replica, GOES_ON)
    [row] = (await replica.store.ticket_targets.read(["t1"])).values()
    assert row.targets[0].due_at == AT + timedelta(minutes=640)


async def test_the_first_policy_in_order_whose_conditions_on_tickets_hold(replica: Replica) -> None:
    asks = {"all": [condition("ticket.type", "is", "refund")]}
    await add_policy(replica.store)
    await add_policy(replica.store, "refunds", ticket_if=asks, **ONLY_TICKETS)
    await add_policy(replica.store, "others", **ONLY_TICKETS)
    await follow(replica, FIRST, submitted(id="t2", type_id="quality"))
    rows = await replica.store.ticket_targets.read(["t1", "t2"])
    assert [rows[id_].targets[0].policy.id for id_ in ("t1", "t2")] == ["refunds", "others"]
