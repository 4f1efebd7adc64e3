"""What each service holds in memory at full load (promises.md): the whole desk, as fast as it can go.

Tickets, and through it routing and notifications, get messages as fast as Kafka takes them; at the same time programs
post to ingest and mail servers deliver to it without a pause, and agents' and visitors' browsers listen. The most that
each service ever held counts, with the processes that it started: ingest reads mails in some of its own.
"""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.topics import CONVERSATIONS, PARTITIONS
from tests.bench import crowd, running, screen
from tests.bench.crowd import Crowd
from tests.bench.idle import SERVICES
from tests.bench.load import messages, publish
from tests.bench.row import Row, alone
from tests.bench.sockets import all_from_here, room_for
from tests.servers import Servers

COUNT = 10_000
LIMIT_S = 240.0
LOOK_S = 0.5


async def run(servers: Servers, *, repetitions: int, count: int = COUNT) -> list[Row]:
    """The largest service of each repetition is held against the bounds."""
    room_for(crowd.AGENTS + crowd.VISITORS)
    runs = [await once(servers, count) for _ in range(repetitions)]
    each = {name: statistics.median(one[name] for one in runs) for name in SERVICES}
    print("  " + "   ".join(f"{name} {mib:.0f} MiB" for name, mib in each.items()), flush=True)
    largest = [max(one.values()) for one in runs]
    name = "memory at full load, largest service"
    return [alone(name, largest, unit="MiB", first=250, then=160, at_most=True, beside=each)]


async def once(servers: Servers, count: int) -> dict[str, float]:
    """The most MiB, by service."""
    prefix = running.new_prefix()
    await screen.prepare(servers, prefix)
    inputs = messages(count)
    env = all_from_here(crowd.AGENTS + crowd.VISITORS)
    try:
        with ExitStack() as stack:
            parts = {name: stack.enter_context(running.service(name, servers, prefix, env)) for name in SERVICES}
            async with _busy(Crowd(parts)), asyncio.TaskGroup() as both:
                both.create_task(publish(servers.kafka, prefix, inputs))
                return await _watch(servers, prefix, parts, count)
    finally:
        running.drop(servers, prefix)


@asynccontextmanager
async def _busy(everybody: Crowd) -> AsyncIterator[None]:
    """For as long as the block lasts. RuntimeError when one kind took no part."""
    there = asyncio.Event()
    mailing = asyncio.create_task(everybody.mail())
    tasks = [mailing, asyncio.create_task(everybody.post()), asyncio.create_task(everybody.listen(there))]
    listening = asyncio.create_task(there.wait())
    try:
        await asyncio.wait({listening, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        yield
    finally:
        everybody.over.set()
        await asyncio.wait({mailing})
        for task in (listening, *tasks):
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    if errors := [one for one in ended if isinstance(one, Exception)]:
        raise RuntimeError(f"not everybody went on: {errors}")
    print(f"  {everybody.posts} posts, {everybody.mails} mails, {everybody.frames} frames to agents", flush=True)
    if not (everybody.posts and everybody.mails and everybody.frames):
        raise RuntimeError("not everybody took part")


async def _watch(servers: Servers, prefix: str, parts: Mapping[str, running.Running], count: int) -> dict[str, float]:
    """Until so many events came out of tickets."""
    most = dict.fromkeys(parts, 0.0)
    topic = f"{prefix}{CONVERSATIONS.name}"
    consumer = AIOKafkaConsumer(bootstrap_servers=servers.kafka)
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(PARTITIONS)]
        async with asyncio.timeout(LIMIT_S):
            done = False
            while not done:
                done = sum((await consumer.end_offsets(partitions)).values()) >= count
                most = {name: max(most[name], one.memory_mib()) for name, one in parts.items()}
                await asyncio.sleep(LOOK_S)
    finally:
        await consumer.stop()
    return most
