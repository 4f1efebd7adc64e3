"""Warnings and breaches beside a million running targets: how late each is told, with some due every second."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from services.routing.horizon import Horizon
from services.routing.sla.targets import Row as Targets
from services.routing.sla.targets import Target
from services.routing.store import Store
from services.routing.targets import TargetHandlers
from shared import clock, mongo
from shared.contracts.sla import PolicyRef
from shared.mongo import Document
from shared.timers import Timers
from tests.bench import running
from tests.bench.pages import percentile
from tests.bench.row import Row, alone
from tests.servers import Servers

RUNNING = 1_000_000
"""Targets that are not due while it is measured: due within eight hours."""
A_SECOND = 100
"""Due in each second that is measured: three times what a million in eight hours make."""
SECONDS = 20
AT_ONCE = 20_000
PATIENCE_S = 300.0


class _Sure(Horizon):
    """What Kafka would be asked for is measured elsewhere."""

    async def until(self) -> datetime:
        self.known = clock.now()
        return self.known


async def run(servers: Servers, *, repetitions: int, count: int = RUNNING) -> list[Row]:
    settings = running.settings(servers, running.new_prefix())
    client = mongo.connect(settings)
    try:
        store = Store(client, mongo.database(client, settings, "routing"), clock.now)
        await store.ensure_indexes(applied_days=1)
        horizon = _Sure(settings, group="routing.sla", topic="none", clock=clock.now)
        await _timers(store, horizon).ensure_indexes()
        await _fill(store, "far", count, clock.now() + timedelta(hours=1), timedelta(hours=7) / count)
        p99 = [await _measured(store, _timers(store, horizon), n) for n in range(repetitions)]
    finally:
        await client.drop_database(settings.database("routing"))
        await client.close()
    return [alone(f"a breach, {count:,} targets running, p99", p99, unit="s", first=5.0, then=2.0, at_most=True)]


def _timers(store: Store, horizon: Horizon) -> Timers:
    fire = TargetHandlers(store, clock.now, horizon).on_due
    return Timers(store.targets.rows, fire, name="bench", clock=clock.now, batch=500, until=horizon.until)


async def _measured(store: Store, timers: Timers, n: int) -> float:
    """The 99th percentile of how late they are told, in seconds."""
    due = A_SECOND * SECONDS
    await _fill(store, f"near{n}-", due, clock.now() + timedelta(seconds=2), timedelta(seconds=SECONDS) / due)
    await timers.start()
    told = store.database.get_collection("log")
    mine = {"aggregate_id": {"$regex": f"^sla:near{n}-"}}
    try:
        async with asyncio.timeout(PATIENCE_S):
            while await told.count_documents(mine) < due:
                await asyncio.sleep(0.5)
    finally:
        await timers.stop()
    found: Sequence[Document] = await told.find(mine).to_list(None)
    rows = {row["_id"]: row async for row in store.targets.rows.find({"_id": {"$regex": f"^near{n}-"}})}
    late = [(row["logged_at"] - rows[row["key"]]["targets"][0]["due_at"]).total_seconds() for row in found]
    return percentile(late, 99)


async def _fill(store: Store, name: str, count: int, first: datetime, apart: timedelta) -> None:
    filling = documents(name, count, first, apart)
    while batch := [one for _, one in zip(range(AT_ONCE), filling, strict=False)]:
        await store.targets.rows.insert_many(batch, ordered=False)


def documents(name: str, count: int, first: datetime, apart: timedelta) -> Iterator[dict[str, Any]]:
    """Rows as `store.sla` writes them: warned of, and due next."""
    began = datetime(2026, 1, 1, tzinfo=UTC)
    target = Target(
        kind="first_response",
        policy=PolicyRef(id="all", name="All", version=1),
        calendar=None,
        goal_s=3600,
        warn_percent=20,
        pauses=("snoozed",),
        started_at=began,
        since=began,
        warned=True,
        due_at=began,
        warn_at=began,
    )
    row = Targets(id=name, seq=1, head_seq=1, seen_from=began, opened_at=began, targets=(target,)).model_dump()
    del row["id"]
    for n in range(count):
        due_at = first + n * apart
        yield {**row, "_id": f"{name}{n}", "due_at": due_at, "targets": [{**row["targets"][0], "due_at": due_at}]}
