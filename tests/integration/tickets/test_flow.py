"""Through real Kafka: what ingest publishes comes out on tickets.conversations.v1, in order and once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.tickets.app import build_app
from services.tickets.demo.directory import write_directory
from shared import kafka
from shared.clock import now
from shared.cloudevents import Received, decode
from shared.contracts.base import Event
from shared.contracts.routing import AddTags, AssignAgent, Decided, Trigger
from shared.ids import random_id
from shared.service import Service
from shared.setup import create_topics
from shared.topics import CONTACTS, CONVERSATIONS, DECISIONS, DIRECTORY, MESSAGES, Topic
from tests.integration.tickets.conftest import settings_for
from tests.integration.tickets.inputs import conversation_id, message
from tests.records import record
from tests.servers import Servers

WAIT_S = 40


@pytest.fixture
async def service(servers: Servers) -> AsyncIterator[Service]:
    settings = settings_for(servers, f"t{random_id()[:8]}-")
    await create_topics(settings)
    found = build_app(settings)
    await found.start()
    yield found
    await found.stop()
    store = found.http.state.tickets.store
    await store.client.drop_database(settings.database("tickets"))
    await found.close()


async def publish(service: Service, topic: Topic, key: str, events: list[tuple[str, Event]]) -> None:
    producer = kafka.idempotent_producer(service.settings)
    await producer.start()
    try:
        for id_, event in events:
            await producer.send_and_wait(**record(service.settings, topic, key, event, id_=id_))
    finally:
        await producer.stop()


async def heard(service: Service, topic: Topic, count: int) -> list[Received[Event]]:
    """The first `count` events of a topic, or a failure after WAIT_S."""
    reader = kafka.reader(service.settings, topic.name)
    await reader.start()
    found: list[Received[Event]] = []
    try:
        async with asyncio.timeout(WAIT_S):
            while len(found) < count:
                for records in (await reader.getmany(timeout_ms=200)).values():
                    for raw in records:
                        understood = decode(kafka.as_record(raw, service.settings), topic)
                        assert isinstance(understood, Received)
                        found.append(understood)
    finally:
        await reader.stop()
    return found


async def test_message_and_decision_come_out_as_ordered_events_once(service: Service) -> None:
    store = service.http.state.tickets.store
    await write_directory(store)
    directory = await heard(service, DIRECTORY, 7 + 2 + 6 + 9 + 1)
    assert {one.record.key for one in directory} >= {b"brand:paleo-hacks", b"agent:maya", b"key:desk-1"}
    one = conversation_id("flow")
    first = (random_id(), message("flow"))
    await publish(service, MESSAGES, one, [first, first, (random_id(), message("flow", "Hello?"))])
    await heard(service, CONVERSATIONS, 2)
    decided = Decided(
        decision_id="d",
        conversation_id=one,
        seq=1,
        at=now(),
        trigger=Trigger(event_id="e", event="CustomerReplied", seq=2),
        actions=(AssignAgent(agent_id="maya", reason="Fewest open"), AddTags(tags=("late",))),
    )
    await publish(service, DECISIONS, one, [(random_id(), decided)])
    events = await heard(service, CONVERSATIONS, 4)
    assert [type(event.data).__name__ for event in events] == [
        "ConversationStarted",
        "CustomerReplied",
        "Assigned",
        "Tagged",
    ]
    assert [event.sequence for event in events] == [1, 2, 3, 4]
    assert {event.record.key for event in events} == {one.encode()}
    assert events[0].causation_id == first[0]
    state = await store.conversation(one)
    assert state.head == events[-1].data.head  # type: ignore[attr-defined]
    assert (state.head.assignee_id, state.head.tags, state.head.message_count) == ("maya", ("late",), 2)
    [created] = await heard(service, CONTACTS, 1)
    assert type(created.data).__name__ == "ContactCreated"
