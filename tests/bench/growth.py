"""How cost grows: replicas of tickets, conversations that are there already, rules.

On a machine whose cores all have work with one replica, more of them cannot do more; what they show there is whether
an event costs more CPU when it shares the path, and that is why CPU stands beside the clock.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from tests.bench import million, pages, rules, running, tickets
from tests.bench.load import messages
from tests.servers import Servers

REPLICAS = (1, 2, 4)
CONVERSATIONS = (10_000, 100_000, 1_000_000)
EVENTS = 10_000


@dataclass(frozen=True)
class Step:
    """`cpu_us`: of each program for each event; `pages_p95_ms`: any list of the inbox."""

    size: int
    rate: float
    cpu_us: dict[str, float] = field(default_factory=dict)
    pages_p95_ms: float | None = None

    def told(self) -> str:
        page = f"   page p95 {self.pages_p95_ms:.1f} ms" if self.pages_p95_ms is not None else ""
        cpu = f"   {tickets.told(self.cpu_us)}" if self.cpu_us else ""
        return f"  {self.size:9,} {self.rate:9,.0f}/s{page}{cpu}"


async def run(servers: Servers) -> dict[str, Any]:
    """A table for each of the three, by name."""
    found: dict[str, Any] = {}
    print("replicas of tickets", flush=True)
    found["replicas"] = [asdict(await _replicas(servers, size)) for size in REPLICAS]
    print("rules of five conditions", flush=True)
    grown = await asyncio.to_thread(rules.run, repetitions=3, sizes=rules.SIZES)
    found["rules"] = [row.document() | {"size": size} for row, size in zip(grown, rules.SIZES, strict=True)]
    print("conversations there already", flush=True)
    found["conversations"] = [asdict(await _conversations(servers, size)) for size in CONVERSATIONS]
    return found


async def _replicas(servers: Servers, size: int) -> Step:
    path = await tickets.through(servers, tickets.tickets(size), messages(EVENTS))
    return _tell(Step(size, path.rate, path.cpu_us))


async def _conversations(servers: Servers, size: int) -> Step:
    """Pages first, then messages into conversations that exist."""
    prefix = running.new_prefix()
    try:
        await asyncio.to_thread(million.write, servers.mongo, f"{prefix}switchboard_tickets", size)
        asked = await pages.measure(servers, prefix, size, repetitions=1)
        inputs = messages(EVENTS, among=await asyncio.to_thread(_some_of, size))
        path = await tickets.through(servers, tickets.tickets(), inputs, prefix=prefix)
    finally:
        running.drop(servers, prefix)
    return _tell(Step(size, path.rate, path.cpu_us, pages.percentile(asked.ours_ms["all"], 95)))


def _some_of(size: int) -> list[str]:
    """Ids of about EVENTS / 4 conversations, all over the collection."""
    every = max(1, size // (EVENTS // 4))
    ids = [one["_id"] for one in islice(million.documents(size), 0, None, every)]
    random.Random(7).shuffle(ids)
    return ids


def _tell(step: Step) -> Step:
    print(step.told(), flush=True)
    return step
