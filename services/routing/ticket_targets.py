"""The time to resolve tickets at work: it follows each ticket, warnings and breaches come when they are due.

Consumes tickets.tickets.v1 in a group of its own; emits TicketSlaChanged on routing.tickets.v1 (key: ticket id).
Idempotent: an event that a row has seen changes nothing, and a row is written only as it was read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pymongo.asynchronous.client_session import AsyncClientSession

from services.routing.horizon import Horizon
from services.routing.sla.policies import PolicySet
from services.routing.sla.schema import Calendar
from services.routing.sla.tickets import TicketFollowing, TicketRow, fire_ticket, follow_ticket
from services.routing.store import Store
from services.routing.targets import count, is_news
from shared.clock import Clock
from shared.consume import Batch
from shared.contracts.sla import CalendarRef
from shared.contracts.tickets import TicketEvent, TicketSlaUpdated
from shared.ids import derived
from shared.log import Cause, Fact
from shared.mongo import Document, in_transaction
from shared.topics import TICKET_TARGETS


class TicketTargetHandlers:
    def __init__(self, store: Store, clock: Clock, horizon: Horizon) -> None:
        self._store = store
        self._clock = clock
        self._horizon = horizon

    async def on_ticket_events(self, batch: Batch) -> None:
        """Consumes every event of a ticket but our own news, emits what it does to its target. Idempotent by the
        event's `seq`."""
        events = [(Cause.of(one), one.data) for one in batch if isinstance(one.data, TicketEvent)]
        events = [(cause, event) for cause, event in events if not isinstance(event, TicketSlaUpdated)]
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
        events: Sequence[tuple[Cause, TicketEvent]],
        policies: PolicySet,
        calendars: Mapping[str, Calendar],
        session: AsyncClientSession,
    ) -> list[Fact]:
        before = await self._store.ticket_targets.read({event.ticket_id for _, event in events}, session)
        if not before and not policies.for_tickets:
            return []
        rows, facts = dict(before), list[Fact]()
        under = [(cause, event, policies.of_ticket(event.head)) for cause, event in events]
        in_force = {id_: CalendarRef(id=id_, version=one.version) for id_, one in calendars.items()}
        tables = await self._store.calendars.tables_of(before.values(), [each for _, _, each in under], in_force)
        for cause, event, policy in under:
            row = rows.get(event.ticket_id)
            if row is None and not policies.for_tickets:
                continue
            following = follow_ticket(row, event, policy, tables, in_force.get)
            if following is not None and is_news(row, following.row):
                rows[event.ticket_id] = following.row
                facts += _facts(Cause(derived("sla", cause.id), cause.correlation_id, cause.traceparent), following)
        changed = [row for id_, row in rows.items() if row is not before.get(id_)]
        await self._store.ticket_targets.write(before, changed, session)
        await self._store.log.append(facts, session)
        return facts

    async def on_due(self, documents: Sequence[Document]) -> None:
        """Warn of what is nearly due, say what is over. Rows of `ticket_targets`, claimed."""

        async def work(session: AsyncClientSession) -> list[Fact]:
            before = await self._store.ticket_targets.read([one["_id"] for one in documents], session)
            tables = await self._store.calendars.tables_of(before.values(), [], {})
            now, facts, after = self._clock(), list[Fact](), list[TicketRow]()
            for row in before.values():
                following = fire_ticket(row, min(now, self._horizon.known), now, tables)
                after.append(following.row)
                facts += _facts(Cause(derived("ticket due", row.id, str(row.told)), row.id), following)
            await self._store.ticket_targets.write(before, after, session)
            await self._store.log.append(facts, session)
            return facts

        count(await in_transaction(self._store.client, work), self._clock())


def _facts(cause: Cause, following: TicketFollowing) -> list[Fact]:
    id_ = following.row.id
    return [
        Fact.of(n, cause, TICKET_TARGETS, id_, f"sla:{id_}", event.seq, event.at, event)
        for n, event in enumerate(following.events)
    ]
