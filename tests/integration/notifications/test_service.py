"""The whole service as a process: Kafka in, mail, WebSocket and Kafka out; killed and started again."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer
from pydantic import SecretStr
from websockets.asyncio.client import connect

from deploy.local.layout import Layout
from deploy.local.packages import server_packages
from deploy.local.ports import HOST
from deploy.local.progress import Progress
from deploy.local.servers import Redis
from services.notifications.live.stream import StreamWriter, stream_key
from services.notifications.settings import NotificationsSettings
from shared import kafka, redis
from shared.consume import Consumer
from shared.contracts.base import Event
from shared.contracts.conversations import ConversationEvent, ReplySent
from shared.setup import create_topics
from shared.topics import CONVERSATIONS, DELIVERIES, DIRECTORY, Topic
from tests.integration.notifications.world import SECRET, Desk, Mailbox, until
from tests.records import record
from tests.servers import Embedded
from tests.unit.notifications.examples import AT, CUSTOMER, MAYA, chat_head, head, message


class Process:
    """`python -m services.notifications`, to be killed."""

    def __init__(self, settings: NotificationsSettings, stack: ExitStack) -> None:
        self._env = {
            **os.environ,
            "SWITCHBOARD_KAFKA": settings.kafka,
            "SWITCHBOARD_MONGO": settings.mongo.get_secret_value(),
            "SWITCHBOARD_REDIS": settings.redis.get_secret_value(),
            "SWITCHBOARD_SECRET": SECRET,
            "SWITCHBOARD_PREFIX": settings.prefix,
            "SWITCHBOARD_HTTP_PORT": str(settings.http_port),
            "SWITCHBOARD_SMTP_OUT": settings.smtp_out,
            "SWITCHBOARD_SEND_S": "2",
        }
        self.url = f"http://{HOST}:{settings.http_port}"
        self.running: subprocess.Popen[bytes] | None = None
        stack.callback(self.end, signal.SIGKILL)

    async def start(self) -> None:
        command = [sys.executable, "-m", "services.notifications"]
        self.running = subprocess.Popen(command, env=self._env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        async with httpx.AsyncClient() as client:

            async def ready() -> bool:
                try:
                    return (await client.get(f"{self.url}/health/ready")).status_code == 200
                except httpx.HTTPError:
                    return False

            await until(ready, within_s=40)

    def end(self, how: signal.Signals) -> int | None:
        if self.running is None:
            return None
        self.running.send_signal(how)
        code = self.running.wait(timeout=25)
        self.running = None
        return code


class Topics:
    """Publishes as tickets' relay does, and reads what notifications published."""

    def __init__(self, settings: NotificationsSettings, producer: AIOKafkaProducer) -> None:
        self._settings = settings
        self._producer = producer

    async def publish(self, topic: Topic, key: str, event: Event, event_id: str) -> None:
        seq = getattr(event, "seq", 1)
        await self._producer.send_and_wait(**record(self._settings, topic, key, event, id_=event_id, seq=seq))

    async def deliveries(self) -> set[tuple[str, str]]:
        """(ce_id, type) of every event on the deliveries' Kafka topic; a relay that is killed may repeat some."""
        consumer = kafka.reader(self._settings, DELIVERIES.name)
        await consumer.start()
        try:
            found: set[tuple[str, str]] = set()
            while batches := await consumer.getmany(timeout_ms=1500):
                for records in batches.values():
                    for record in records:
                        headers = {name: value.decode() for name, value in record.headers if value}
                        found.add((headers["ce_id"], headers["ce_type"]))
            return found
        finally:
            await consumer.stop()


@pytest.fixture
def process(settings: NotificationsSettings) -> Iterator[Process]:
    with ExitStack() as stack:
        yield Process(settings, stack)


@pytest_asyncio.fixture
async def topics(settings: NotificationsSettings) -> AsyncIterator[Topics]:
    await create_topics(settings)
    producer = kafka.idempotent_producer(settings)
    await producer.start()
    yield Topics(settings, producer)
    await producer.stop()


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[Redis]:
    """One of its own, as the test kills it."""
    own = Embedded(tmp_path, server_packages(Layout.of(), Progress()))
    own.start(("redis",))
    yield own.redis
    own.stop()


def reply(n: int, **about: object) -> ReplySent:
    conversation_id, entry_id = f"00000000-0000-4000-8000-{n:012d}", f"00000000-0000-4000-9000-{n:012d}"
    said = message(entry_id=entry_id, text=f"answer {n}")
    place = about.pop("head", None) or head(id=conversation_id)
    return ReplySent(conversation_id=conversation_id, seq=2, at=AT, by=MAYA, head=place, message=said)  # type: ignore[arg-type]


async def send(topics: Topics, event: ConversationEvent, n: int) -> None:
    await topics.publish(CONVERSATIONS, event.conversation_id, event, f"event-{n}")


async def test_an_answer_goes_to_the_mail_server_the_browser_and_the_topic(
    process: Process, topics: Topics, mailbox: Mailbox
) -> None:
    desk = Desk()
    for key, event in desk.events():
        await topics.publish(DIRECTORY, key, event, key)
    await process.start()
    async with connect(f"ws://{HOST}:{process.url.rpartition(':')[2]}/live") as socket:
        await socket.send(json.dumps({"type": "hello", "token": desk.token("maya"), "last_id": None}))
        assert json.loads(await socket.recv())["type"] == "ready"
        await send(topics, reply(1), 1)
        await send(topics, reply(2, head=chat_head(id="c2")), 2)
        frames = [json.loads(await asyncio.wait_for(socket.recv(), 10)) for _ in range(2)]
    assert {frame["event"]["data"]["message"]["text"] for frame in frames} == {"answer 1", "answer 2"}

    async def arrived() -> bool:
        return len(mailbox.got) == 1

    await until(arrived)
    assert str(mailbox.mails()[0]["From"]) == "Paleo Hacks <support@paleohacks.example>"

    async def told() -> bool:
        kinds = [kind for _, kind in await topics.deliveries()]
        return kinds == ["switchboard.notifications.DeliverySent.v1"] * 2

    await until(told)
    assert process.end(signal.SIGTERM) == 0


async def test_without_redis_mails_leave_and_browsers_catch_up_after(
    settings: NotificationsSettings, topics: Topics, mailbox: Mailbox, redis_server: Redis
) -> None:
    desk = Desk()
    for key, event in desk.events():
        await topics.publish(DIRECTORY, key, event, key)
    with ExitStack() as stack:
        process = Process(settings.model_copy(update={"redis": SecretStr(redis_server.address)}), stack)
        await process.start()
        async with connect(f"ws://{HOST}:{settings.http_port}/live") as socket, httpx.AsyncClient() as client:
            await socket.send(json.dumps({"type": "hello", "token": desk.token("maya"), "last_id": None}))
            assert json.loads(await socket.recv())["type"] == "ready"
            redis_server.kill()
            await send(topics, reply(1), 1)

            async def arrived() -> bool:
                return len(mailbox.got) == 1

            await until(arrived)

            async def says_so() -> bool:
                return (await client.get(f"{process.url}/health/ready")).status_code == 503

            await until(says_so)
            assert (await client.get(f"{process.url}/health/live")).status_code == 200
            redis_server.start()
            frame = json.loads(await asyncio.wait_for(socket.recv(), 20))
            while frame["type"] == "resync":
                frame = json.loads(await asyncio.wait_for(socket.recv(), 20))
            assert frame["event"]["data"]["message"]["text"] == "answer 1"


async def test_asked_to_leave_in_the_middle_of_a_mail_it_waits_for_the_servers_word(
    process: Process, topics: Topics, mailbox: Mailbox
) -> None:
    """The mail has been read and only its "250" is missing: cut off, it would be sent again."""
    process._env |= {"SWITCHBOARD_SEND_S": "30"}
    for key, event in Desk().events():
        await topics.publish(DIRECTORY, key, event, key)
    await process.start()
    mailbox.hang = {CUSTOMER.address}
    await send(topics, reply(1), 1)
    assert await asyncio.to_thread(mailbox.holding.wait, 20)
    leaving = asyncio.create_task(asyncio.to_thread(process.end, signal.SIGTERM))
    await send(topics, reply(2), 2)
    async with httpx.AsyncClient() as client:

        async def drains() -> bool:
            return "shutting down" in (await client.get(f"{process.url}/health/ready")).text

        await until(drains)
        assert (await client.get(f"{process.url}/health/live")).status_code == 200
    assert mailbox.attempts == 1
    mailbox.released.set()
    assert await leaving == 0
    assert len(mailbox.got) == 1
    await process.start()

    async def both() -> bool:
        return len(mailbox.got) == 2

    await until(both)
    assert len({mail["Message-ID"] for mail in mailbox.mails()}) == 2


@pytest.mark.parametrize(
    ("refuse", "allow"),
    [
        ("CONFIG SET maxmemory 1", "CONFIG SET maxmemory 0"),
        (f"REPLICAOF {HOST} 1", "REPLICAOF NO ONE"),
        ("CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-to-write 0"),
    ],
    ids=["full", "a replica", "without its replicas"],
)
async def test_a_redis_that_takes_no_writes_is_waited_for(
    settings: NotificationsSettings, topics: Topics, redis_server: Redis, refuse: str, allow: str
) -> None:
    own = settings.model_copy(update={"redis": SecretStr(redis_server.address)})
    cache, group = redis.connect(own), "notifications.live"
    consumer = Consumer(own, group=group, handle=StreamWriter(own, cache, lambda file_id: file_id).on_events)
    await send(topics, reply(0), 0)
    await consumer.start()

    async def written() -> int:
        return int(await cache.xlen(stream_key(own)))

    async def waits() -> bool:
        return "waits" in (await consumer.ready() or "")

    await until(written, within_s=40)
    await cache.execute_command(*refuse.split())
    for n in range(1, 6):
        await send(topics, reply(n), n)
    await until(waits)
    await cache.execute_command(*allow.split())

    async def all_written() -> bool:
        return await written() == 6

    await until(all_written)
    await consumer.stop()
    await cache.aclose()
    letters = kafka.reader(own, CONVERSATIONS.dead_letters(group))
    await letters.start()
    assert await letters.getmany(timeout_ms=1500) == {}
    await letters.stop()


async def test_killed_again_and_again_it_loses_nothing_and_repeats_nothing_else(
    process: Process, topics: Topics, mailbox: Mailbox
) -> None:
    for key, event in Desk().events():
        await topics.publish(DIRECTORY, key, event, key)
    total = 200
    await process.start()
    for n in range(total):
        await send(topics, reply(n), n)
        if n % 80 == 40:
            process.end(signal.SIGKILL)
            await process.start()

    async def all_there() -> bool:
        return len({mail["Message-ID"] for mail in mailbox.mails()}) == total

    await until(all_there, within_s=60)

    async def all_told() -> bool:
        return len(await topics.deliveries()) == total

    await until(all_told, within_s=60)
    # A kill between the server's "250" and the record repeats that mail: no more than were being sent at once.
    assert len(mailbox.got) <= total + 2 * 20
    assert len({content for _, content in mailbox.got}) == total
