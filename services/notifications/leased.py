"""Rows with a `due_at`, claimed by lease and worked on side by side: the queue behind everything that leaves.

At most one process works on a row at a time. A crash leaves the row to its lease, and to the next process after it.
One that is to stop begins nothing more from that moment on, and what had begun comes to its record.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from shared.clock import Clock
from shared.errors import is_away
from shared.logs import get_logger
from shared.mongo import PATIENCE_S, Collection, Document
from shared.timers import Timers

log = get_logger(__name__)

T = TypeVar("T")

LONGEST_PAUSE_S = 5.0
RECORDED_WITHIN_S = LONGEST_PAUSE_S + 2 * PATIENCE_S
"""After MongoDB is back: the pause before a record is tried again, the server being found, the transaction itself."""


class NotBegun(Exception):
    """We are to stop, and nothing has left yet: the row goes back as it was."""


@dataclass(frozen=True, slots=True)
class Terms:
    """`lease_s` is how long a claim holds, `lasts_s` how long the work takes at most: less of the lease than that is
    not begun on. `places` is how many rows are worked on at once, `drain_s` what they get at a shutdown."""

    lease_s: float
    lasts_s: float
    places: int
    drain_s: float


class Place:
    """One of the places; given back once, early by the work itself or at its end."""

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places = places
        self._held = True

    def give_back(self) -> None:
        if self._held:
            self._held = False
            self._places.release()


Work = Callable[[Document, Place], Awaitable[None]]


class Leased:
    """A part: the shared timers over `rows`, with `work` done on each. `work` ends the row or gives it a new
    `due_at`, and unsets the lease, in a transaction of its own; it gives its place back when what it waits for
    outside is over, and asks `may_begin` just before anything leaves."""

    def __init__(self, rows: Collection, work: Work, terms: Terms, *, name: str, clock: Clock) -> None:
        self.name = name
        self._leased = rows
        self._work = work
        self._terms = terms
        self._clock = clock
        self._places = asyncio.Semaphore(terms.places)
        self._tasks: set[asyncio.Task[None]] = set()
        self._in_hand: set[str] = set()
        self.stopping = False
        self.timers = Timers(
            rows,
            self._fire,
            name=name,
            clock=clock,
            lease_s=terms.lease_s,
            batch=min(terms.places, 100),
            pause_s=RECORDED_WITHIN_S,
        )

    async def start(self) -> None:
        await self.timers.start()

    def take_no_more(self) -> None:
        """From now on nothing is claimed and nothing leaves that had not begun to."""
        if not self.stopping:
            self.stopping = True
            self.timers.end()
            self._places.release()  # who waits for a place looks up

    def may_begin(self) -> None:
        """Raises NotBegun when we are to stop."""
        if self.stopping:
            raise NotBegun

    async def stop(self) -> None:
        """Claim no more; let the work in hand come to its record, or leave it to its lease."""
        self.take_no_more()
        await self.timers.stop()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._terms.drain_s)
        for task in self._tasks:
            task.cancel()

    def alive(self) -> bool:
        return self.timers.alive()

    async def ready(self) -> str | None:
        return await self.timers.ready()

    def nudge(self) -> None:
        self.timers.nudge()

    async def _fire(self, rows: Sequence[Document]) -> None:
        """Begin each as soon as there is a place. Returns when all have begun, not when all are done."""
        for n, row in enumerate(rows):
            if row["_id"] in self._in_hand:
                continue  # done by us, and its result waits for MongoDB longer than the lease
            await self._places.acquire()
            if self.stopping:
                await self._give_back([one for one in rows[n:] if one["_id"] not in self._in_hand])
                return
            self._in_hand.add(row["_id"])
            task = asyncio.create_task(self._one(row), name=f"{self.name}.{row['_id']}")
            self._tasks.add(task)
            task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            # The row stays leased and is tried again after the lease.
            log.error("work failed", part=self.name, exc_info=error)

    async def _one(self, row: Document) -> None:
        place = Place(self._places)
        try:
            self.may_begin()
            if row["lease_until"] - self._clock() >= timedelta(seconds=self._terms.lasts_s):
                await self._work(row, place)
            # Else frozen or crowded: too little of the lease is left to be alone to its end.
        except NotBegun:
            await self._give_back([row])
        finally:
            place.give_back()
            self._in_hand.discard(row["_id"])

    async def _give_back(self, rows: Sequence[Document]) -> None:
        """Rows of one claim; others may take them at once. While MongoDB is away they are left to their lease."""
        ours = {"_id": {"$in": [row["_id"] for row in rows]}, "lease_by": rows[0]["lease_by"]} if rows else None
        try:
            if ours:
                await self._leased.update_many(ours, {"$unset": {"lease_until": "", "lease_by": ""}})
        except Exception as error:
            if not is_away(error):
                raise
            log.warning("rows stay leased", part=self.name, error=type(error).__name__)

    async def keep(self, work: Callable[[], Awaitable[T]], **about: str) -> T:
        """Do it, waiting for MongoDB as long as it takes: what left must not leave again because its record failed."""
        pause_s = 0.1
        while True:
            try:
                return await work()
            except Exception as error:
                if not is_away(error):
                    raise
                self.timers.notice(error)  # which may be waiting for a place meanwhile, and not see it themselves
                log.warning("waits", error=repr(error)[:200], **about)
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
