"""Service levels at work: targets follow their conversations, warnings and breaches come when they are due.

Consumes tickets.conversations.v1 in a group of its own, so that nothing here can hold up the routing of a
conversation; emits SlaStarted, SlaMoved, SlaWarned, SlaBreached, SlaMet and SlaEnded (key: conversation id).
Idempotent: an event that a row has seen changes nothing, and a row is written only as it was read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from services.routing.horizon import Horizon
from services.routing.sla.policies import PolicySet
from services.routing.sla.schema import Calendar, Policy
from services.routing.sla.targets import Following, Row, Tables, fire, follow
from services.routing.sla.timetable import Timetable
from services.routing.store import Store
from services.routing.store.sla import ALWAYS
from shared import metrics
from shared.clock import Clock
from shared.consume import Batch
from shared.contracts.conversations import ConversationEvent, ConversationStarted
from shared.contracts.sla import CalendarRef, SlaBreached, SlaWarned
from shared.contracts.targets import SlaUpdated
from shared.ids import derived
from shared.log import Cause, Fact
from shared.loop import Loop
from shared.mongo import Document, in_transaction
from shared.topics import DECISIONS

COUNT_EVERY_S = 30.0


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
        _count(made, self._clock())

    async def _follow(
        self,
        events: Sequence[tuple[Cause, ConversationEvent]],
        policies: PolicySet,
        calendars: Mapping[str, Calendar],
        session: AsyncClientSession,
    ) -> list[Fact]:
        before = await self._store.targets.read({event.conversation_id for _, event in events}, session)
        if not before and not policies:
            return []
        rows, facts = dict(before), list[Fact]()
        customers = {event.head.contact_id for _, event in events} if policies.ask_contacts else ()
        contacts = await self._store.contacts.read(customers, session) if customers else {}
        under = [(cause, one, policies.of(one.head, contacts.get(one.head.contact_id))) for cause, one in events]
        in_force = {id_: CalendarRef(id=id_, version=one.version) for id_, one in calendars.items()}
        tables = await self._tables(before.values(), [policy for _, _, policy in under], in_force)
        for cause, event, policy in under:
            row = rows.get(event.conversation_id)
            if row is None and not policies:
                continue
            following = follow(row, event, policy, tables, in_force.get)
            if following is not None and _is_news(row, following.row):
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
            tables = await self._tables(before.values(), [], {})
            now, facts, after = self._clock(), list[Fact](), list[Row]()
            for row in before.values():
                following = fire(row, min(now, self._horizon.known), now, tables)
                after.append(following.row)
                cause = derived("sla due", row.id, str(row.told))
                facts += _facts(Cause(cause, row.id), following)
            await self._store.targets.write(before, after, session)
            await self._store.log.append(facts, session)
            return facts

        _count(await in_transaction(self._store.client, work), self._clock())

    async def _tables(
        self, rows: Iterable[Row], policies: Iterable[Policy | None], in_force: Mapping[str, CalendarRef]
    ) -> Tables:
        """The working times of all calendars that may be asked."""
        refs = [target.calendar for row in rows for target in row.targets if target.calendar]
        named = {one.calendar_id for one in policies if one and one.calendar_id}
        refs += [in_force[id_] for id_ in named if id_ in in_force]
        found = await self._store.calendars.tables(refs)

        def table(ref: CalendarRef | None) -> Timetable:
            return found[ref.id, ref.version] if ref else ALWAYS

        return table


def _is_nothing(event: ConversationEvent) -> bool:
    """Our own news come back; history and what a blocked sender writes have no targets."""
    quiet = isinstance(event, ConversationStarted) and event.quiet
    return isinstance(event, SlaUpdated) or event.imported or quiet


def _is_news(before: Row | None, after: Row) -> bool:
    """Whether the row must be written: a row that has only seen one more event says the same when it sees it again."""
    return before is None or before.model_copy(update={"head_seq": after.head_seq}) != after


def _facts(cause: Cause, following: Following) -> list[Fact]:
    id_ = following.row.id
    return [
        Fact.of(n, cause, DECISIONS, id_, f"sla:{id_}", event.seq, event.at, event)
        for n, event in enumerate(following.events)
    ]


def _count(facts: Sequence[Fact], now: datetime) -> None:
    for one in facts:
        metrics.sla_events.labels(type(one.event).__name__.removeprefix("Sla").lower()).inc()
        due_at = _due_at(one)
        if due_at is not None:
            metrics.sla_late_seconds.observe(max(0.0, (now - due_at).total_seconds()))


def _due_at(fact: Fact) -> datetime | None:
    if isinstance(fact.event, SlaBreached):
        return fact.event.target.due_at
    return fact.event.target.warn_at if isinstance(fact.event, SlaWarned) else None


class TargetsGauge(Loop):
    """A part: counts the running targets, for the metrics."""

    def __init__(self, store: Store) -> None:
        super().__init__("sla.gauge", pause_s=COUNT_EVERY_S)
        self._targets = store.targets

    async def turn(self) -> bool:
        metrics.sla_running.set(await self._targets.running())
        return False
