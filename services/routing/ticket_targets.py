"""The time to resolve tickets at work: it follows each ticket, warnings and breaches come when they are due.

Consumes tickets.tickets.v1 in a group of its own; emits TicketSlaChanged on routing.tickets.v1 (key: ticket id).
Idempotent: an event that a row has seen changes nothing, and a row is written only as it was read.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from services.routing.horizon import Horizon
from services.routing.sla.counting import InForce, Tables
from services.routing.sla.policies import PolicySet
from services.routing.sla.schema import Policy
from services.routing.sla.tickets import TicketFollowing, TicketRow, fire_ticket, follow_ticket
from services.routing.store import Store
from services.routing.target_work import TargetWork
from shared.clock import Clock
from shared.consume import Batch
from shared.contracts.tickets import TicketEvent, TicketSlaUpdated
from shared.log import Cause
from shared.topics import TICKET_TARGETS


class TicketTargetHandlers(TargetWork[TicketEvent, TicketRow]):
    topic = TICKET_TARGETS
    due = "ticket due"

    def __init__(self, store: Store, clock: Clock, horizon: Horizon) -> None:
        super().__init__(store, store.ticket_targets, clock, horizon)

    async def on_ticket_events(self, batch: Batch) -> None:
        """Consumes every event of a ticket but our own news, emits what it does to its target. Idempotent by the
        event's `seq`."""
        events = [(Cause.of(one), one.data) for one in batch if isinstance(one.data, TicketEvent)]
        await self.hear([(cause, event) for cause, event in events if not isinstance(event, TicketSlaUpdated)])

    def _id(self, event: TicketEvent) -> str:
        return event.ticket_id

    def _asks(self, policies: PolicySet, at: datetime) -> bool:
        return policies.asks_of_tickets(at)

    async def _under(
        self, events: Sequence[TicketEvent], policies: PolicySet, _: AsyncClientSession
    ) -> Sequence[Policy | None]:
        return [policies.of_ticket(event.head) for event in events]

    def _followed(
        self, row: TicketRow | None, event: TicketEvent, policy: Policy | None, tables: Tables, in_force: InForce
    ) -> TicketFollowing | None:
        return follow_ticket(row, event, policy, tables, in_force)

    def _fired(self, row: TicketRow, until: datetime, now: datetime, tables: Tables) -> TicketFollowing:
        return fire_ticket(row, until, now, tables)
