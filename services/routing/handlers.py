"""What happens on `tickets.conversations.v1`: rows follow their conversations, rules are asked, agents found.

Emits Decided (key: conversation id). Idempotent by event id. A batch is one transaction; loads in Redis are
settled after it, on a second delivery too, so that a crash between the two is mended by the redelivery.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from services.routing.desk import Desk, Seated, Wanted
from services.routing.model.conversation import Row, follow, frees, holder
from services.routing.model.decision import Plan, decide, is_trigger, plan
from services.routing.rules.evaluate import Outcome, RuleSet
from services.routing.rules.fields import Facts
from services.routing.store import Store
from services.routing.store.decisions import Decision
from services.routing.store.seats import Seats
from shared import metrics
from shared.clock import Clock
from shared.cloudevents import Received
from shared.consume import Batch
from shared.contracts.base import Event
from shared.contracts.conversations import ConversationEvent
from shared.contracts.routing import Trigger
from shared.errors import Transient
from shared.ids import derived
from shared.log import Cause, Fact
from shared.mongo import StaleVersion, in_transaction
from shared.topics import DECISIONS


@dataclass(frozen=True, slots=True)
class _Looked:
    """An event that the rules were asked about."""

    cause: Cause
    trigger: Trigger
    conversation_id: str
    outcome: Outcome
    plan: Plan


@dataclass
class _Work:
    """One batch in hand: rows before and now, and what was looked at."""

    before: dict[str, Row]
    rows: dict[str, Row]
    looked: list[_Looked] = field(default_factory=list)


class ConversationHandlers:
    def __init__(self, store: Store, desk: Desk, seats: Seats, clock: Clock, nudge: Callable[[], None]) -> None:
        self._store = store
        self._desk = desk
        self._seats = seats
        self._clock = clock
        self._nudge = nudge

    async def on_conversation_events(self, batch: Batch) -> None:
        """Consumes every event of a conversation, emits Decided. Idempotent by event id."""
        if not await self._desk.knows_all():
            raise Transient("the directory is not read yet")
        revision, rules = await self._store.rules.current()
        work = await in_transaction(self._store.client, lambda session: self._apply(batch, revision, rules, session))
        await self._seats.settle({row.id: holder(row) for row in work.rows.values()})
        if any(frees(work.before.get(row.id), row) for row in work.rows.values()):
            self._nudge()

    async def _apply(self, batch: Batch, revision: int, rules: RuleSet, session: AsyncClientSession) -> _Work:
        events = _conversation_events(batch)
        known = await self._store.log.already_applied([one.id for one, _ in events], session)
        fresh = {one.id: (one, event) for one, event in events if one.id not in known}
        before = await self._store.conversations.read({event.conversation_id for _, event in events}, session)
        work = _Work(before, dict(before))
        now = self._clock()
        for received, event in fresh.values():
            self._look(work, received, event, rules, now)
        seated = await self._seat(work, session)
        await self._save(work, revision, seated, now, session)
        await self._store.log.remember(list(fresh), session)
        if not await self._desk.stands(seated):
            raise StaleVersion("Redis was emptied while seats were taken")
        return work

    def _look(
        self, work: _Work, received: Received[Event], event: ConversationEvent, rules: RuleSet, now: datetime
    ) -> None:
        row = follow(work.rows.get(event.conversation_id), received.id, event)
        work.rows[row.id] = row
        if row.last.event_id != received.id or not is_trigger(event):
            return
        started = time.perf_counter()
        outcome = rules.run(row.last.event, Facts.of(event))
        metrics.rules_seconds.observe(time.perf_counter() - started)
        if not outcome.looked_at:
            return
        row, made = plan(
            row,
            event,
            outcome.matched,
            decision_id=derived("decision", received.id),
            correlation_id=received.correlation_id,
            is_member=self._desk.is_member,
            now=now,
        )
        work.rows[row.id] = row
        work.looked.append(_Looked(Cause.of(received), row.last, row.id, outcome, made))

    async def _seat(self, work: _Work, session: AsyncClientSession) -> Seated:
        """Agents for what is wanted by this batch and was not made void by a later event in it."""
        wanted = [
            Wanted(row.id, row.brand_id, row.want)
            for looked in work.looked
            if (row := work.rows[looked.conversation_id]).open and _wants(row, looked.plan) and row.want
        ]
        if not wanted:
            return Seated({})
        queues = await self._desk.queues([one.waiting for one in wanted], session)
        return await self._desk.seat(wanted, queues, await self._desk.board(queues))

    async def _save(
        self, work: _Work, revision: int, seated: Seated, now: datetime, session: AsyncClientSession
    ) -> None:
        facts: list[Fact] = []
        decisions: list[Decision] = []
        for one in work.looked:
            row = work.rows[one.conversation_id]
            seat = seated.seats.get(row.id) if _wants(row, one.plan) else None
            row, decided = decide(row, one.plan, seat, trigger=one.trigger, now=now)
            work.rows[row.id] = row
            decisions.append(
                Decision(
                    id=one.plan.decision_id,
                    conversation_id=row.id,
                    brand_id=row.brand_id,
                    at=now,
                    trigger=one.trigger,
                    decided=decided,
                    revision=revision,
                    looked_at=one.outcome.looked_at,
                    seen=one.outcome.seen,
                )
            )
            if decided:
                facts.append(Fact.of(0, one.cause, DECISIONS, row.id, row.id, decided.seq, now, decided))
        work.rows = await self._store.conversations.write(work.before, work.rows, session)
        await self._store.decisions.add(decisions, session)
        await self._store.log.append(facts, session)
        metrics.decided.inc(len(facts))
        metrics.assigned.labels("at once").inc(sum(1 for seat in seated.seats.values() if seat.agent_id))


def _conversation_events(batch: Batch) -> Sequence[tuple[Received[Event], ConversationEvent]]:
    return [(one, one.data) for one in batch if isinstance(one.data, ConversationEvent)]


def _wants(row: Row, made: Plan) -> bool:
    return row.want is not None and row.want.decision_id == made.decision_id
