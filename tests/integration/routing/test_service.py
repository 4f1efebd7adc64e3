"""The whole service on real Kafka, MongoDB and Redis: what is published comes back decided, once, in order."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest_asyncio
from aiokafka import AIOKafkaProducer

from services.routing import demo
from services.routing.app import build_app
from services.routing.settings import RoutingSettings
from services.routing.store import Store
from shared import clock, mongo
from shared.contracts.base import Event
from shared.contracts.directory import AgentChanged, BrandChanged
from shared.contracts.routing import Decided, StatusChanged
from shared.contracts.sla import TicketSlaChanged
from shared.ids import derived
from shared.service import Service
from shared.setup import create_topics
from shared.topics import CONVERSATIONS, DIRECTORY, TICKETS, Topic
from tests.integration.routing.test_assignment import conversation
from tests.integration.routing.world import add_email_rule, add_policy, come, directory_events
from tests.integration.shared.world import Kafka, until
from tests.records import record
from tests.unit.routing.examples import AT, started
from tests.unit.routing.sla.story import answered
from tests.unit.routing.sla.ticket_story import moved, submitted


@pytest_asyncio.fixture
async def kafka(settings: RoutingSettings) -> AsyncIterator[Kafka]:
    await create_topics(settings)
    async with Kafka(settings.kafka, settings.prefix) as client:
        for event in directory_events(capacity=5):
            await publish(client.producer, settings, DIRECTORY, entity(event), event, 1)
        yield client


def entity(event: Event) -> str:
    name, value = next(iter(event.model_dump().items()))
    return f"{name.removesuffix('_id')}:{value}"


async def publish(
    producer: AIOKafkaProducer, settings: RoutingSettings, topic: Topic, key: str, event: Event, seq: int
) -> None:
    id_ = derived("test", key, str(seq))
    await producer.send_and_wait(**record(settings, topic, key, event, id_=id_, at=AT, seq=seq))


@pytest_asyncio.fixture
async def service(settings: RoutingSettings, kafka: Kafka) -> AsyncIterator[Service]:
    made = build_app(settings)
    await made.start()
    yield made
    await made.stop()
    await made.close()


@pytest_asyncio.fixture
async def store(settings: RoutingSettings) -> AsyncIterator[Store]:
    client = mongo.connect(settings)
    yield Store(client, mongo.database(client, settings, "routing"), clock.now)
    await client.close()


async def decisions(kafka: Kafka, count: int) -> list[Decided]:
    async def enough() -> list[Any]:
        records = await kafka.read("routing.decisions.v1")
        return records if len(records) >= count else []

    return [Decided.read(record.value) for record in await until(enough)]


async def test_what_arrives_is_decided_once_however_often_it_is_sent(
    settings: RoutingSettings, kafka: Kafka, service: Service, store: Store
) -> None:
    await add_email_rule(store)
    await come(store, "maya", at=clock.now())
    for _ in range(2):
        for n in range(6):
            event = conversation(n)
            await publish(kafka.producer, settings, CONVERSATIONS, event.conversation_id, event, 1)
    await publish(kafka.producer, settings, CONVERSATIONS, "c999", conversation(999), 1)
    found = await decisions(kafka, 7)
    assert sorted(one.conversation_id for one in found) == [*(f"c{n:03}" for n in range(6)), "c999"]
    given = [one for one in found if len(one.actions) == 2]
    assert len(given) == 5
    assert {one.waiting for one in found if one not in given} == {"Nobody has room among 1 online in Email Support"}
    statuses = [StatusChanged.read(one.value) for one in await kafka.read("routing.availability.v1")]
    assert [(one.agent_id, one.status) for one in statuses] == [("maya", "online")]
    assert await service.not_ready() == []


async def test_the_demo_can_be_filled_in_again_and_again(
    settings: RoutingSettings, kafka: Kafka, store: Store, monkeypatch: Any
) -> None:
    agents = [AgentChanged(agent_id=id_, seq=1, name=id_, email="x@x", role_id="agent") for id_ in ("priya", "leo")]
    brand = BrandChanged(brand_id="mesa", seq=1, name="Mesa", color="#112233", topics=("Refunds and returns",))
    for event in (*agents, brand):
        await publish(kafka.producer, settings, DIRECTORY, entity(event), event, 2)
    for name, value in settings.model_dump(include={"kafka", "prefix"}).items():
        monkeypatch.setenv(f"SWITCHBOARD_{name.upper()}", value)
    for name in ("mongo", "redis", "secret"):
        monkeypatch.setenv(f"SWITCHBOARD_{name.upper()}", getattr(settings, name).get_secret_value())
    assert await demo.main() == 0
    await come(store, "maya", "away", n=1)
    first = await store.rules.all()
    assert await demo.main() == 0
    assert await store.rules.all() == first
    assert len(first) == 3 + 3 * 3
    statuses = await store.availability.all()
    assert {one.agent_id: one.status for one in statuses.values()} == {
        "maya": "away",
        "jonas": "online",
        "leo": "online",
        "priya": "away",
    }
    refunds = await store.rules.get("demo-refunds-mesa")
    assert refunds.artifact.published == 1
    assert [action.kind for action in refunds.kept.then] == ["add_tags", "set_topic"]


async def test_the_whole_service_tells_what_is_missed(
    settings: RoutingSettings,
    kafka: Kafka,
    store: Store,
) -> None:
    """Begun an hour ago and answered since in one, unanswered in the other: only that one is missed."""
    service = build_app(settings)
    await add_policy(store, first_response_s=60)
    ago = clock.now() - timedelta(hours=1)
    for id_ in ("c1", "c2"):
        event = started(id=id_, waiting_since=ago, started_at=ago).model_copy(update={"at": ago})
        await publish(kafka.producer, settings, CONVERSATIONS, id_, event, 1)
    met = answered(2, id="c1").model_copy(update={"at": ago + timedelta(seconds=30)})
    await publish(kafka.producer, settings, CONVERSATIONS, "c1", met, 2)
    await service.start()
    try:

        async def enough() -> list[str]:
            records = await kafka.read("routing.decisions.v1")
            values = [json.loads(one.value) for one in records]
            mine = sorted((one["conversation_id"], one["target"]["state"]) for one in values if "target" in one)
            return [f"{id_} {state}" for id_, state in mine] if len(mine) >= 4 else []

        assert await until(enough) == ["c1 running", "c1 running", "c2 breached", "c2 running"]
        assert await service.not_ready() == []
    finally:
        await service.stop()
        await service.close()


async def test_the_whole_service_tells_which_ticket_is_late_once_over_a_restart(
    settings: RoutingSettings, kafka: Kafka, store: Store
) -> None:
    """Submitted an hour ago both, one resolved since: the other is late, and who starts again says no more."""
    await add_policy(store, first_response_s=None, next_response_s=None, resolution_s=60)
    since = (clock.now() - timedelta(hours=1) - AT) / timedelta(minutes=1)
    for id_ in ("t1", "t2"):
        event = submitted(since, id=id_)
        await publish(kafka.producer, settings, TICKETS, id_, event, 1)
        if id_ == "t1":
            await publish(kafka.producer, settings, TICKETS, id_, moved(event.head, "resolved", since + 0.5), 2)

    async def told() -> list[str]:
        records = await kafka.read("routing.tickets.v1")
        events = [TicketSlaChanged.read(one.value) for one in records]
        return sorted(f"{one.ticket_id} {one.change}" for one in events)

    async def enough() -> list[str]:
        found = await told()
        return found if len(found) >= 4 else []

    for _ in range(2):
        service = build_app(settings)
        await service.start()
        try:
            assert await until(enough) == ["t1 met", "t1 started", "t2 breached", "t2 started"]
        finally:
            await service.stop()
            await service.close()
    assert await told() == ["t1 met", "t1 started", "t2 breached", "t2 started"]
    assert await store.ticket_targets.running() == 0
