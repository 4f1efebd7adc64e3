"""What arrives on the Kafka topics that tickets reads, and due timers: load, decide, save, in one transaction.

Consumes ingest.messages.v1, routing.decisions.v1 and notifications.deliveries.v1 in the group
`tickets.conversations`; emits tickets.conversations.v1 and tickets.contacts.v1 through the log.
Idempotent by the record's `ce_id`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from services.tickets.automation import aids_for, people_now, remember_replies, take_made
from services.tickets.model.automation import Aids, Pen, decide_webhook_refused
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
from services.tickets.model.dial import decide_dialed, home_of
from services.tickets.model.inbound import decide_bounce, decide_call, decide_delivery, decide_message
from services.tickets.model.sides import decide_side_heard
from services.tickets.model.sla import decide_sla
from services.tickets.model.state import SYSTEM, Context, Desk, Outcome
from services.tickets.store import Store
from services.tickets.store.desk import CurrentDesk
from services.tickets.store.work import Needs, Work
from shared import ids, metrics
from shared.cloudevents import Received
from shared.contracts.base import Event
from shared.contracts.common import Handle
from shared.contracts.contacts import Contact
from shared.contracts.deliveries import CallDialed, CallDialFailed, DeliveryFailed, DeliverySent, WebhookRefused
from shared.contracts.ingest import (
    BounceReceived,
    CallProgressed,
    MessageReceived,
    SideMessageReceived,
    VisitorIdentified,
)
from shared.contracts.routing import Decided
from shared.contracts.sla import SlaEvent
from shared.log import Cause
from shared.mongo import Document

GROUP = "tickets.conversations"

Batch = Sequence[Received[Event]]
Input = (
    MessageReceived
    | SideMessageReceived
    | CallProgressed
    | BounceReceived
    | VisitorIdentified
    | Decided
    | SlaEvent
    | DeliverySent
    | DeliveryFailed
    | CallDialed
    | CallDialFailed
    | WebhookRefused
)

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


async def unapplied(work: Work, batch: Batch, tally: Tally) -> dict[str, Received[Event]]:
    """The inputs by id that were not applied before, each once; the others are counted as known."""
    known = await work.already_applied([received.id for received in batch])
    fresh: dict[str, Received[Event]] = {}
    for received in batch:
        if received.id in known or received.id in fresh:
            tally.add(received, "known")
        else:
            fresh[received.id] = received
    return fresh


class Handlers:
    def __init__(self, store: Store, desk: CurrentDesk, pen: Pen | None = None) -> None:
        """`pen` writes automatic replies."""
        self._store = store
        self._desk = desk
        self._pen = pen

    async def on_batch(self, batch: Batch) -> None:
        """Apply a batch in one transaction; inputs that were applied before change nothing."""
        desk = await self._desk.whole()

        async def decide(work: Work) -> Tally:
            tally = Tally()
            fresh = await unapplied(work, batch, tally)
            if not fresh:
                return tally
            await self._find_homes(work, list(fresh.values()), desk)
            await work.load(work.home(_conversation_of(received.data)) for received in fresh.values())
            await _load_customers(work, fresh.values())
            aids = await aids_for(work, self._store.automatic_replies, fresh.values(), desk, self._pen)
            for received in fresh.values():
                outcome = apply(work, received, desk, aids=aids)
                for why_not in outcome.ignored or ("applied",):
                    tally.add(received, why_not)
            await remember_replies(work, self._store.automatic_replies, aids)
            await work.save(list(fresh))
            return tally

        handles = {key for received in batch for key in handles_of(received.data)}
        needs = Needs([one.id for one in batch], {_conversation_of(one.data) for one in batch}, handles)
        (await self._store.change(decide, needs)).report()

    async def _find_homes(self, work: Work, fresh: Batch, desk: Desk) -> None:
        """An outgoing call that an agent asked for in a conversation belongs there, with all its later steps."""
        calls = [one.data for one in fresh if isinstance(one.data, CallProgressed)]
        outgoing = [heard for heard in calls if heard.call.direction == "outbound" and heard.call.number]
        if not outgoing:
            return
        await work.load_homes([heard.conversation_id for heard in outgoing])
        strays = [heard for heard in outgoing if work.home(heard.conversation_id) == heard.conversation_id]
        dialed = await self._store.dialed({heard.call.number for heard in strays}, work.session) if strays else []
        for heard in strays:
            if found := home_of(heard, dialed, desk):
                work.adopt(heard.conversation_id, found)

    async def on_snooze_due(self, rows: Sequence[Document]) -> None:
        """Wake conversations whose time came. Rows: `_id` is the conversation's, `due_at`."""

        async def decide(work: Work) -> None:
            await work.load([row["_id"] for row in rows])
            for row in rows:
                state = work.itself(row["_id"])
                if state is None or state.head.snoozed_until is None:
                    work.drop_timer(row["_id"])
                    continue
                due_at: datetime = state.head.snoozed_until
                cause = Cause(ids.derived("wake", row["_id"], due_at.isoformat(), str(state.head.seq)), row["_id"])
                work.record(cause, decide_due(state, Context(work.now, SYSTEM)))
            await work.save([])

        await self._store.change(decide)


async def _load_customers(work: Work, fresh: Iterable[Received[Event]]) -> None:
    """Whose conversations have mails beside them: none of their addresses may ever be written to there."""
    beside = [work.conversation(one.data.conversation_id) for one in fresh if isinstance(one.data, SideMessageReceived)]
    if people := [one.head.contact_id for one in beside if one is not None]:
        await work.load_people(people)


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
    work: Work,
    received: Received[Event],
    desk: Desk,
    *,
    at: datetime | None = None,
    imported: bool = False,
    aids: Aids | None = None,
) -> Outcome:
    """Decide one input on what the work knows, and record the events in it. `at`: history's own time. `aids`: for what
    rules do by themselves."""
    data = received.data
    cause = Cause.of(received)
    context = Context(at or work.now, SYSTEM, imported=imported)
    if isinstance(data, VisitorIdentified):
        return _identify(work, cause, data, context.now)
    home = work.home(_conversation_of(data))
    # What was said since it was merged belongs to the kept one; what became of its own messages stays with them.
    state, own = work.conversation(home), work.itself(home)
    match data:
        case MessageReceived():
            contact = _met(work, cause, data.sender, data.brand_id, context.now)
            outcome = decide_message(state, data, context, contact, desk)
        case CallProgressed():
            elsewhere = state is not None and state.head.id != data.conversation_id
            who = None if elsewhere else _met(work, cause, data.caller, data.brand_id, context.now)
            outcome = decide_call(state, data, context, who)
        case BounceReceived():
            outcome = decide_bounce(own, data, context)
        case Decided():
            people_now(work, aids)
            outcome = decide_decision(own, data, context, desk, aids)
            take_made(work, cause, aids)
        case SlaEvent():
            outcome = decide_sla(own, data, context)
        case DeliverySent() | DeliveryFailed():
            outcome = decide_delivery(own, data, context)
        case CallDialed() | CallDialFailed():
            outcome = decide_dialed(own, data, context)
        case WebhookRefused():
            outcome = decide_webhook_refused(own, data, context)
        case SideMessageReceived():
            person = work.person(state.head.contact_id) if state else None
            outcome = decide_side_heard(state, data, context, desk, person)
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
