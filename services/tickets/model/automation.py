"""What rules do by themselves beyond a conversation (RT1): tell colleagues, answer, create tickets, emit events, block.

Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from services.tickets.model.commands import MessageIds, Reply, decide_reply
from services.tickets.model.contact import handle_key
from services.tickets.model.evolve import Unfolding
from services.tickets.model.inbound import UNKNOWN
from services.tickets.model.links import decide_link, ticket_link
from services.tickets.model.macro import fill, for_conversation, values_for
from services.tickets.model.profile import Step, decide_block
from services.tickets.model.state import Context, Conversation, Desk, Outcome
from services.tickets.model.ticket import Submit, decide_linked, decide_submit, type_of
from services.tickets.model.ticket_form import one_per_key
from shared.contracts.automation import ActionRefused, AlertRaised, CustomEventEmitted
from shared.contracts.common import Address
from shared.contracts.contacts import Contact, ContactEvent
from shared.contracts.conversations import Head
from shared.contracts.deliveries import WebhookRefused
from shared.contracts.directory import MacroChanged
from shared.contracts.routing import (
    BlockSender,
    CallWebhook,
    CreateTicket,
    EmitEvent,
    LinkTracker,
    NotifyAgents,
    SendMacro,
)
from shared.contracts.tickets import TicketEvent, TicketHead
from shared.errors import Conflict, DomainError, Invalid

AT_MOST_EVERY = timedelta(hours=1)
"""At most one automatic reply per sender in this time (RFC 3834 §2 asks for a limit)."""
OF_THE_BRAND = "brand."
"""Variables that say nothing of the customer."""

Automatic = NotifyAgents | SendMacro | CreateTicket | LinkTracker | EmitEvent | CallWebhook | BlockSender


@dataclass(frozen=True, slots=True)
class Pen:
    """What writing needs: signed Message-IDs, and HTML as plain text."""

    message_ids: MessageIds
    text_of: Callable[[str], str]


@dataclass
class Aids:
    """What automatic actions need beside the conversation, read before. Decisions of one batch see each other's: what
    they send and make is noted here.

    `people` by contact id, `answered` when each sender (handle key) was last answered automatically, `there` tickets by
    their one-per key, `trackers` by id, `numbers` for new tickets by the action's id. `made` are tickets' events,
    `blocked` contacts' events, `keys` the one-per keys by ticket, `linked` pairs of ticket and conversation, `replied`
    senders who got a reply.
    """

    pen: Pen | None = None
    people: Mapping[str, Contact | None] = field(default_factory=dict)
    answered: dict[str, datetime] = field(default_factory=dict)
    there: dict[str, TicketHead] = field(default_factory=dict)
    trackers: dict[str, TicketHead] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
    made: list[TicketEvent] = field(default_factory=list)
    blocked: list[ContactEvent] = field(default_factory=list)
    keys: dict[str, str | None] = field(default_factory=dict)
    linked: list[tuple[str, str]] = field(default_factory=list)
    replied: set[str] = field(default_factory=set)


def act(unfolding: Unfolding, action: Automatic, context: Context, desk: Desk, aids: Aids) -> None:
    """Do it. Raises the DomainError that says why not."""
    match action:
        case NotifyAgents():
            unfolding.add(
                AlertRaised,
                context,
                alert_id=action.id,
                text=action.text,
                to=action.to,
                agent_ids=action.agent_ids,
                team_ids=action.team_ids,
            )
        case EmitEvent():
            unfolding.add(
                CustomEventEmitted, context, custom_id=action.id, name=action.name, attributes=action.attributes
            )
        case CallWebhook():
            unfolding.add(
                CustomEventEmitted,
                context,
                custom_id=action.id,
                name=action.name,
                attributes=action.attributes,
                endpoint_id=action.endpoint_id,
            )
        case SendMacro():
            _answer(unfolding, action, context, desk, aids)
        case CreateTicket():
            _create(unfolding, action, context, desk, aids)
        case LinkTracker():
            _track(unfolding, action, context, aids)
        case BlockSender():
            _block(unfolding, action, context, aids)


def _block(unfolding: Unfolding, action: BlockSender, context: Context, aids: Aids) -> None:
    """Once, however many rules of a decision say so. Raises the DomainError that says why not."""
    contact_id = unfolding.state.head.contact_id
    contact = aids.people.get(contact_id)
    if contact is None:
        raise Conflict("unknown_contact", "Nothing is known of the customer.")
    events = decide_block(contact, action.reason, Step(context.now, context.by))
    if events:
        aids.blocked += events
        aids.people = {**aids.people, contact_id: events[-1].contact}


def decide_webhook_refused(state: Conversation | None, heard: WebhookRefused, context: Context) -> Outcome:
    """A rule's webhook was not called: said where the rule's other doings are."""
    if state is None:
        return UNKNOWN
    unfolding = Unfolding(state)
    by = replace(context, by=heard.by, decision_id=heard.decision_id)
    unfolding.add(ActionRefused, by, action="call_webhook", code=heard.code, reason=heard.reason)
    return unfolding.outcome()


# ── an automatic reply ───────────────────────────────────────────────────────────────────────────
def _answer(unfolding: Unfolding, action: SendMacro, context: Context, desk: Desk, aids: Aids) -> None:
    """Raises the DomainError that says why not."""
    head = unfolding.state.head
    sender = handle_key(head.handle.kind, head.handle.value)
    contact = aids.people.get(head.contact_id)
    _check_sender(action, head, contact, desk)
    macro = _macro(action.macro_id, head, desk)
    if macro.brand_ids and head.brand_id not in macro.brand_ids:
        raise Conflict("other_brand", f"The macro “{macro.name}” is not for this brand.")
    filled = fill(macro.html, _values(head, contact, desk))
    if filled.missing:
        names = ", ".join(filled.missing)
        raise Conflict("missing_variables", f"The macro “{macro.name}” was not sent: nothing may be said for {names}.")
    last = aids.answered.get(sender)
    if last is not None and context.now - last < AT_MOST_EVERY:
        raise Conflict("answered_lately", "This sender got an automatic reply within the last hour.")
    if aids.pen is None:
        raise ValueError("nothing to write an automatic reply with")
    text = aids.pen.text_of(filled.html)
    reply = Reply(entry_id=action.id, text=text, html=filled.html, to=_to(head), automatic=True)
    unfolding.follow(decide_reply(unfolding.state, reply, context, desk, aids.pen.message_ids))
    aids.answered[sender] = context.now
    aids.replied.add(sender)


def _check_sender(action: SendMacro, head: Head, contact: Contact | None, desk: Desk) -> None:
    if action.to_automatic:
        raise Conflict("automatic_mail", "No person wrote this, so it is not answered automatically.")
    if contact is not None and contact.blocked is not None:
        raise Conflict("blocked", "The sender is blocked.")
    if head.handle.kind == "email" and desk.is_ours(head.handle.value):
        raise Conflict("own_address", "This is an address of ours: an automatic reply would go round in circles.")


def _macro(macro_id: str, head: Head, desk: Desk) -> MacroChanged:
    """The version that this conversation has (GV1)."""
    known = desk.macros.get(macro_id)
    if known is None or not known.active or known.personal:
        raise Conflict("unknown_macro", "The macro is not there any more.")
    macro = for_conversation(known, head)
    if macro is None:
        raise Conflict("not_rolled_out", f"The macro “{known.name}” is rolled out to other conversations only.")
    if not macro.html.strip():
        raise Conflict("unknown_macro", f"The macro “{macro.name}” has no text any more.")
    return macro


def _values(head: Head, contact: Contact | None, desk: Desk) -> dict[str, str]:
    """A sender who is not known as a user may be anybody who writes that address: nothing of what is known of it, nor
    of what was written, is said to them."""
    known = values_for(head, contact, desk, None)
    if contact is not None and contact.kind == "user":
        return known
    return {name: value for name, value in known.items() if name.startswith(OF_THE_BRAND)}


def _to(head: Head) -> tuple[Address, ...] | None:
    """The sender alone, whoever else had the mail."""
    if head.channel != "email":
        return None
    return (Address(address=head.handle.value, name=head.contact_name),) if head.handle.kind == "email" else ()


# ── tickets ──────────────────────────────────────────────────────────────────────────────────────
def submit_of(action: CreateTicket, head: Head, number: int) -> Submit:
    return Submit(
        ticket_id=action.id,
        number=number,
        brand_id=head.brand_id,
        title=action.title,
        fields={one.id: one.value for one in action.fields},
        contact_id=head.contact_id,
        contact_name=head.contact_name,
    )


def key_of(action: CreateTicket, head: Head, context: Context, desk: Desk) -> str | None:
    """What only one ticket may have; None where there is no such rule, or the form is not right."""
    try:
        type_ = type_of(desk, action.type_id)
        made = decide_submit(submit_of(action, head, 1), type_, context)[-1].head
    except DomainError:
        return None
    return one_per_key(type_, made.brand_id, made.fields)


def _create(unfolding: Unfolding, action: CreateTicket, context: Context, desk: Desk, aids: Aids) -> None:
    """A ticket; or the one that is there, linked, where only one may be (TK3). Raises what the form says."""
    head = unfolding.state.head
    type_ = type_of(desk, action.type_id)
    events = list(decide_submit(submit_of(action, head, aids.numbers.get(action.id, 0)), type_, context))
    key = one_per_key(type_, head.brand_id, events[-1].head.fields)
    if key is not None and key in aids.there:
        _link(unfolding, aids.there[key], context, aids)
        return
    events += decide_linked(events[-1].head, context, conversation_id=head.id)
    ticket = events[-1].head
    # First, as it may refuse.
    unfolding.follow(decide_link(unfolding.state, context, ticket_link(ticket), ticket, created=True))
    aids.made += events
    aids.keys[ticket.id] = key
    aids.linked.append((ticket.id, head.id))
    if key is not None:
        aids.there[key] = ticket


def _track(unfolding: Unfolding, action: LinkTracker, context: Context, aids: Aids) -> None:
    tracker = aids.trackers.get(action.tracker_id)
    if tracker is None or tracker.kind != "tracker":
        raise Conflict("unknown_tracker", "The tracker is not there any more.")
    if tracker.brand_id is not None and tracker.brand_id != unfolding.state.head.brand_id:
        raise Conflict("other_brand", f"Tracker #{tracker.number} is another brand's.")
    _link(unfolding, tracker, context, aids)


def _link(unfolding: Unfolding, ticket: TicketHead, context: Context, aids: Aids) -> None:
    head = unfolding.state.head
    if any(one.id == ticket.id for one in head.links):
        raise Invalid("linked_already", f"Ticket #{ticket.number} is linked already.")
    events = decide_linked(ticket, context, conversation_id=head.id)
    ticket = events[-1].head if events else ticket
    unfolding.follow(decide_link(unfolding.state, context, ticket_link(ticket), ticket))
    aids.made += events
    aids.linked.append((ticket.id, head.id))
    _now(aids, ticket.id, ticket)


def _now(aids: Aids, ticket_id: str, head: TicketHead) -> None:
    """The ticket as later decisions of the batch find it."""
    if ticket_id in aids.trackers:
        aids.trackers[ticket_id] = head
    for key, one in aids.there.items():
        if one.id == ticket_id:
            aids.there[key] = head
