"""What arrives from outside and what became of what we sent, decided for one conversation.

Every function takes the state or None (no such conversation yet) and answers with an `Outcome`; an input
that changes nothing says why by a code, and is counted, never dropped silently.
"""

from __future__ import annotations

from services.tickets.model.calls import before, call_line, merge, missed, tidy
from services.tickets.model.departure import give_back, has_departed
from services.tickets.model.evolve import Unfolding, evolve
from services.tickets.model.state import CUSTOMER, SYSTEM, Context, Conversation, Desk, Outcome, whole_ms
from services.tickets.model.text import (
    DESCRIPTION_CHARS,
    NAME_CHARS,
    PREVIEW_CHARS,
    SUBJECT_CHARS,
    answer_to,
    chain,
    nameless,
    summary,
)
from shared.contracts.common import Actor, Call, Handle, Message
from shared.contracts.contacts import Block, Contact
from shared.contracts.conversations import (
    CallUpdated,
    ConversationStarted,
    CustomerReplied,
    DeliveryState,
    DeliveryUpdated,
    DialUpdated,
    Head,
    Participants,
    SpamMarked,
)
from shared.contracts.deliveries import DeliveryFailed, DeliverySent
from shared.contracts.ingest import BounceReceived, CallProgressed, MessageReceived

SPAM_SCORE = 0.8
"""From here on a message is put into Spam by itself; below it, rules and people decide."""

UNKNOWN = Outcome(ignored=("unknown_conversation",))

_MAY_FOLLOW: dict[DeliveryState, frozenset[DeliveryState]] = {
    "queued": frozenset({"queued", "sent", "delivered", "failed", "bounced"}),
    "sent": frozenset({"delivered", "bounced"}),
    "delivered": frozenset({"bounced"}),
    "failed": frozenset({"sent", "delivered", "bounced"}),  # a person may have tried once more
    "bounced": frozenset(),
}


def decide_message(
    state: Conversation | None, heard: MessageReceived, context: Context, contact: Contact, desk: Desk
) -> Outcome:
    """A customer's message starts the conversation or goes on with it."""
    participants = answer_to(heard.message, heard.sender, desk) if heard.channel == "email" else Participants()
    blocked = contact.blocked
    if state is not None:
        unfolding = Unfolding(state)
        # Others may take part in a conversation of somebody who is not blocked: that one stays where it is.
        if blocked is not None and not state.head.spam and state.head.contact_id in (contact.id, *contact.merged_ids):
            unfolding.add(SpamMarked, context.as_(SYSTEM), reason=_blocked_words(blocked))
        unfolding.add(
            CustomerReplied,
            context.as_(CUSTOMER),
            participants=participants,
            message=heard.message,
            quiet=blocked is not None,
        )
        if has_departed(unfolding.state.head, desk):
            give_back(unfolding, unfolding.state.head, context)
        return unfolding.outcome()
    first = _started(heard, context, contact, participants)
    unfolding = Unfolding(evolve(None, first))
    if blocked is not None:
        unfolding.add(SpamMarked, context.as_(SYSTEM), reason=_blocked_words(blocked))
    elif heard.message.spam.score >= SPAM_SCORE:
        reason = " ".join(heard.message.spam.reasons)
        unfolding.add(SpamMarked, context.as_(SYSTEM), reason=reason)
    return Outcome((first, *unfolding.events), state=unfolding.state)


def _blocked_words(block: Block) -> str:
    return f"The sender is blocked: {block.reason}"


def _started(
    heard: MessageReceived, context: Context, contact: Contact, participants: Participants
) -> ConversationStarted:
    message = heard.message
    head = Head(
        id=heard.conversation_id,
        seq=1,
        brand_id=heard.brand_id,
        channel=heard.channel,
        account=heard.account,
        contact_id=contact.id,
        contact_name=_shown(contact, heard.sender),
        handle=heard.sender,
        subject=message.subject[:SUBJECT_CHARS],
        description=summary(message.text, message.attachments, DESCRIPTION_CHARS),
        preview=summary(message.text, message.attachments, PREVIEW_CHARS),
        participants=participants,
        started_at=whole_ms(message.received_at),
        last_activity_at=context.now,
        activity=ConversationStarted.__name__,
        waiting_since=None if message.automatic or contact.blocked else whole_ms(message.received_at),
        spam=contact.blocked is not None,
        message_count=1,
        last_message_id=message.message_id if heard.channel == "email" else None,
        references=chain(message.references, message.message_id) if heard.channel == "email" else (),
    )
    return _first_event(head, context, CUSTOMER, message=message, quiet=contact.blocked is not None)


def _first_event(
    head: Head,
    context: Context,
    by: Actor,
    *,
    message: Message | None = None,
    call: Call | None = None,
    quiet: bool = False,
) -> ConversationStarted:
    return ConversationStarted(
        conversation_id=head.id,
        seq=1,
        at=context.now,
        by=by,
        imported=context.imported,
        head=head,
        message=message,
        call=call,
        quiet=quiet,
    )


def decide_call(
    state: Conversation | None, heard: CallProgressed, context: Context, contact: Contact | None
) -> Outcome:
    """A webhook's step: the conversation's first event, an update of its call, or nothing new. `contact` None: the call
    belongs to a conversation that is there already."""
    context = context.as_(_who(heard))
    if state is None:
        if contact is None:
            return UNKNOWN
        call = tidy(heard.call)
        head = Head(
            id=heard.conversation_id,
            seq=1,
            brand_id=heard.brand_id,
            channel="phone",
            account=heard.account,
            contact_id=contact.id,
            contact_name=_shown(contact, heard.caller),
            handle=heard.caller,
            description=call_line(call),
            preview=call_line(call),
            preview_from="call",
            started_at=call.started_at or whole_ms(heard.at),
            last_activity_at=context.now,
            activity=ConversationStarted.__name__,
            waiting_since=(call.ended_at or whole_ms(heard.at)) if missed(call) else None,
            call=call,
        )
        first = _first_event(head, context, context.by, call=call)
        return Outcome((first,), state=evolve(None, first))
    known = state.head.call
    same = known is not None and known.call_id == heard.call.call_id
    call = merge(known, heard.step, tidy(heard.call)) if known and same else tidy(heard.call)
    if call == known:
        return Outcome(ignored=("nothing_new",))
    if known and not same and before(call, known) and call.state != "ended":
        return Outcome(ignored=("older_call",))
    unfolding = Unfolding(state)
    dial = state.head.dial
    if dial is not None and dial.number == call.number and dial.state in ("requested", "unknown"):
        # The call itself is the proof, whether or not Aircall's answer reached us.
        unfolding.add(DialUpdated, context.as_(SYSTEM), request_id=dial.request_id, number=dial.number, state="dialed")
    unfolding.add(CallUpdated, context, step=heard.step, call=call)
    return unfolding.outcome()


def _shown(contact: Contact, handle: Handle) -> str:
    """How the list names somebody: a caller without a name shows as the number."""
    return (contact.name or handle.name or nameless(handle))[:NAME_CHARS]


def _who(heard: CallProgressed) -> Actor:
    """The caller while it rings and on a voicemail; else the phone system, in the agent's name."""
    if heard.call.direction == "inbound" and heard.step in ("created", "ringing", "voicemail"):
        return CUSTOMER
    return Actor(kind="integration", id="phone", name=heard.call.agent_name)


def decide_bounce(state: Conversation | None, heard: BounceReceived, context: Context) -> Outcome:
    """A bounce shows on the message that bounced. A delay (not permanent) is told, and changes no state."""
    if state is None:
        return UNKNOWN
    known = state.deliveries.get(heard.entry_id)
    reason = f"{heard.recipient}: {heard.diagnostic or heard.status or 'the mail came back'}"
    if not heard.permanent:
        return _delivery(state, context, heard.entry_id, known.state if known else "sent", heard.recipient, reason)
    if known is not None and heard.recipient in known.bounced:
        return Outcome(ignored=("nothing_new",))
    return _delivery(state, context, heard.entry_id, "bounced", heard.recipient, reason)


def decide_delivery(state: Conversation | None, heard: DeliverySent | DeliveryFailed, context: Context) -> Outcome:
    """A step of a delivery; one that would take the message back to an earlier state changes nothing."""
    if state is None:
        return UNKNOWN
    after: DeliveryState = "sent"
    reason = ""
    if isinstance(heard, DeliveryFailed):
        after = "failed" if heard.final else "queued"
        reason = heard.reason
    known = state.deliveries.get(heard.entry_id)
    if known is not None and after not in _MAY_FOLLOW[known.state]:
        return Outcome(ignored=("delivery_state_older",))
    return _delivery(state, context, heard.entry_id, after, "", reason)


def _delivery(
    state: Conversation, context: Context, entry_id: str, after: DeliveryState, recipient: str, reason: str
) -> Outcome:
    unfolding = Unfolding(state)
    unfolding.add(
        DeliveryUpdated,
        context.as_(SYSTEM),
        entry_id=entry_id,
        state=after,
        recipient=recipient,
        reason=reason,
    )
    return unfolding.outcome()
