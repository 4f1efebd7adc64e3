"""Durable timers: rows with a `due_at`, claimed by lease. Late if we were down, never lost, once in effect.

`fire` gets the claimed rows and must, in its own transaction, delete each or set a new `due_at` and
unset `lease_until` and `lease_by`. A claim whose process died is free again after the lease.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from pymongo import ASCENDING, IndexModel
from pymongo.errors import PyMongoError

from shared import metrics
from shared.clock import Clock
from shared.errors import Transient, is_away
from shared.ids import random_id
from shared.logs import get_logger
from shared.loop import Loop
from shared.mongo import Collection, Document

log = get_logger(__name__)

T = TypeVar("T")

Fire = Callable[[Sequence[Document]], Awaitable[None]]
Until = Callable[[], Awaitable[datetime]]

POLL_S = 0.5


class Trust:
    """Whether a lease that is over says that its holder died: not while MongoDB is away, nor for `pause` after it is
    back. Until then the holder may only not have been able to say that it is done."""

    def __init__(self, pause: timedelta) -> None:
        self._pause = pause
        self._away = False
        self._from: datetime | None = None

    def away(self) -> None:
        """MongoDB did not answer."""
        self._away = True

    def answered(self, now: datetime) -> None:
        if self._away:
            self._away, self._from = False, now + self._pause

    def holds(self, now: datetime) -> bool:
        return not self._away and (self._from is None or now >= self._from)


class Timers(Loop):
    """A part that fires the due rows of one collection; of them, only those due before `until`, when that is given.

    After MongoDB was away, leases that are over are not taken over for `pause_s`: for work whose repetition shows.
    """

    def __init__(
        self,
        collection: Collection,
        fire: Fire,
        *,
        name: str,
        clock: Clock,
        lease_s: float = 60,
        batch: int = 100,
        until: Until | None = None,
        pause_s: float = 0,
    ) -> None:
        super().__init__(f"timers.{name}", pause_s=POLL_S)
        metrics.expect(metrics.timers_fired, [name])
        self._label = name
        self._rows = collection
        self._fire = fire
        self._clock = clock
        self._lease = timedelta(seconds=lease_s)
        self._batch = batch
        self._until = until
        self._trust = Trust(timedelta(seconds=pause_s))

    async def ensure_indexes(self) -> None:
        await self._rows.create_indexes(
            [IndexModel([("due_at", ASCENDING)]), IndexModel([("lease_by", ASCENDING)], sparse=True)]
        )

    async def start(self) -> None:
        await self._noticing(self.ensure_indexes())
        await super().start()

    async def turn(self) -> bool:
        return await self._noticing(self.fire_due()) == self._batch

    async def _noticing(self, work: Awaitable[T]) -> T:
        try:
            return await work
        except Exception as error:
            self.notice(error)
            raise

    def notice(self, error: Exception) -> None:
        """What went wrong on the way to MongoDB, wherever it was seen."""
        if is_away(error):
            self._trust.away()

    async def fire_due(self) -> int:
        """Claim and fire one batch; how many there were."""
        now = self._clock()
        over = [{"lease_until": {"$lte": now}}] if self._trust.holds(now) else []
        due = {"due_at": {"$lte": now}, "$or": [{"lease_until": None}, *over]}
        waiting = self._rows.find(due, projection={"due_at": 1})
        found = await waiting.sort("due_at", ASCENDING).limit(self._batch).to_list(None)
        self._trust.answered(self._clock())
        late_s = (now - found[0]["due_at"]).total_seconds() if found else 0.0
        metrics.timer_overdue_seconds.labels(self._label).set(late_s)
        if found and self._until:
            known = await self._until()
            found = [row for row in found if row["due_at"] <= known]
        ids = [row["_id"] for row in found]
        if not ids:
            return 0
        claim = random_id()
        # Still due: whoever had it may have ended it since it was found.
        await self._rows.update_many(
            {"_id": {"$in": ids}, **due}, {"$set": {"lease_until": now + self._lease, "lease_by": claim}}
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
