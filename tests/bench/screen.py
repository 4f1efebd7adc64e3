"""From "accepted" to another agent's screen, at 100 messages a second, beside three bare Kafka hops.

Ours: the whole desk, a process for each service with nothing switched off. A program posts custom messages to ingest
by HTTP; the clock starts when the answer says that one is accepted, and stops when the frame with its text has come
through the WebSocket of an agent who has nothing to do with it.

The same with routing and its rules beside the same desk without routing: what it adds to that way.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

import aiohttp
import httpx
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import AsyncMongoClient
from websockets.asyncio.client import connect

from services.routing.rules.schema import RuleDraft
from services.routing.store import Store as RoutingStore
from services.tickets.demo.directory import accounts, write_directory
from services.tickets.store import Store
from shared import clock
from shared.setup import create_topics
from tests.bench import rules, running
from tests.bench.load import WORDS
from tests.bench.pages import percentile
from tests.bench.reference import screen as bare
from tests.bench.row import Row, row_of
from tests.servers import Servers

PER_SECOND = 100
SECONDS = 15
WARM_S = 5
LATE_S = 30.0
RULES = 200
SERVICES = ("tickets", "ingest", "routing", "notifications")


@dataclass(frozen=True)
class Latency:
    """Of one repetition, in milliseconds."""

    p50_ms: float
    p99_ms: float


@dataclass
class Pending:
    """When each message was accepted and when it was seen, by its number, as monotonic seconds."""

    accepted: dict[int, float]
    seen: dict[int, float]

    def latency(self, since: int) -> Latency:
        taken = [(self.seen[n] - at) * 1000 for n, at in self.accepted.items() if n >= since]
        return Latency(percentile(taken, 50), percentile(taken, 99))


async def run(servers: Servers, *, repetitions: int) -> list[Row]:
    """Three bare hops and the desk, in turns; a row for the middle and one for the slowest of a hundred."""
    found: list[tuple[Latency, Latency]] = []
    for _ in range(repetitions):
        floor, ours = await three_hops(servers), await desk(servers)
        found.append((floor, ours))
        print(
            f"  bare p50 {floor.p50_ms:6.1f} p99 {floor.p99_ms:6.1f} ms   desk p50 {ours.p50_ms:6.1f} "
            f"p99 {ours.p99_ms:6.1f} ms   ratio {ours.p50_ms / floor.p50_ms:.2f} {ours.p99_ms / floor.p99_ms:.2f}",
            flush=True,
        )
    p50 = [one.p50_ms for one, _ in found], [one.p50_ms for _, one in found]
    p99 = [one.p99_ms for one, _ in found], [one.p99_ms for _, one in found]
    return [
        row_of(f"accepted to screen, {name}", *ms, unit="ms", first=4.0, then=2.0, at_most=True)
        for name, ms in (("p50", p50), ("p99", p99))
    ]


async def run_routing(servers: Servers, *, repetitions: int) -> list[Row]:
    """The desk without routing, and with it and rules that every message is asked for, in turns."""
    without, asked = list[float](), list[float]()
    others = tuple(name for name in SERVICES if name != "routing")
    for _ in range(repetitions):
        without.append((await desk(servers, others)).p50_ms)
        asked.append((await desk(servers, rules=rules.rules(RULES))).p50_ms)
        print(f"  p50 without routing {without[-1]:.1f} ms, with {RULES} rules {asked[-1]:.1f} ms", flush=True)
    name = f"accepted to screen, p50, {RULES} rules"
    return [row_of(name, without, asked, unit="ms", first=1.2, then=1.2, at_most=True)]


async def send_all(send: Callable[[int], Awaitable[None]], pending: Pending) -> Latency:
    """PER_SECOND, at random moments as customers do, whatever became of those before; then wait for the last one."""
    chance, sending = random.Random(7), set[asyncio.Task[None]]()
    due = time.monotonic()
    count = PER_SECOND * (WARM_S + SECONDS)

    async def one(number: int) -> None:
        await send(number)
        pending.accepted[number] = time.monotonic()

    for number in range(count):
        due += chance.expovariate(PER_SECOND)
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        sending.add(asyncio.create_task(one(number)))
    await asyncio.gather(*sending)
    until = time.monotonic() + LATE_S
    while len(pending.seen) < count:
        if time.monotonic() > until:
            raise RuntimeError(f"only {len(pending.seen)} of {count} arrived")
        await asyncio.sleep(0.1)
    return pending.latency(since=PER_SECOND * WARM_S)


def text_of(number: int) -> str:
    chance = random.Random(number)
    return f"{number} {' '.join(chance.choices(WORDS, k=40))}"


# ── the floor ────────────────────────────────────────────────────────────────────────────────────
async def three_hops(servers: Servers) -> Latency:
    prefix = running.new_prefix()
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.kafka)
    await admin.start()
    names = [bare.topic(prefix, number) for number in range(1, bare.HOPS + 1)]
    await admin.create_topics([NewTopic(name, num_partitions=12, replication_factor=1) for name in names])
    producer = AIOKafkaProducer(bootstrap_servers=servers.kafka, enable_idempotence=True)
    await producer.start()
    pending = Pending({}, {})
    last = asyncio.create_task(_last_hop(servers, prefix, pending))
    program = [sys.executable, "-m", "tests.bench.reference.screen"]
    process = subprocess.Popen(program, env=running.environment(servers, prefix))
    try:
        # The clock starts before the record is sent: in ours, what is accepted is on no Kafka topic yet.
        async def send(number: int) -> None:
            await producer.send(names[0], text_of(number).encode(), str(number % 500).encode())

        return await send_all(send, pending)
    finally:
        process.terminate()
        process.wait(30)
        last.cancel()
        await producer.stop()
        await admin.delete_topics(names)
        await admin.close()
        running.drop(servers, prefix)


async def _last_hop(servers: Servers, prefix: str, pending: Pending) -> None:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(servers.mongo, w="majority")
    written = client[f"{prefix}reference"].written
    consumer = bare.reader(servers.kafka, prefix, bare.HOPS)
    await consumer.start()
    try:
        async for record in consumer:
            await written.insert_one({"hop": bare.HOPS, "value": record.value})
            pending.seen[int(record.value.split()[0])] = time.monotonic()
    finally:
        await consumer.stop()
        await client.close()


# ── the desk ─────────────────────────────────────────────────────────────────────────────────────
async def prepare(servers: Servers, prefix: str) -> None:
    """Topics, and the demo's brands, teams and agents."""
    made = running.settings(servers, prefix)
    await create_topics(made)
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(servers.mongo, tz_aware=True)
    store = Store(client, client[made.database("tickets")], clock.now)
    await store.ensure_indexes()
    await write_directory(store)
    await client.close()


async def write_rules(servers: Servers, prefix: str, drafts: Sequence[dict[str, Any]]) -> None:
    """Each tags what it matches."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(servers.mongo, tz_aware=True, w="majority")
    made = running.settings(servers, prefix)
    store = RoutingStore(client, client[made.database("routing")], clock.now)
    await store.ensure_indexes(applied_days=made.applied_days)
    for n, draft in enumerate(drafts):
        tag = {"kind": "add_tags", "tags": [f"rule-{n}"]}
        rule = {"name": f"Rule {n}", "when": ["ConversationStarted", "CustomerReplied"], "then": [tag], **draft}
        await store.rules.create(f"r{n}", RuleDraft.model_validate(rule), by="", now=clock.now(), publish=True)
    await client.close()


async def desk(servers: Servers, services: Sequence[str] = SERVICES, rules: Sequence[dict[str, Any]] = ()) -> Latency:
    prefix = running.new_prefix()
    await prepare(servers, prefix)
    await write_rules(servers, prefix, rules)
    try:
        with ExitStack() as stack:
            parts = {name: stack.enter_context(running.service(name, servers, prefix)) for name in services}
            return await _through(parts)
    finally:
        running.drop(servers, prefix)


async def _through(parts: dict[str, running.Running]) -> Latency:
    pending = Pending({}, {})
    # aiohttp, as httpx took a third of a core for a hundred requests a second, and there are two for everybody.
    limits = aiohttp.ClientTimeout(LATE_S)
    async with aiohttp.ClientSession(parts["ingest"].url, timeout=limits, raise_for_status=True) as program:
        there = asyncio.Event()
        watching = asyncio.create_task(_watch(parts, pending, there))
        await there.wait()

        async def send(number: int) -> None:
            async with program.post("/events", **event(number)):
                pass

        try:
            return await send_all(send, pending)
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching


def event(number: int) -> dict[str, Any]:
    """One thread for about four messages."""
    return {
        "headers": {
            "Authorization": f"Bearer {running.SECRET}",
            "ce-specversion": "1.0",
            "ce-id": f"message-{number}",
            "ce-source": "/bench",
            "ce-type": "switchboard.integrations.MessagePosted.v1",
        },
        "json": {
            "channel": "whatsapp",
            "brand": "earth-echo",
            "thread": f"t-{number % 500}",
            "sender": {"id": f"wa-{number % 500}", "name": "Ann Lee"},
            "text": text_of(number),
        },
    }


async def _watch(parts: dict[str, running.Running], pending: Pending, there: asyncio.Event) -> None:
    """An agent's open browser; `there` once it is told of everything."""
    agent = accounts()[0]
    async with httpx.AsyncClient(base_url=parts["tickets"].url) as browser:
        answer = await browser.post("/session", json={"email": agent["email"], "password": agent["password"]})
        token = answer.raise_for_status().json()["access_token"]
    async with connect(f"ws://127.0.0.1:{parts['notifications'].port}/live", max_queue=None) as socket:
        await socket.send(json.dumps({"type": "hello", "token": token, "last_id": None}))
        async for raw in socket:
            at = time.monotonic()
            frame = json.loads(raw)
            there.set()
            message = (frame.get("event") or {}).get("data", {}).get("message")
            if message:
                pending.seen[int(message["text"].split()[0])] = at
