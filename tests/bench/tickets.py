"""Inbound events per second through tickets, beside the bare program (promises.md, first row)."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from pymongo import MongoClient

from shared.settings import Settings
from shared.setup import create_topics
from tests.bench.load import messages, publish
from tests.bench.row import Row, row_of
from tests.servers import Servers

PARTITIONS = 12
LIMIT_S = 180


@dataclass(frozen=True)
class Subject:
    """Programs that together do the work: each is (module, roles)."""

    name: str
    programs: tuple[tuple[str, str], ...]


REFERENCE = Subject("bare aiokafka + PyMongo", (("tests.bench.reference.tickets", ""),))
TICKETS = Subject("tickets", (("services.tickets", '["consume"]'), ("services.tickets", '["relay"]')))


async def rate(servers: Servers, subject: Subject, count: int) -> float:
    """Events per second, by the timestamps of what was published: from the first batch to the last."""
    prefix = f"b{uuid.uuid4().hex[:8]}-"
    env = os.environ | servers.env(prefix) | {"SWITCHBOARD_SECRET": "b" * 40, "SWITCHBOARD_LOG_LEVEL": "ERROR"}
    made = Settings(kafka=servers.kafka, mongo=servers.mongo, redis=servers.redis, secret="b" * 40, prefix=prefix)
    await create_topics(made)
    await publish(servers.kafka, prefix, messages(count))
    running: list[subprocess.Popen[bytes]] = []
    try:
        for number, (module, roles) in enumerate(subject.programs):
            own = env | ({"SWITCHBOARD_ROLES": roles} if roles else {})
            own["SWITCHBOARD_HTTP_PORT"] = str(18300 + number)
            running.append(subprocess.Popen([sys.executable, "-m", module], env=own, stdout=subprocess.DEVNULL))
        return await _measure(servers.kafka, f"{prefix}tickets.conversations.v1", count, running)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(30)
        with MongoClient[dict[str, object]](servers.mongo) as client:
            for name in client.list_database_names():
                if name.startswith(prefix):
                    client.drop_database(name)


async def _measure(kafka: str, topic: str, count: int, running: Sequence[subprocess.Popen[bytes]]) -> float:
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, number) for number in range(PARTITIONS)])
        times: list[int] = []
        deadline = time.monotonic() + LIMIT_S
        while len(times) < count:
            if time.monotonic() > deadline or any(process.poll() is not None for process in running):
                raise RuntimeError(f"only {len(times)} of {count} events came out")
            # Seldom and in bulk, so that looking costs the two cores little.
            await asyncio.sleep(0.5)
            for records in (await consumer.getmany(timeout_ms=100, max_records=50_000)).values():
                times += [record.timestamp for record in records]
        first, last = min(times), max(times)
        return sum(1 for one in times if one > first) / ((last - first) / 1000)
    finally:
        await consumer.stop()


async def run(servers: Servers, *, count: int, repetitions: int) -> Row:
    """Interleaved: reference, tickets, reference, tickets, …"""
    bare: list[float] = []
    ours: list[float] = []
    for _ in range(repetitions):
        bare.append(await rate(servers, REFERENCE, count))
        ours.append(await rate(servers, TICKETS, count))
        print(f"  {bare[-1]:8.0f}/s bare   {ours[-1]:8.0f}/s tickets   ratio {ours[-1] / bare[-1]:.2f}", flush=True)
    return row_of("inbound events/s through tickets", bare, ours, first=0.5)
