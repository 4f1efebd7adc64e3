"""The waiting room: conversations that found nobody get an agent, oldest first, when somebody can take them.

Emits Decided with AssignAgent. It is nudged when a place comes free or somebody comes online, and looks from
time to time by itself, so that a nudge lost in a crash makes it late and nothing more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from pymongo.asynchronous.client_session import AsyncClientSession

from services.routing.assignment import brands_served, free_places
from services.routing.desk import Desk, Wanted
from services.routing.model.conversation import Row, holder
from services.routing.model.decision import Seat, decide_waiting
from services.routing.settings import RoutingSettings
from services.routing.store import Store
from services.routing.store.decisions import Decision
from services.routing.store.seats import Seats
from shared import metrics
from shared.clock import Clock
from shared.ids import derived
from shared.log import Cause, Fact
from shared.loop import Loop
from shared.mongo import StaleVersion, in_transaction
from shared.topics import DECISIONS

AT_ONCE = 200
"""How many are given out in one transaction."""


class WaitingRoom(Loop):
    """A part: looks when nudged, and every `sweep_s` all the same, so that a lost nudge is only late."""

    def __init__(self, store: Store, desk: Desk, seats: Seats, clock: Clock, settings: RoutingSettings) -> None:
        super().__init__("waiting", pause_s=settings.sweep_s)
        self._store = store
        self._desk = desk
        self._seats = seats
        self._clock = clock
        self._audit_s = settings.audit_s
        self._audited_at = 0.0

    async def start(self) -> None:
        self._audited_at = _monotonic()
        await super().start()

    async def turn(self) -> bool:
        if await self._desk.knows_all():
            await self.fill()
            await self._audit_when_due()
        return False

    async def _audit_when_due(self) -> None:
        if _monotonic() - self._audited_at >= self._audit_s:
            metrics.loads_mended.inc(await self._seats.audit())
            self._audited_at = _monotonic()

    # ── work ─────────────────────────────────────────────────────────────────────────────────────
    async def fill(self) -> int:
        """Give out what waits until nobody has room; how many found an agent."""
        given = 0
        while now_given := await self._round():
            given += now_given
        metrics.conversations_waiting.set(await self._store.conversations.waiting())
        return given

    async def _round(self) -> int:
        asked: set[str] = set()
        try:
            given = await in_transaction(self._store.client, lambda session: self._give(asked, session))
        finally:
            await self._let_go(asked)
        metrics.assigned.labels("after waiting").inc(given)
        return given

    async def _give(self, asked: set[str], session: AsyncClientSession) -> int:
        waiting = await self._store.conversations.queues(session)
        if not waiting:
            return 0
        queues = await self._desk.queues(waiting, session)
        board = await self._desk.board(queues)
        rows: list[Row] = []
        for one, queue in queues.items():
            if places := free_places(queue, board):
                limit = min(places, AT_ONCE)
                rows += await self._store.conversations.oldest(one, brands_served(queue), limit, session)
        wanted = [(row, row.want) for row in rows if row.want]
        wanted.sort(key=lambda pair: (pair[1].since, pair[0].id))
        asked.update(row.id for row, _ in wanted)
        seated = await self._desk.seat([Wanted(row.id, row.brand_id, want) for row, want in wanted], queues, board)
        given = await self._save([row for row, _ in wanted], seated.seats, session)
        if not await self._desk.stands(seated):
            raise StaleVersion("Redis was emptied while seats were taken")
        return given

    async def _save(self, rows: list[Row], seats: Mapping[str, Seat], session: AsyncClientSession) -> int:
        now = self._clock()
        after: dict[str, Row] = {}
        facts: list[Fact] = []
        decisions: list[Decision] = []
        for row in rows:
            seat = seats[row.id]
            if row.want is None or seat.agent_id is None:
                continue
            cause = Cause(derived("waiting", row.id, str(row.seq)), row.want.correlation_id)
            told = Seat(seat.agent_id, f"{seat.reason}, after waiting {_spoken(now - row.want.since)}")
            after[row.id], decided = decide_waiting(row, told, decision_id=derived("decision", cause.id), now=now)
            facts.append(Fact.of(0, cause, DECISIONS, row.id, row.id, decided.seq, now, decided))
            decisions.append(Decision(decided.decision_id, row.id, row.brand_id, now, row.last, decided))
        await self._store.conversations.write({row.id: row for row in rows}, after, session)
        await self._store.decisions.add(decisions, session)
        await self._store.log.append(facts, session)
        return len(facts)

    async def _let_go(self, asked: set[str]) -> None:
        """Give back the seats of those that need none any more. Those that still wait keep theirs: the next
        round, or another replica's, takes the same one."""
        rows = await self._store.conversations.read(asked)
        await self._seats.settle({row.id: holder(row) for row in rows.values() if not (row.open and row.want)})


def _spoken(waited: timedelta) -> str:
    seconds = int(waited.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
