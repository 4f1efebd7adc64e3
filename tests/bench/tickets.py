"""Inbound events per second through tickets, beside the bare program (promises.md, first row)."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import psutil
from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.local.ports import any_free
from shared.contracts.ingest import MessageReceived
from shared.setup import create_topics
from shared.topics import CONVERSATIONS, PARTITIONS
from tests.bench import running
from tests.bench.cpu import Spent, servers_here
from tests.bench.flames import Flames
from tests.bench.load import messages, publish
from tests.bench.row import Row, row_of
from tests.servers import Servers

COUNT = 20_000
LIMIT_S = 240
LOOK_S = 0.4
WARM = 0.1
"""The share of events whose CPU is not counted: programs load and connect meanwhile."""

Inputs = list[tuple[str, MessageReceived]]
Started = dict[str, subprocess.Popen[bytes]]


@dataclass(frozen=True)
class Subject:
    """Programs that together do the work, by name: each is (module, roles)."""

    name: str
    programs: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Path:
    """`rate` in events per second; `cpu_us` of each program for each event."""

    rate: float
    cpu_us: dict[str, float]

    @property
    def per_cpu_second(self) -> float:
        """Events for each CPU second of everybody together: what the cores could do with nobody else on them."""
        return 1e6 / sum(self.cpu_us.values())


CONSUME, RELAY = '["consume"]', '["relay"]'
REFERENCE = Subject("bare aiokafka + PyMongo", (("bare", "tests.bench.reference.tickets", ""),))


def tickets(consumers: int = 1) -> Subject:
    """So many consumers and a relay, a process each."""
    names = ("consumer", *(f"consumer {n}" for n in range(2, consumers + 1)))
    programs = tuple((name, "services.tickets", CONSUME) for name in names)
    return Subject("tickets", (*programs, ("relay", "services.tickets", RELAY)))


async def through(
    servers: Servers, subject: Subject, inputs: Inputs, *, prefix: str | None = None, flames: Flames | None = None
) -> Path:
    """All inputs, published before the programs start. `prefix`: of a desk that is there already."""
    own = prefix or running.new_prefix()
    await create_topics(running.settings(servers, own))
    await publish(servers.kafka, own, inputs)
    try:
        with programs(servers, subject, own) as started, ExitStack() as looking:

            def warm() -> None:
                if flames:
                    looking.enter_context(flames.of(started))

            return await _measure(servers, f"{own}{CONVERSATIONS.name}", len(inputs), started, warm)
    finally:
        if prefix is None:
            running.drop(servers, own)


@contextmanager
def programs(servers: Servers, subject: Subject, prefix: str) -> Iterator[Started]:
    """Ended with the block."""
    started: Started = {}
    try:
        for name, module, roles in subject.programs:
            env = running.environment(servers, prefix) | {"SWITCHBOARD_HTTP_PORT": str(any_free(1)[0])}
            env |= {"SWITCHBOARD_ROLES": roles} if roles else {}
            started[name] = subprocess.Popen([sys.executable, "-m", module], env=env, stdout=subprocess.DEVNULL)
        yield started
    finally:
        for process in started.values():
            process.terminate()
        for process in started.values():
            process.wait(30)


async def _measure(servers: Servers, topic: str, count: int, started: Started, warm: Callable[[], None]) -> Path:
    """By the timestamps of what was published, from the first to the last; CPU from WARM of them on."""
    processes = servers_here(servers) | {name: psutil.Process(one.pid) for name, one in started.items()}
    consumer = AIOKafkaConsumer(bootstrap_servers=servers.kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, number) for number in range(PARTITIONS)])
        times: list[int] = []
        before: tuple[int, Spent] | None = None
        deadline = time.monotonic() + LIMIT_S
        while len(times) < count:
            if time.monotonic() > deadline or any(process.poll() is not None for process in started.values()):
                raise RuntimeError(f"only {len(times)} of {count} events came out")
            # Seldom and in bulk, so that looking costs the cores little.
            await asyncio.sleep(LOOK_S)
            for records in (await consumer.getmany(timeout_ms=100, max_records=50_000)).values():
                times += [record.timestamp for record in records]
            if before is None and len(times) >= WARM * count:
                warm()
                before = len(times), Spent.now(processes)
        spent = Spent.now(processes)
    finally:
        await consumer.stop()
    seen, since = before or (0, spent)
    first, last = min(times), max(times)
    rate = sum(1 for one in times if one > first) / max(0.001, (last - first) / 1000)
    return Path(rate, spent.us_for_each(since, max(1, count - seen)))


async def run(servers: Servers, *, repetitions: int, count: int = COUNT) -> list[Row]:
    """Interleaved: reference, tickets, reference, tickets, …"""
    bare: list[Path] = []
    ours: list[Path] = []
    inputs = messages(count)
    for _ in range(repetitions):
        bare.append(await through(servers, REFERENCE, inputs))
        ours.append(await through(servers, tickets(), inputs))
        ratio = (
            f"ratio {ours[-1].rate / bare[-1].rate:.2f}, of CPU {ours[-1].per_cpu_second / bare[-1].per_cpu_second:.2f}"
        )
        print(f"  {bare[-1].rate:6.0f}/s bare   {ours[-1].rate:6.0f}/s tickets   {ratio}", flush=True)
    beside = {"bare_cpu_us": cpu_us(bare), "cpu_us": cpu_us(ours)}
    for who, one in (("bare", beside["bare_cpu_us"]), ("tickets", beside["cpu_us"])):
        print(f"  {who:8} {told(one)}", flush=True)
    rates = [one.rate for one in bare], [one.rate for one in ours]
    cpu = [one.per_cpu_second for one in bare], [one.per_cpu_second for one in ours]
    return [
        row_of("inbound events through tickets", *rates, first=0.5, then=0.9, beside=beside),
        row_of("the same for each CPU second", *cpu, unit="/CPU s", first=0.5, then=0.9, beside=beside),
    ]


def cpu_us(paths: Sequence[Path]) -> dict[str, float]:
    """Medians."""
    return {name: statistics.median(one.cpu_us[name] for one in paths) for name in paths[0].cpu_us}


def told(spent: dict[str, float]) -> str:
    parts = ", ".join(f"{name} {us:.0f}" for name, us in spent.items())
    return f"{sum(spent.values()):5.0f} µs of CPU for each event: {parts}"
