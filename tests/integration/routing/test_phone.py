"""Statuses from the phone system on real MongoDB: taken once, echoes passed over, nobody made up."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from services.routing.phone import PhoneStatusHandlers
from shared.cloudevents import Received, Record
from shared.contracts.agents import PhoneStatusChanged
from shared.contracts.base import Event
from shared.log import Cause
from tests.integration.routing.conftest import Replica
from tests.unit.routing.examples import AT

MAYA = "maya@switchboard.example"


def heard(n: int, at: datetime, *, available: bool, substatus: str = "", email: str = MAYA) -> Received[Event]:
    event = PhoneStatusChanged(
        input_id=f"i{n}", account="aircall", email=email, available=available, substatus=substatus, at=at
    )
    record = Record("ingest.agents.v1", 0, 0, None, None, (), 0)
    return Received(f"e{n}", "", "", "", at, n, f"i{n}", "", "", event, record)


@pytest.fixture
def handlers(replica: Replica) -> PhoneStatusHandlers:
    return PhoneStatusHandlers(
        replica.store.availability, replica.directory, replica.clock, lambda: replica.nudged.append(True)
    )


async def changes(replica: Replica) -> list[dict[str, Any]]:
    rows = replica.store.database.get_collection("log").find({"topic": "routing.availability.v1"}).sort("seq")
    found = [json.loads(row["value"]) async for row in rows]
    return [{name: one[name] for name in ("agent_id", "seq", "status", "reason", "source")} for one in found]


async def test_a_change_in_aircall_is_a_change_here_once(replica: Replica, handlers: PhoneStatusHandlers) -> None:
    event = heard(1, AT, available=True)
    await handlers.on_statuses([event, event])
    await handlers.on_statuses([event])
    await handlers.on_statuses([heard(2, AT, available=False, substatus="in_training")])
    assert await changes(replica) == [
        {"agent_id": "maya", "seq": 1, "status": "online", "reason": "", "source": "phone"},
        {"agent_id": "maya", "seq": 2, "status": "away", "reason": "Coaching", "source": "phone"},
    ]
    assert replica.nudged


async def test_our_own_change_that_comes_back_changes_nothing(replica: Replica, handlers: PhoneStatusHandlers) -> None:
    for n, (status, reason) in enumerate([("online", ""), ("away", "Break/Lunch")]):
        cause = Cause(f"c{n}", f"c{n}")
        await replica.store.availability.set("maya", status, reason, cause=cause, now=AT)  # type: ignore[arg-type]
    await handlers.on_statuses([heard(1, AT, available=True), heard(2, AT, available=False)])
    await handlers.on_statuses([heard(3, AT, available=False, substatus="out_for_lunch")])
    assert [one["source"] for one in await changes(replica)] == ["desk", "desk"]
    replica.clock.move(seconds=30)
    await handlers.on_statuses([heard(4, replica.clock(), available=True)])
    assert (await changes(replica))[-1]["status"] == "online"


async def test_who_is_no_agent_here_is_passed_over(replica: Replica, handlers: PhoneStatusHandlers) -> None:
    await handlers.on_statuses([heard(1, AT, available=True, email="nobody@x.example")])
    assert await changes(replica) == []
