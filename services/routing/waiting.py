"""The waiting room: conversations that found nobody get an agent, priority and the oldest first, when somebody can take
them; of their own team, or of another that a rule lets them overflow to.

Emits Decided with AssignAgent. It is nudged when a place comes free or somebody comes online, and looks from
time to time by itself, so that a nudge lost in a crash makes it late and nothing more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from services.routing.assignment import Board, places
from services.routing.deciding import Looked, Work, save
from services.routing.desk import Desk, Queues, Seated
from services.routing.model.conversation import Row, held
from services.routing.model.decision import Seat, decide_waiting
from services.routing.model.plan import for_nobody
from services.routing.model.want import Want
from services.routing.rules.durations import spoken
from services.routing.rules.evaluate import Outcome
from services.routing.settings import RoutingSettings
from services.routing.store import Store
from services.routing.store.conversations import Alike, Turn
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
            await self.give_up()
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

    async def give_up(self) -> int:
        """What waits for one agent who is gone waits no more: it is said why, and it is anybody's; how many."""
        return await in_transaction(self._store.client, self._give_up)

    async def _give_up(self, session: AsyncClientSession) -> int:
        found = await self._store.conversations.waiting_for(self._desk.not_everywhere(), AT_ONCE, session)
        gone = {row.id: row for row in found if row.want and self._desk.why_gone(row.want.queue, row.brand_id)}
        looked = [self._gave_up(row, row.want) for row in gone.values() if row.want]
        rows = {id_: row.model_copy(update={"want": None}) for id_, row in gone.items()}
        work = Work(gone, rows, looked)
        await save(work, self._store, 0, Seated({}), self._clock(), session)
        return len(looked)

    def _gave_up(self, row: Row, want: Want) -> Looked:
        cause = Cause(derived("waited in vain", row.id, str(row.seq)), want.correlation_id)
        reason = self._desk.why_gone(want.queue, row.brand_id) or ""
        return Looked(cause, row.last, row.id, Outcome(), for_nobody(derived("decision", cause.id), want.chain, reason))

    async def _round(self) -> int:
        asked: set[str] = set()
        try:
            given = await in_transaction(self._store.client, lambda session: self._give(asked, session))
        finally:
            await self._let_go(asked)
        metrics.assigned.labels("after waiting").inc(given)
        return given

    async def _give(self, asked: set[str], session: AsyncClientSession) -> int:
        rows, seated = await self._choose(asked, session)
        given = await self._save(rows, seated.seats, session)
        if not await self._desk.stands(seated):
            raise StaleVersion("Redis was emptied while seats were taken")
        return given

    async def _choose(self, asked: set[str], session: AsyncClientSession) -> tuple[list[Row], Seated]:
        """Whose turn it is, and what they get. `asked`: for whom a seat was asked for, in attempts before this one and
        in this one."""
        now = self._clock()
        waiting = []
        if asked or await self._desk.anybody_free(session):
            waiting = await self._store.conversations.alike(session)
        if not waiting:
            return [], Seated({})
        own, other = [one.waiting for one in waiting], [one.overflow for one in waiting if one.overflow]
        queues = await self._desk.queues([*own, *other], session)
        board = await self._desk.board(queues, {one.need.channel for one in waiting}, sorted(asked))
        for one in asked:
            board.release(one)
        turns = await self._next(waiting, queues, board, now, session)
        rows = await self._store.conversations.read([id_ for _, id_ in sorted(turns)[:AT_ONCE]], session)
        asked.update(rows)
        wanted = await self._desk.wanted(list(rows.values()), now, session)
        return [rows[one.conversation_id] for one in wanted], await self._desk.seat(wanted, queues, board)

    async def _next(
        self, waiting: Sequence[Alike], queues: Queues, board: Board, now: datetime, session: AsyncClientSession
    ) -> set[Turn]:
        """Of all that somebody could take now, the ones whose turn is next: as many of each kind as there is room for,
        so that what nobody can take holds up nothing behind it."""
        found: set[Turn] = set()
        for one in waiting:
            if own := min(places(queues[one.waiting], one.need, board), AT_ONCE):
                found.update(await self._store.conversations.next(one, own, session))
            if one.overflow and (other := min(places(queues[one.overflow], one.need, board), AT_ONCE)):
                found.update(await self._store.conversations.next(one, other, session, overflowed_by=now))
        return found

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
            reason = f"{seat.reason}, after waiting {spoken(now - row.want.since)}"
            told = replace(seat, reason=reason)
            after[row.id], decided = decide_waiting(row, told, decision_id=derived("decision", cause.id), now=now)
            facts.append(Fact.of(0, cause, DECISIONS, row.id, row.id, decided.seq, now, decided))
            decisions.append(
                Decision(decided.decision_id, row.id, row.brand_id, now, row.last, decided, chain=row.want.chain)
            )
        await self._store.conversations.write({row.id: row for row in rows}, after, session)
        await self._store.decisions.add(decisions, session)
        await self._store.log.append(facts, session)
        return len(facts)

    async def _let_go(self, asked: set[str]) -> None:
        """Give back the seats of those that need none any more. Those that still wait keep theirs: the next
        round, or another replica's, takes the same one."""
        rows = await self._store.conversations.read(asked)
        await self._seats.settle({row.id: held(row) for row in rows.values() if not (row.open and row.want)})


def _monotonic() -> float:
    return asyncio.get_running_loop().time()
