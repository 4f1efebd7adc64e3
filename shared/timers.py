"""Durable timers: rows with a `due_at`, claimed by lease. Late if we were down, never lost, once in effect.

`fire` gets the claimed rows and must, in its own transaction, delete each or set a new `due_at` and
unset `lease_until` and `lease_by`. A claim whose process died is free again after the lease.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from pymongo import ASCENDING, IndexModel
from pymongo.errors import PyMongoError

from shared import metrics
from shared.clock import Clock
from shared.errors import Transient
from shared.ids import random_id
from shared.logs import get_logger
from shared.mongo import Collection, Document

log = get_logger(__name__)

Fire = Callable[[Sequence[Document]], Awaitable[None]]

POLL_S = 0.5
STALL_S = 120.0


class Timers:
    """A part that fires the due rows of one collection."""

    def __init__(
        self,
        collection: Collection,
        fire: Fire,
        *,
        name: str,
        clock: Clock,
        lease_s: float = 60,
        batch: int = 100,
    ) -> None:
        self.name = f"timers.{name}"
        self._label = name
        self._rows = collection
        self._fire = fire
        self._clock = clock
        self._lease = timedelta(seconds=lease_s)
        self._batch = batch
        self._nudged = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self._progressed_at = 0.0

    async def ensure_indexes(self) -> None:
        await self._rows.create_indexes(
            [IndexModel([("due_at", ASCENDING)]), IndexModel([("lease_by", ASCENDING)], sparse=True)]
        )

    async def start(self) -> None:
        await self.ensure_indexes()
        self._progressed_at = asyncio.get_running_loop().time()
        self._task = asyncio.create_task(self._run(), name=self.name)

    async def stop(self) -> None:
        self._stopping = True
        self._nudged.set()
        if self._task:
            await self._task

    def alive(self) -> bool:
        if self._task is None:
            return True
        return not self._task.done() and asyncio.get_running_loop().time() - self._progressed_at < STALL_S

    async def ready(self) -> str | None:
        return None

    def nudge(self) -> None:
        """Look for due rows now rather than at the next poll."""
        self._nudged.set()

    async def _run(self) -> None:
        while not self._stopping:
            self._nudged.clear()
            full = False
            try:
                full = await self.fire_due() == self._batch
            except (PyMongoError, Transient) as error:
                log.warning("timers wait", timer=self._label, error=type(error).__name__)
                await asyncio.sleep(1)
            except Exception:
                # A bug in one timer must not stop the others; the claimed rows come back after their lease.
                log.exception("timer failed", timer=self._label)
                await asyncio.sleep(1)
            self._progressed_at = asyncio.get_running_loop().time()
            if not full:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._nudged.wait(), POLL_S)

    async def fire_due(self) -> int:
        """Claim and fire one batch; how many there were."""
        now = self._clock()
        free = {"$or": [{"lease_until": {"$lte": now}}, {"lease_until": None}]}
        due = self._rows.find({"due_at": {"$lte": now}, **free}, projection={"_id": 1})
        ids = [row["_id"] async for row in due.sort("due_at", ASCENDING).limit(self._batch)]
        if not ids:
            return 0
        claim = random_id()
        await self._rows.update_many(
            {"_id": {"$in": ids}, **free}, {"$set": {"lease_until": now + self._lease, "lease_by": claim}}
        )
        rows = await self._rows.find({"lease_by": claim}).sort("due_at", ASCENDING).to_list(None)
        if rows:
            await self._fire_each(rows)
            metrics.timers_fired.labels(self._label).inc(len(rows))
            for row in rows:
                metrics.timer_delay_seconds.labels(self._label).observe((now - row["due_at"]).total_seconds())
        return len(rows)

    async def _fire_each(self, rows: Sequence[Document]) -> None:
        """All together; when that is a bug, one by one, as a bad row would be claimed with the same ones for ever.

        The bad row comes back after its lease.
        """
        try:
            await self._fire(rows)
        except (PyMongoError, Transient):
            raise
        except Exception:
            if len(rows) == 1:
                log.exception("timer failed", timer=self._label, row=str(rows[0]["_id"]))
                return
            for row in rows:
                await self._fire_each([row])
