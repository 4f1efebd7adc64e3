"""What the targets of conversations and those of tickets have in common at work: a batch of events is followed, and
what is due is told, each in one transaction that writes the rows as they were read and logs what was made.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar, get_args

from pymongo.asynchronous.client_session import AsyncClientSession

from services.routing.horizon import Horizon
from services.routing.sla.counting import Counting, InForce, Tables, TargetRow
from services.routing.sla.policies import PolicySet
from services.routing.sla.schema import Calendar, Policy
from services.routing.store import Store
from services.routing.store.sla import Targets
from shared import metrics
from shared.clock import Clock
from shared.contracts.conversations import ConversationEvent
from shared.contracts.sla import CalendarRef, SlaBreached, SlaChange, SlaWarned, TicketSlaChanged
from shared.contracts.tickets import TicketEvent
from shared.ids import derived
from shared.log import Cause, Fact
from shared.mongo import Document, in_transaction
from shared.topics import Topic

E = TypeVar("E", bound=ConversationEvent | TicketEvent)
R = TypeVar("R", bound=TargetRow)

WHAT_BECOMES = (*get_args(SlaChange), "moved")


class TargetWork(ABC, Generic[E, R]):
    topic: Topic
    """Where it is told what becomes of targets."""
    due: str
    """What a row that is due is called in the id of its cause."""

    def __init__(self, store: Store, rows: Targets[R], clock: Clock, horizon: Horizon) -> None:
        self._store = store
        self._rows = rows
        self._clock = clock
        self._horizon = horizon
        metrics.expect(metrics.sla_events, WHAT_BECOMES)

    # ── what differs ─────────────────────────────────────────────────────────────────────────────
    @abstractmethod
    def _id(self, event: E) -> str:
        """Of what it is an event."""

    @abstractmethod
    def _asks(self, policies: PolicySet, at: datetime) -> bool:
        """Whether some policy has a goal for these, and had when that happened."""

    @abstractmethod
    async def _under(
        self, events: Sequence[E], policies: PolicySet, session: AsyncClientSession
    ) -> Sequence[Policy | None]:
        """The policy that each is under after its event."""

    @abstractmethod
    def _followed(
        self, row: R | None, event: E, policy: Policy | None, tables: Tables, in_force: InForce
    ) -> Counting[R, Any] | None: ...

    @abstractmethod
    def _fired(self, row: R, until: datetime, now: datetime, tables: Tables) -> Counting[R, Any]: ...

    # ── what does not ────────────────────────────────────────────────────────────────────────────
    async def hear(self, events: Sequence[tuple[Cause, E]]) -> None:
        """What they do to targets. Idempotent by the events' `seq`."""
        if not events:
            return
        _, policies = await self._store.policies.current()
        _, calendars = await self._store.calendars.current()
        made = await in_transaction(
            self._store.client, lambda session: self._follow(events, policies, calendars, session)
        )
        _count(made, self._clock())

    async def _follow(
        self,
        events: Sequence[tuple[Cause, E]],
        policies: PolicySet,
        calendars: Mapping[str, Calendar],
        session: AsyncClientSession,
    ) -> list[Fact]:
        before = await self._rows.read({self._id(event) for _, event in events}, session)
        events = [
            (cause, event) for cause, event in events if self._id(event) in before or self._asks(policies, event.at)
        ]
        rows, facts = dict(before), list[Fact]()
        under = await self._under([event for _, event in events], policies, session)
        in_force = {id_: CalendarRef(id=id_, version=one.version) for id_, one in calendars.items()}
        tables = await self._store.calendars.tables_of(before.values(), under, in_force)
        for (cause, event), policy in zip(events, under, strict=True):
            following = self._followed(rows.get(self._id(event)), event, policy, tables, in_force.get)
            if following is not None:
                # Kept also when nothing came of it: read again under other policies something would.
                rows[self._id(event)] = following.row
                facts += self._facts(
                    Cause(derived("sla", cause.id), cause.correlation_id, cause.traceparent), following
                )
        changed = [row for id_, row in rows.items() if row is not before.get(id_)]
        await self._keep(before, changed, facts, session)
        return facts

    async def on_due(self, documents: Sequence[Document]) -> None:
        """Warn of what is nearly due, say what is over. Rows that were claimed."""

        async def work(session: AsyncClientSession) -> list[Fact]:
            before = await self._rows.read([one["_id"] for one in documents], session)
            tables = await self._store.calendars.tables_of(before.values(), [], {})
            now, facts, after = self._clock(), list[Fact](), list[R]()
            for row in before.values():
                following = self._fired(row, min(now, self._horizon.known), now, tables)
                after.append(following.row)
                facts += self._facts(Cause(derived(self.due, row.id, str(row.told)), row.id), following)
            await self._keep(before, after, facts, session)
            return facts

        _count(await in_transaction(self._store.client, work), self._clock())

    async def _keep(
        self, before: Mapping[str, R], after: Sequence[R], facts: Sequence[Fact], session: AsyncClientSession
    ) -> None:
        await self._rows.write(before, after, session)
        await self._store.log.append(facts, session)

    def _facts(self, cause: Cause, following: Counting[R, Any]) -> list[Fact]:
        id_ = following.row.id
        return [
            Fact.of(n, cause, self.topic, id_, f"sla:{id_}", event.seq, event.at, event)
            for n, event in enumerate(following.events)
        ]


def _count(facts: Sequence[Fact], now: datetime) -> None:
    """For the metrics: what was told, and how late."""
    for one in facts:
        change, due_at = _told(one)
        metrics.sla_events.labels(change).inc()
        if due_at is not None:
            metrics.sla_late_seconds.observe(max(0.0, (now - due_at).total_seconds()))


def _told(fact: Fact) -> tuple[str, datetime | None]:
    """What it is called, and when it was due, if it was."""
    match fact.event:
        case TicketSlaChanged(change=change, target=target):
            return change, {"breached": target.due_at, "warned": target.warn_at}.get(change)
        case SlaBreached(target=target):
            return "breached", target.due_at
        case SlaWarned(target=target):
            return "warned", target.warn_at
    return type(fact.event).__name__.removeprefix("Sla").lower(), None
