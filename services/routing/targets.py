"""Service levels at work: targets follow their conversations, warnings and breaches come when they are due.

Consumes tickets.conversations.v1 in a group of its own, so that nothing here can hold up the routing of a
conversation; emits SlaStarted, SlaMoved, SlaWarned, SlaBreached, SlaMet and SlaEnded (key: conversation id).
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
from services.routing.sla.targets import Following, Row, fire, follow
from services.routing.store import Store
from services.routing.target_work import TargetWork
from shared import metrics
from shared.clock import Clock
from shared.consume import Batch
from shared.contracts.conversations import ConversationEvent, ConversationStarted
from shared.contracts.targets import SlaUpdated
from shared.log import Cause
from shared.loop import Loop
from shared.topics import DECISIONS

COUNT_EVERY_S = 30.0


class TargetHandlers(TargetWork[ConversationEvent, Row]):
    topic = DECISIONS
    due = "sla due"

    def __init__(self, store: Store, clock: Clock, horizon: Horizon) -> None:
        super().__init__(store, store.targets, clock, horizon)

    async def on_conversation_events(self, batch: Batch) -> None:
        """Consumes every event of a conversation, emits what it does to targets. Idempotent by the event's `seq`."""
        events = [(Cause.of(one), one.data) for one in batch if isinstance(one.data, ConversationEvent)]
        await self.hear([(cause, event) for cause, event in events if not _is_nothing(event)])

    def _id(self, event: ConversationEvent) -> str:
        return event.conversation_id

    def _asks(self, policies: PolicySet, at: datetime) -> bool:
        return policies.asks_of_conversations(at)

    async def _under(
        self, events: Sequence[ConversationEvent], policies: PolicySet, session: AsyncClientSession
    ) -> Sequence[Policy | None]:
        customers = {event.head.contact_id for event in events} if policies.ask_contacts else ()
        contacts = await self._store.contacts.read(customers, session) if customers else {}
        return [policies.of(one.head, contacts.get(one.head.contact_id)) for one in events]

    def _followed(
        self, row: Row | None, event: ConversationEvent, policy: Policy | None, tables: Tables, in_force: InForce
    ) -> Following | None:
        return follow(row, event, policy, tables, in_force)

    def _fired(self, row: Row, until: datetime, now: datetime, tables: Tables) -> Following:
        return fire(row, until, now, tables)


def _is_nothing(event: ConversationEvent) -> bool:
    """Our own news come back; history and what a blocked sender writes have no targets."""
    quiet = isinstance(event, ConversationStarted) and event.quiet
    return isinstance(event, SlaUpdated) or event.imported or quiet


class TargetsGauge(Loop):
    """A part: counts the running targets, for the metrics."""

    def __init__(self, store: Store) -> None:
        super().__init__("sla.gauge", pause_s=COUNT_EVERY_S)
        self._store = store

    async def turn(self) -> bool:
        metrics.sla_running.set(await self._store.targets.running() + await self._store.ticket_targets.running())
        return False
