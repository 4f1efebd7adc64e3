"""Each test of the pattern has Kafka topics and databases of its own."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import pytest_asyncio
from aiokafka.admin import AIOKafkaAdminClient

from shared import mongo
from shared.mongo import Client
from shared.settings import Settings
from shared.setup import create_topics
from tests.integration.shared.world import Kafka
from tests.servers import Servers


@pytest_asyncio.fixture
async def settings(servers: Servers) -> AsyncIterator[Settings]:
    made = Settings(
        kafka=servers.kafka,
        mongo=servers.mongo,
        redis=servers.redis,
        secret="a secret of at least thirty-two characters",
        prefix=f"t{uuid.uuid4().hex[:10]}-",
    )
    created = await create_topics(made)
    yield made
    admin = AIOKafkaAdminClient(bootstrap_servers=made.kafka)
    await admin.start()
    # A broker holds files open for every partition; without this a long session ended at its limit of open files.
    await admin.delete_topics(created)
    await admin.close()
    client = mongo.connect(made)
    for name in await client.list_database_names():
        if name.startswith(made.prefix):
            await client.drop_database(name)
    await client.close()


@pytest_asyncio.fixture
async def kafka(settings: Settings) -> AsyncIterator[Kafka]:
    async with Kafka(settings.kafka, settings.prefix) as client:
        yield client


@pytest_asyncio.fixture
async def client(settings: Settings) -> AsyncIterator[Client]:
    made = mongo.connect(settings)
    yield made
    await made.close()
