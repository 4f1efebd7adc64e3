"""Service levels at work: targets follow their conversations, warnings and breaches come when they are due.

Consumes tickets.conversations.v1 in a group of its own, so that nothing here can hold up the routing of a
conversation; emits SlaStarted, SlaMoved, SlaWarned, SlaBreached, SlaMet and SlaEnded (key: conversation id).
Idempotent: an event that a row has seen changes nothing, and a row is written only as it was read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from pymongo.asynchronous.client_session import AsyncClientSession

from services.routing.horizon import Horizon
from services.routing.sla.counting import TargetRow
from services.routing.sla.policies import PolicySet
from services.routing.sla.schema import Calendar
from services.routing.sla.targets import Following, Row, fire, follow
from services.routing.store import Store
from shared import metrics
from shared.clock import Clock
from shared.consume import Batch
from shared.contracts.conversations import ConversationEvent, ConversationStarted
from shared.contracts.sla import CalendarRef, SlaBreached, SlaWarned, TicketSlaChanged
from shared.contracts.targets import SlaUpdated
from shared.ids import derived
from shared.log import Cause, Fact
from shared.loop import Loop
from shared.mongo import Document, in_transaction
from shared.topics import DECISIONS

COUNT_EVERY_S = 30.0

R = TypeVar("R", bound=TargetRow)


class TargetHandlers:
    def __init__(self, store: Store, clock: Clock, horizon: Horizon) -> None:
        self._store = store
        self._clock = clock
        self._horizon = horizon

    async def on_conversation_events(self, batch: Batch) -> None:
        """Consumes every event of a conversation, emits what it does to targets. Idempotent by the event's `seq`."""
        events = [(Cause.of(one), one.data) for one in batch if isinstance(one.data, ConversationEvent)]
        events = [(cause, event) for cause, event in events if not _is_nothing(event)]
        if not events:
            return
        _, policies = await self._store.policies.current()
        _, calendars = await self._store.calendars.current()
        made = await in_transaction(
            self._store.client, lambda session: self._follow(events, policies, calendars, session)
        )
        count(made, self._clock())

    async def _follow(
        self,
        events: Sequence[tuple[Cause, ConversationEvent]],
        policies: PolicySet,
        calendars: Mapping[str, Calendar],
        session: AsyncClientSession,
    ) -> list[Fact]:
        before = await self._store.targets.read({event.conversation_id for _, event in events}, session)
        if not before and not policies.for_conversations:
            return []
        rows, facts = dict(before), list[Fact]()
        customers = {event.head.contact_id for _, event in events} if policies.ask_contacts else ()
        contacts = await self._store.contacts.read(customers, session) if customers else {}
        under = [(cause, one, policies.of(one.head, contacts.get(one.head.contact_id))) for cause, one in events]
        in_force = {id_: CalendarRef(id=id_, version=one.version) for id_, one in calendars.items()}
        tables = await self._store.calendars.tables_of(before.values(), [each for _, _, each in under], in_force)
        for cause, event, policy in under:
            row = rows.get(event.conversation_id)
            if row is None and not policies.for_conversations:
                continue
            following = follow(row, event, policy, tables, in_force.get)
            if following is not None and is_news(row, following.row):
                rows[row.id if row else event.conversation_id] = following.row
                facts += _facts(Cause(derived("sla", cause.id), cause.correlation_id, cause.traceparent), following)
        changed = [row for id_, row in rows.items() if row is not before.get(id_)]
        await self._store.targets.write(before, changed, session)
        await self._store.log.append(facts, session)
        return facts

    async def on_due(self, documents: Sequence[Document]) -> None:
        """Warn of what is nearly due, say what is over. Rows of `sla_targets`, claimed."""

        async def work(session: AsyncClientSession) -> list[Fact]:
            before = await self._store.targets.read([one["_id"] for one in documents], session)
            tables = await self._store.calendars.tables_of(before.values(), [], {})
            now, facts, after = self._clock(), list[Fact](), list[Row]()
            for row in before.values():
                following = fire(row, min(now, self._horizon.known), now, tables)
                after.append(following.row)
                cause = derived("sla due", row.id, str(row.told))
                facts += _facts(Cause(cause, row.id), following)
            await self._store.targets.write(before, after, session)
            await self._store.log.append(facts, session)
            return facts

        count(await in_transaction(self._store.client, work), self._clock())


def _is_nothing(event: ConversationEvent) -> bool:
    """Our own news come back; history and what a blocked sender writes have no targets."""
    quiet = isinstance(event, ConversationStarted) and event.quiet
    return isinstance(event, SlaUpdated) or event.imported or quiet


def is_news(before: R | None, after: R) -> bool:
    """Whether the row must be written: a row that has only seen one more event says the same when it sees it again."""
    return before is None or before.model_copy(update={"head_seq": after.head_seq}) != after


def _facts(cause: Cause, following: Following) -> list[Fact]:
    id_ = following.row.id
    return [
        Fact.of(n, cause, DECISIONS, id_, f"sla:{id_}", event.seq, event.at, event)
        for n, event in enumerate(following.events)
    ]


def count(facts: Sequence[Fact], now: datetime) -> None:
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


class TargetsGauge(Loop):
    """A part: counts the running targets, for the metrics."""

    def __init__(self, store: Store) -> None:
        super().__init__("sla.gauge", pause_s=COUNT_EVERY_S)
        self._store = store

    async def turn(self) -> bool:
        metrics.sla_running.set(await self._store.targets.running() + await self._store.ticket_targets.running())
        return False
