"""Each test has databases, Redis keys, a mail server and a file store of its own."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from deploy.local.ports import HOST, any_free
from services.notifications.settings import NotificationsSettings
from shared import mongo, redis
from tests.integration.notifications.world import SECRET, FileStore, Mailbox
from tests.servers import Servers


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    box.start()
    yield box
    box.stop()


@pytest.fixture
def file_store() -> Iterator[FileStore]:
    store = FileStore({"logo": b"\x89PNG", "label": b"%PDF-"})
    yield store
    store.stop()


@pytest_asyncio.fixture
async def settings(servers: Servers, mailbox: Mailbox, file_store: FileStore) -> AsyncIterator[NotificationsSettings]:
    made = NotificationsSettings(
        kafka=servers.kafka,
        mongo=servers.mongo,
        redis=servers.redis,
        secret=SECRET,
        prefix=f"t{uuid.uuid4().hex[:10]}-",
        smtp_out=f"smtp://{HOST}:{mailbox.port}",
        files_url="https://files.example",
        files_fetch_url=file_store.url,
        public_url="https://desk.example",
        messenger_url="https://messenger.example",
        http_port=any_free(1)[0],
        send_s=2.0,
        live_hello_s=1.0,
        live_queue=50,
    )
    yield made
    client = mongo.connect(made)
    await client.drop_database(made.database("notifications"))
    await client.close()
    cache = redis.connect(made)
    async for name in cache.scan_iter(match=f"{made.prefix}*"):
        await cache.delete(name)
    await cache.aclose()
