"""Agents who left between a decision and its application, and whom rules still name: on real servers, both services."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio

from services.routing.app import build_app
from services.routing.settings import RoutingSettings
from services.routing.store import Store
from services.tickets.app import build_app as build_tickets
from shared import clock, mongo, redis
from shared.contracts.automation import ActionRefused
from shared.contracts.directory import AgentChanged
from shared.service import Service
from shared.setup import create_topics
from shared.topics import DIRECTORY, MESSAGES
from tests.integration.routing.conftest import Replica
from tests.integration.routing.test_assigning import TO_TEAM, able, hear, rule
from tests.integration.routing.test_assignment import conversation, of, team_shown
from tests.integration.routing.test_service import entity, publish
from tests.integration.routing.world import add_rule, agents, come, decided, directory_events
from tests.integration.shared.world import Kafka, until
from tests.integration.tickets.conftest import settings_for
from tests.integration.tickets.inputs import conversation_id, message
from tests.servers import Servers
from tests.unit.routing.examples import changed

TO_MAYA: dict[str, Any] = {"kind": "assign_to", "agent_id": "maya"}
ID = conversation_id("one")


def refusal(event: dict[str, Any], seq: int = 3) -> Any:
    """tickets did not accept the agent of this decision."""
    said = {"action": "assign_agent", "code": "unknown_agent", "reason": "Maya Okafor is not with us any more."}
    found = of(changed(ActionRefused, said, team_id="email-support", assigned_seq=2), event["conversation_id"])
    head = found.head.model_copy(update={"seq": seq})
    return found.model_copy(update={"seq": seq, "head": head, "decision_id": event["decision_id"]})


# ── both services ────────────────────────────────────────────────────────────────────────────────
@asynccontextmanager
async def running(service: Service) -> AsyncIterator[None]:
    await service.start()
    try:
        yield
    finally:
        await service.stop()
        await service.close()


@pytest_asyncio.fixture
async def kafka(settings: RoutingSettings) -> AsyncIterator[Kafka]:
    await create_topics(settings)
    async with Kafka(settings.kafka, settings.prefix) as client:
        for event in directory_events():
            await publish(client.producer, settings, DIRECTORY, entity(event), event, 1)
        yield client


@pytest_asyncio.fixture
async def store(settings: RoutingSettings) -> AsyncIterator[Store]:
    client = mongo.connect(settings)
    yield Store(client, mongo.database(client, settings, "routing"), clock.now)
    await client.close()


@pytest.mark.parametrize("somebody", [True, False])
async def test_who_left_before_it_was_applied_holds_no_place_and_somebody_else_is_asked(
    servers: Servers, settings: RoutingSettings, kafka: Kafka, store: Store, somebody: bool
) -> None:
    of_tickets = settings_for(servers, settings.prefix)
    await add_rule(store, "email", when=["ConversationStarted"], then=[TO_TEAM])
    await come(store, "maya", at=clock.now())
    async with running(build_tickets(of_tickets)):
        await publish(kafka.producer, settings, MESSAGES, ID, message("one"), 1)
        await until(lambda: kafka.read("tickets.conversations.v1"))
    async with running(build_app(settings)):
        # tickets is down: the decision waits for it, and Maya leaves.
        await until(lambda: kafka.read("routing.decisions.v1"))
        assert agents(await decided(store.database)) == {ID: "maya"}
        maya = next(one for one in directory_events() if isinstance(one, AgentChanged) and one.agent_id == "maya")
        gone = maya.model_copy(update={"seq": 2, "active": False})
        await publish(kafka.producer, settings, DIRECTORY, "agent:maya", gone, 2)
        if somebody:
            await come(store, "jonas", at=clock.now())
        tickets = build_tickets(of_tickets)
        async with running(tickets):

            async def answered() -> list[dict[str, Any]]:
                found = await decided(store.database, ID)
                return found if len(found) == 2 else []

            _, second = await until(answered)
            assert second["trigger"]["event"] == "ActionRefused"
            assert (second["waiting"] is None) is somebody
            if somebody:

                async def shown() -> bool:
                    stored = await tickets.http.state.tickets.store.conversation(ID)
                    return stored is not None and stored.head.assignee_id == "jonas"

                assert await until(shown)
            else:
                assert second["waiting"] == "Nobody in Email Support is online"
            names = [row.name for row in await tickets.http.state.tickets.store.log.read(ID)]
            assert names == ["ConversationStarted", "Assigned", "ActionRefused", *(["Assigned"] * somebody)]
    assert await store.conversations.loads() == ({"jonas": 1} if somebody else {})
    assert await store.conversations.waiting() == (0 if somebody else 1)
    cache = redis.connect(settings)
    held = await cache.hgetall(redis.key(settings, "{routing}", "held"))
    await cache.aclose()
    assert held == ({ID: "email jonas"} if somebody else {})


# ── routing alone ────────────────────────────────────────────────────────────────────────────────
async def test_who_was_not_accepted_is_not_given_it_again_until_more_is_known_of_them(replica: Replica) -> None:
    await rule(replica)
    await come(replica.store, "maya")
    await hear(replica, conversation(0))
    (first,) = await decided(replica.store.database)
    await hear(replica, team_shown(first), refusal(first))
    second = (await decided(replica.store.database))[-1]
    assert second["waiting"] == "Nobody online in Email Support is accepted for it"
    assert await replica.store.conversations.loads() == {}
    assert (await replica.seats.board(["maya"], [])).loads == {"maya": 0}
    assert await replica.waiting.fill() == 0
    able(replica, "maya", capacity=3)
    assert await replica.waiting.fill() == 1
    assert agents(await decided(replica.store.database)) == {"c000": "maya"}


async def test_hearing_twice_that_somebody_was_not_accepted_asks_once(replica: Replica) -> None:
    await rule(replica)
    await come(replica.store, "maya")
    await hear(replica, conversation(0))
    (first,) = await decided(replica.store.database)
    await come(replica.store, "jonas")
    for _ in range(2):
        await hear(replica, team_shown(first), refusal(first))
    assert len(await decided(replica.store.database)) == 2
    assert await replica.store.conversations.loads() == {"jonas": 1}


async def test_what_waits_for_somebody_who_leaves_waits_no_more_and_says_why(replica: Replica) -> None:
    await add_rule(replica.store, "r", when=["ConversationStarted"], then=[TO_MAYA])
    await hear(replica, conversation(0), conversation(1))
    events = await decided(replica.store.database)
    assert [event["waiting"] for event in events] == ["Maya Okafor is not online"] * 2
    assert await replica.waiting.give_up() == 0
    able(replica, "maya", active=False)
    assert await replica.waiting.give_up() == 2
    assert await replica.waiting.give_up() == 0
    assert await replica.store.conversations.waiting() == 0
    for id_ in ("c000", "c001"):
        last = (await decided(replica.store.database, id_))[-1]
        assert (last["waiting"], last["actions"]) == ("Maya Okafor is not with us any more", [])


async def test_what_waits_for_somebody_who_loses_its_brand_alone_is_given_up(replica: Replica) -> None:
    await add_rule(replica.store, "r", when=["ConversationStarted"], then=[TO_MAYA])
    mine = conversation(1)
    mine = mine.model_copy(update={"head": mine.head.model_copy(update={"brand_id": "earth-echo"})})
    await hear(replica, conversation(0), mine)
    able(replica, "maya", brand_ids=["earth-echo"])
    assert await replica.waiting.give_up() == 1
    last = (await decided(replica.store.database, "c000"))[-1]
    assert last["waiting"] == "Maya Okafor does not work on this brand"
    assert await replica.store.conversations.waiting() == 1


async def test_a_rule_that_names_who_left_says_so_and_the_rule_before_has_its_way(replica: Replica) -> None:
    await rule(replica)
    await add_rule(replica.store, "r2", when=["ConversationStarted"], then=[TO_MAYA])
    able(replica, "maya", active=False)
    await hear(replica, conversation(0))
    await come(replica.store, "jonas")
    await hear(replica, conversation(1))
    waits, given = await decided(replica.store.database)
    assert waits["waiting"] == "Maya Okafor is not with us any more. Nobody in Email Support is online"
    assert given["actions"][-1]["reason"].startswith("Maya Okafor is not with us any more. Round robin")
