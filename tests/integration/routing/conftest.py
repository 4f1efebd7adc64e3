"""Routing on real servers: each test has names of its own, and a directory that is already read."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest_asyncio
from redis.asyncio import Redis

from services.routing.desk import Desk
from services.routing.handlers import ConversationHandlers
from services.routing.settings import RoutingSettings
from services.routing.store import Store
from services.routing.store.seats import Seats
from services.routing.waiting import WaitingRoom
from shared import mongo, redis
from shared.directory import Directory
from tests.integration.routing.world import Clock, known_directory
from tests.servers import Servers


@dataclass
class Replica:
    """One process's worth of routing, without the process. `nudged` counts what it asked of its waiting room."""

    store: Store
    directory: Directory
    seats: Seats
    desk: Desk
    waiting: WaitingRoom
    handlers: ConversationHandlers
    redis: Redis
    clock: Clock
    nudged: list[bool]


@pytest_asyncio.fixture
async def settings(servers: Servers) -> AsyncIterator[RoutingSettings]:
    made = RoutingSettings(
        kafka=servers.kafka,
        mongo=servers.mongo,
        redis=servers.redis,
        secret="a secret of at least thirty-two characters",
        prefix=f"t{uuid.uuid4().hex[:10]}-",
        sweep_s=0.2,
    )
    yield made
    client = mongo.connect(made)
    for name in await client.list_database_names():
        if name.startswith(made.prefix):
            await client.drop_database(name)
    await client.close()


@pytest_asyncio.fixture
async def replicas(settings: RoutingSettings) -> AsyncIterator[list[Replica]]:
    """Two replicas on the same servers, indexes made."""
    clock = Clock()
    made = [_replica(settings, clock) for _ in range(2)]
    await made[0].store.ensure_indexes(applied_days=1)
    yield made
    for one in made:
        await one.redis.aclose()
        await one.store.client.close()


@pytest_asyncio.fixture
async def replica(replicas: list[Replica]) -> Replica:
    return replicas[0]


def _replica(settings: RoutingSettings, clock: Clock) -> Replica:
    client, cache = mongo.connect(settings), redis.connect(settings)
    store = Store(client, mongo.database(client, settings, "routing"), clock)
    directory = known_directory(settings)
    seats = Seats(cache, settings, store.conversations.holders)
    desk = Desk(directory, store.availability, seats, store.answers)
    waiting = WaitingRoom(store, desk, seats, clock, settings)
    nudged: list[bool] = []
    handlers = ConversationHandlers(store, desk, seats, clock, lambda: nudged.append(True))
    return Replica(store, directory, seats, desk, waiting, handlers, cache, clock, nudged)
