"""Start to ready, and memory when idle, of each service as its own process (promises.md, last rows)."""

from __future__ import annotations

import asyncio
import statistics
import time

from shared.setup import create_topics
from tests.bench import running
from tests.bench.row import Row, alone
from tests.servers import Servers

SERVICES = ("ingest", "tickets", "routing", "notifications")
SETTLE_S = 5.0

Once = dict[str, tuple[float, float]]
"""By service: seconds from the process's start to readiness, MiB resident some seconds later."""


async def run(servers: Servers, *, repetitions: int) -> list[Row]:
    """The slowest and the largest service of each repetition are held against the bounds."""
    prefix = running.new_prefix()
    await create_topics(running.settings(servers, prefix))
    try:
        await asyncio.to_thread(_once, servers, prefix)  # the first start makes indexes and groups
        runs = [await asyncio.to_thread(_once, servers, prefix) for _ in range(repetitions)]
    finally:
        running.drop(servers, prefix)
    ready = {name: statistics.median(one[name][0] for one in runs) for name in SERVICES}
    memory = {name: statistics.median(one[name][1] for one in runs) for name in SERVICES}
    for name in SERVICES:
        print(f"  {name:14} ready {ready[name]:4.1f} s   {memory[name]:4.0f} MiB", flush=True)
    slowest = [max(ready_s for ready_s, _ in one.values()) for one in runs]
    largest = [max(mib for _, mib in one.values()) for one in runs]
    return [
        alone("start to ready, slowest service", slowest, unit="s", first=3.0, then=1.5, at_most=True, beside=ready),
        alone("memory idle, largest service", largest, unit="MiB", first=120, then=80, at_most=True, beside=memory),
    ]


def _once(servers: Servers, prefix: str) -> Once:
    found = {}
    for name in SERVICES:
        with running.service(name, servers, prefix) as service:
            time.sleep(SETTLE_S)
            found[name] = service.ready_s, service.memory_mib()
    return found
