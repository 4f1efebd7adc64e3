"""What arrives on the Kafka topics that tickets reads, and due timers: load, decide, save, in one transaction.

Consumes ingest.messages.v1, routing.decisions.v1 and notifications.deliveries.v1 in the group
`tickets.conversations`; emits tickets.conversations.v1 and tickets.contacts.v1 through the log.
Idempotent by the record's `ce_id`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.tickets.model.changes import decide_due
from services.tickets.model.contact import (
    Known,
    Sighting,
    decide_identity,
    decide_sighting,
    external_value,
    handle_key,
)
from services.tickets.model.decisions import decide_decision
from services.tickets.model.inbound import decide_bounce, decide_call, decide_delivery, decide_message
from services.tickets.model.state import SYSTEM, Context, Desk, Outcome
from services.tickets.store import Store
from services.tickets.store.desk import CurrentDesk
from services.tickets.store.work import Work
from shared import ids, metrics
from shared.cloudevents import Received
from shared.contracts.base import Event
from shared.contracts.common import Handle
from shared.contracts.contacts import Contact
from shared.contracts.deliveries import DeliveryFailed, DeliverySent
from shared.contracts.ingest import BounceReceived, CallProgressed, MessageReceived, VisitorIdentified
from shared.contracts.routing import Decided
from shared.log import Cause
from shared.mongo import Document

GROUP = "tickets.conversations"

Batch = Sequence[Received[Event]]
Input = MessageReceived | CallProgressed | BounceReceived | VisitorIdentified | Decided | DeliverySent | DeliveryFailed

APPLIED = Outcome()


@dataclass
class Tally:
    """What became of a batch's inputs; counted once its transaction is through."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, received: Received[Event], outcome: str) -> None:
        self.outcomes[(type(received.data).__name__, outcome)] += 1

    def report(self) -> None:
        for (name, outcome), count in self.outcomes.items():
            metrics.tickets_inputs.labels(name, outcome).inc(count)


class Handlers:
    def __init__(self, store: Store, desk: CurrentDesk) -> None:
        self._store = store
        self._desk = desk

    async def on_batch(self, batch: Batch) -> None:
        """Apply a batch in one transaction; inputs that were applied before change nothing."""
        desk = await self._desk.whole()

        async def decide(work: Work) -> Tally:
            tally = Tally()
            known = await work.already_applied([received.id for received in batch])
            fresh: dict[str, Received[Event]] = {}
            for received in batch:
                if received.id in known or received.id in fresh:
                    tally.add(received, "known")
                else:
                    fresh[received.id] = received
            if not fresh:
                return tally
            handles = [key for received in fresh.values() for key in handles_of(received.data)]
            await work.load([_conversation_of(received.data) for received in fresh.values()], handles)
            for received in fresh.values():
                outcome = apply(work, received, desk)
                for why_not in outcome.ignored or ("applied",):
                    tally.add(received, why_not)
            await work.save(list(fresh))
            return tally

        (await self._store.change(decide)).report()

    async def on_snooze_due(self, rows: Sequence[Document]) -> None:
        """Wake conversations whose time came. Rows: `_id` is the conversation's, `due_at`."""

        async def decide(work: Work) -> None:
            await work.load([row["_id"] for row in rows])
            for row in rows:
                state = work.conversation(row["_id"])
                if state is None or state.head.snoozed_until is None:
                    work.drop_timer(row["_id"])
                    continue
                due_at: datetime = state.head.snoozed_until
                cause = Cause(ids.derived("wake", row["_id"], due_at.isoformat(), str(state.head.seq)), row["_id"])
                work.record(cause, decide_due(state, Context(work.now, SYSTEM)))
            await work.save([])

        await self._store.change(decide)


def _conversation_of(data: Event) -> str:
    conversation_id: str = data.conversation_id  # type: ignore[attr-defined]  # every event of the group's topics
    return conversation_id


def handles_of(data: Event) -> list[str]:
    """The handle keys that say which contacts an input is about."""
    match data:
        case MessageReceived():
            return [handle_key(data.sender.kind, data.sender.value)]
        case CallProgressed():
            return [handle_key(data.caller.kind, data.caller.value)]
        case VisitorIdentified():
            keys = [handle_key("visitor", data.visitor_id)]
            if data.verified and data.email:
                keys.append(handle_key("email", data.email.strip().lower()))
            if data.verified and data.external_id:
                keys.append(handle_key("external", external_value(data.brand_id, data.external_id)))
            return keys
    return []


def apply(
    work: Work, received: Received[Event], desk: Desk, *, at: datetime | None = None, imported: bool = False
) -> Outcome:
    """Decide one input on what the work knows, and record the events in it. `at`: history's own time."""
    data = received.data
    cause = Cause.of(received)
    context = Context(at or work.now, SYSTEM, imported=imported)
    if isinstance(data, VisitorIdentified):
        return _identify(work, cause, data, context.now)
    state = work.conversation(_conversation_of(data))
    match data:
        case MessageReceived():
            contact = _met(work, cause, data.sender, data.brand_id, context.now)
            outcome = decide_message(state, data, context, contact, desk)
        case CallProgressed():
            contact = _met(work, cause, data.caller, data.brand_id, context.now)
            outcome = decide_call(state, data, context, contact)
        case BounceReceived():
            outcome = decide_bounce(state, data, context)
        case Decided():
            outcome = decide_decision(state, data, context, desk)
        case DeliverySent() | DeliveryFailed():
            outcome = decide_delivery(state, data, context)
        case _:
            raise TypeError(f"{type(data).__name__} is on a topic of {GROUP}, but nobody handles it")
    work.record(cause, outcome.events, outcome.state)
    return outcome


def _met(work: Work, cause: Cause, handle: Handle, brand_id: str, now: datetime) -> Contact:
    """The contact behind a handle, made now when nobody has it."""
    known = work.contact(handle_key(handle.kind, handle.value))
    # Deriving an id costs as much as the rest of this, and the usual sender is known.
    new_id = "" if known else ids.derived("contact", cause.id)
    events = decide_sighting(known, Sighting(handle, brand_id), now, new_id)
    work.record_contact(cause, events)
    return events[-1].contact if events else known  # type: ignore[return-value]  # no events: there was one


def _identify(work: Work, cause: Cause, data: VisitorIdentified, now: datetime) -> Outcome:
    data = data.model_copy(update={"email": data.email.strip().lower()})
    external = external_value(data.brand_id, data.external_id)
    known = Known(
        by_visitor=work.contact(handle_key("visitor", data.visitor_id)),
        by_external=work.contact(handle_key("external", external)) if data.external_id else None,
        by_email=work.contact(handle_key("email", data.email)) if data.email else None,
    )
    events = decide_identity(known, data, now, ids.derived("contact", cause.id))
    work.record_contact(cause, events)
    return APPLIED if events else Outcome(ignored=("nothing_new",))
