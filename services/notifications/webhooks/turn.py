"""One endpoint's turn: which lanes are called when, and when it ends. What it does goes through its sender."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from services.notifications.webhooks.model import Call, Endpoint, Health, Verdict
from services.notifications.webhooks.store.calls import Due
from services.notifications.webhooks.store.endpoints import endpoint_of
from shared.mongo import Document

LOOK_S = 0.25
AHEAD = 4
"""So many times as many calls as are made side by side are read at once."""
LONG_S = 1.0
"""An endpoint whose rate allows nothing for so long gives its place back meanwhile."""


class Sends(Protocol):
    """What a turn asks of its sender."""

    async def call(self, endpoint: Endpoint, due: Due) -> tuple[Call, Call, Verdict]: ...

    async def record(self, endpoint: Endpoint, made: Sequence[tuple[Call, Call]]) -> None: ...

    async def held(self, row: Document) -> Document | None: ...

    async def due(self, endpoint: Endpoint, limit: int, besides: frozenset[str]) -> list[Due]: ...

    async def next_due(self, endpoint: Endpoint) -> datetime | None: ...

    def may_go_on(self, until: datetime) -> bool: ...

    def after(self, health: Health, verdict: Verdict) -> tuple[Health, str | None]: ...

    async def switch_off(self, endpoint: Endpoint, why: str) -> None: ...

    @property
    def clock(self) -> Callable[[], datetime]: ...

    @property
    def side_by_side(self) -> int: ...


class Turn:
    """One endpoint's sending `until` others have their turn: as many lanes at once as it can bear, at its rate."""

    def __init__(self, sender: Sends, row: Document, *, until: datetime) -> None:
        self.row = row
        self._sender = sender
        self._endpoint = endpoint_of(row)
        self._until = until
        self._health = self._endpoint.health
        self._lanes: set[str] = set()
        """In hand: from the look until the record."""
        self._ahead: deque[Due] = deque()
        self._calls: set[asyncio.Task[tuple[Call, Call, Verdict]]] = set()
        self._made: list[tuple[Call, Call]] = []
        self._record: asyncio.Task[None] | None = None
        self._ended = False
        self._rest_s = LOOK_S
        self._looked_at = time.monotonic()

    async def run(self) -> tuple[Health, datetime | None]:
        """The endpoint's health after it, and when it is due again."""
        try:
            while await self._begin() or self._busy():
                await self._wait()
                await self._finish()
        finally:
            for task in self._busy():
                task.cancel()
        due_at = await self._sender.next_due(self._endpoint)
        if due_at is not None:
            due_at = max(filter(None, (due_at, self._health.paused_until, self._health.next_at)))
        return self._health, due_at

    def _busy(self) -> list[asyncio.Task[Any]]:
        return [*self._calls, *([self._record] if self._record else [])]

    async def _begin(self) -> bool:
        """Begin what is due and fits. False: nothing was begun, nor will the endpoint's rate soon allow it."""
        await self._look()
        self._rest_s = LOOK_S
        if self._allowed() and len(self._ahead) < self._limit() - len(self._calls):
            await self._read_ahead()
        begun = False
        while self._ahead and self._allowed() and len(self._calls) < self._limit():
            if (early_s := self._early_s()) > 0:
                self._rest_s = min(LOOK_S, early_s)
                return early_s < LONG_S
            due = self._ahead.popleft()
            self._calls.add(asyncio.create_task(self._sender.call(self._endpoint, due), name=f"webhook.{due.call.id}"))
            self._count()
            begun = True
        return begun

    def _limit(self) -> int:
        return 1 if self._health.struggling else self._sender.side_by_side

    async def _read_ahead(self) -> None:
        """One look for many calls costs what one for one does. A lane whose call is recorded while we look was in
        hand when the look began: what the look says of it is old."""
        found = await self._sender.due(self._endpoint, AHEAD * self._limit(), frozenset(self._lanes))
        self._ahead.extend(found)
        self._lanes |= {one.call.lane for one in found}

    async def _wait(self) -> None:
        """Until a call or the record is done, but not only: what comes meanwhile must not wait for a receiver that is
        slow once."""
        if busy := self._busy():
            await asyncio.wait(busy, timeout=self._rest_s, return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(self._rest_s)

    async def _finish(self) -> None:
        """Learn from the calls that are done, and record them together while others go on."""
        for task in [one for one in self._calls if one.done()]:
            self._calls.discard(task)
            before, after, verdict = task.result()
            self._made.append((before, after))
            await self._learn(verdict)
        if self._record and self._record.done():
            self._record.result()
            self._record = None
        if self._made and self._record is None:
            made, self._made = self._made, []
            self._record = asyncio.create_task(self._keep(made), name=f"webhook.record.{self._endpoint.id}")

    async def _keep(self, made: Sequence[tuple[Call, Call]]) -> None:
        await self._sender.record(self._endpoint, made)
        self._lanes -= {before.lane for before, _ in made}

    async def _look(self) -> None:
        """The endpoint may have been changed or switched off, and a process that was frozen may have lost its lease."""
        if time.monotonic() - self._looked_at < LOOK_S:
            return
        self._looked_at = time.monotonic()
        row = await self._sender.held(self.row)
        if row is None:
            self._ended = True
            return
        self.row, self._endpoint = row, endpoint_of(row)
        self._ended = self._ended or self._endpoint.state != "active"

    def _allowed(self) -> bool:
        paused_until = self._health.paused_until
        paused = paused_until is not None and paused_until > self._sender.clock()
        return not paused and not self._ended and self._sender.may_go_on(self._until)

    def _early_s(self) -> float:
        """How long until the endpoint's rate allows the next call."""
        at = self._health.next_at
        return (at - self._sender.clock()).total_seconds() if at else 0.0

    def _count(self) -> None:
        """A call began; the rate counts from when it was allowed, so that what is late by a little is made good."""
        now, apart = self._sender.clock(), timedelta(seconds=1 / self._endpoint.per_second)
        at = max(self._health.next_at or now, now - min(apart, timedelta(seconds=LOOK_S)))
        self._health = self._health.model_copy(update={"next_at": at + apart})

    async def _learn(self, verdict: Verdict) -> None:
        self._health, why = self._sender.after(self._health, verdict)
        if why and not self._ended:
            self._ended = True
            await self._sender.switch_off(self._endpoint, why)
