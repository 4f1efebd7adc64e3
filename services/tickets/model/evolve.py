"""`evolve`: the conversation after an event, told from the event's own fields; its `head` is the result.

Two things are taken from the event's head, as nothing else carries them: all of a first event's, and the
participants after a customer's mail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.tickets.model.calls import before, call_line, missed
from services.tickets.model.evolve_beside import BESIDE
from services.tickets.model.state import Answered, Context, Conversation, Delivery, Outcome, whole_ms
from services.tickets.model.text import NAME_CHARS, PREVIEW_CHARS, chain, nameless, summary
from shared.contracts import automation as a
from shared.contracts import beside as b
from shared.contracts import conversations as c
from shared.contracts.acted import CustomerActed
from shared.contracts.common import Message
from shared.contracts.conversations import ConversationEvent, Head, Participants
from shared.contracts.linked import TicketUpdated
from shared.contracts.phone import Dial
from shared.contracts.targets import SlaPolicyApplied, SlaUpdated

DELIVERIES_KEPT = 50
"""How many of our own messages a bounce may still be told apart for; older ones start anew."""

Changes = dict[str, Any]


class Unfolding:
    """Makes events in a row, each from the state that the one before it left. Lives within one `decide`."""

    def __init__(self, state: Conversation) -> None:
        self.state = state
        self.events: list[ConversationEvent] = []

    def add(
        self,
        kind: type[ConversationEvent],
        context: Context,
        *,
        participants: Participants | None = None,
        **fields: Any,
    ) -> None:
        """Make the next event; its head is what `evolve` says.

        `participants` come from outside, as only the directory tells our own mailboxes from others'.
        """
        head = self.state.head
        if participants is not None and participants != head.participants:
            head = head.model_copy(update={"participants": participants})
        event = kind(
            conversation_id=head.id,
            seq=head.seq + 1,
            at=context.now,
            by=context.by,
            decision_id=context.decision_id,
            imported=context.imported,
            head=head,
            **fields,
        )
        self.state = evolve(self.state, event)
        # Nobody has seen the event yet, so it may still get its head: a copy would cost as much as making it.
        event.__dict__["head"] = self.state.head
        self.events.append(event)

    def follow(self, events: Sequence[ConversationEvent]) -> None:
        """Take in what another decision made of `state`."""
        for event in events:
            self.state = evolve(self.state, event)
            self.events.append(event)

    def outcome(self, ignored: Sequence[str] = ()) -> Outcome:
        return Outcome(tuple(self.events), tuple(ignored), self.state)


def evolve(state: Conversation | None, event: ConversationEvent) -> Conversation:
    """The state after `event`. The first event brings its whole head along."""
    if isinstance(event, c.ConversationStarted):
        inward = event.message is not None and event.message.direction == "in"
        return Conversation(event.head, customer_seq=event.seq if inward else 0, people_seq=event.head.assigned_seq)
    if state is None:
        raise ValueError(f"{type(event).__name__} before ConversationStarted")
    changes = _CHANGES[type(event)](state.head, event)
    changes["seq"] = event.seq
    if not quiet(event):
        changes["activity"] = type(event).__name__
        changes["last_activity_at"] = event.at
    head = state.head.model_copy(update=changes)
    people_seq = _people_seq(state, head, event)
    if isinstance(event, c.CustomerReplied):
        return Conversation(head, event.seq, state.deliveries, state.answered, people_seq)
    if isinstance(event, c.DeliveryUpdated):
        return Conversation(head, state.customer_seq, _delivered(state.deliveries, event), state.answered, people_seq)
    answered = state.answered
    if isinstance(event, c.ReplySent) and event.by.kind == "agent":
        answered = Answered(event.seq, event.by.id, event.by.name)
    return Conversation(head, state.customer_seq, state.deliveries, answered, people_seq)


def _people_seq(state: Conversation, head: Head, event: ConversationEvent) -> int | None:
    """Not after what routing decided itself, nor where an agent who left gave it back."""
    if head.assigned_seq == state.head.assigned_seq:
        return state.people_seq
    if event.by_people:
        return event.seq
    return state.head.assigned_seq if state.people_seq is None else state.people_seq


def quiet(event: ConversationEvent) -> bool:
    """Good news of what we sent is no activity: it would move every answered conversation up once more. Nor is that a
    rule did nothing or told somebody, that somebody follows it, what colleagues do in the back office, what the
    customer does in a product, or that time passes."""
    if isinstance(event, c.DialUpdated):
        return event.state == "dialed"
    if isinstance(event, c.LoopStopped | b.Followed | b.Unfollowed | SlaUpdated | TicketUpdated | a.ActionRefused):
        return True
    if isinstance(event, a.AlertRaised | a.CustomEventEmitted | CustomerActed):
        return True
    return isinstance(event, c.DeliveryUpdated) and event.state not in ("bounced", "failed")


def _customer_replied(head: Head, event: c.CustomerReplied) -> Changes:
    message = event.message
    changes: Changes = _said(head, message, "customer")
    sender = message.sender
    if sender and sender.name and sender.value == head.handle.value and head.contact_name == nameless(head.handle):
        changes["contact_name"] = sender.name[:NAME_CHARS]
    if message.automatic or event.quiet:
        return changes
    if head.call_attempts:
        changes |= {"call_attempts": 0, "call_outcome": None}
    # Only what a person wrote wakes, reopens or makes somebody wait (CH4).
    changes |= {
        "status": "open",
        "snoozed_until": None,
        "closed_at": None,
        "waiting_since": head.waiting_since or whole_ms(message.received_at),
    }
    if head.channel == "email":
        changes |= {
            "last_message_id": message.message_id or head.last_message_id,
            "references": chain(message.references, message.message_id) or head.references,
            "participants": event.head.participants,
        }
    return changes


def _reply_sent(head: Head, event: c.ReplySent) -> Changes:
    message = event.message
    changes = _said(head, message, "agent")
    # An automatic reply is no answer: the customer waits on, and the next one goes to whom it would have gone.
    if message.automatic is None:
        changes |= {"waiting_since": None, "first_reply_at": head.first_reply_at or event.at}
    if head.last_message_id is None and message.message_id:
        changes |= {"last_message_id": message.message_id, "references": (message.message_id,)}
    if message.to and message.automatic is None:
        changes["participants"] = Participants(to=message.to, cc=message.cc)
    return changes


def _said(head: Head, message: Message, who: str) -> Changes:
    return {
        "preview": summary(message.text, message.attachments, PREVIEW_CHARS),
        "preview_from": who,
        "message_count": head.message_count + 1,
    }


def _note_added(head: Head, event: c.NoteAdded) -> Changes:
    return {
        "preview": summary(event.text, event.attachments, PREVIEW_CHARS),
        "preview_from": "note",
        "mentioned": tuple(dict.fromkeys((*head.mentioned, *event.mentions))),
    }


def _call_updated(head: Head, event: c.CallUpdated) -> Changes:
    call = event.call
    if head.call is not None and head.call.call_id != call.call_id and before(call, head.call):
        return {}  # something more of an earlier call; the head shows the latest
    changes: Changes = {"call": call, "preview": call_line(call), "preview_from": "call"}
    if missed(call):
        if not missed(head.call):
            changes["waiting_since"] = head.waiting_since or call.ended_at or event.at
    elif call.answered_at is not None:
        changes["waiting_since"] = None
    return changes


def _call_requested(_: Head, event: c.CallRequested) -> Changes:
    dial = Dial(
        request_id=event.request_id,
        number=event.number,
        line=event.line,
        agent_id=event.agent_id,
        asked_at=event.at,
    )
    return {"dial": dial, "preview": f"Calling {event.number}", "preview_from": "call"}


def _dial_updated(head: Head, event: c.DialUpdated) -> Changes:
    """The head tells of the last request; an older one's result stands in the timeline alone."""
    if head.dial is None or head.dial.request_id != event.request_id:
        return {}
    after = {"state": event.state, "code": event.code, "reason": event.reason, "retry_at": event.retry_at}
    changes: Changes = {"dial": head.dial.model_copy(update=after)}
    return changes | ({"preview": summary(event.reason, (), PREVIEW_CHARS)} if event.reason else {})


def _call_attempted(head: Head, event: c.CallAttempted) -> Changes:
    return {
        "call_attempts": event.attempt,
        "call_outcome": event.outcome,
        "preview": summary(event.note, (), PREVIEW_CHARS),
        "preview_from": "note",
        "waiting_since": None if event.outcome == "reached" else head.waiting_since,
    }


def _assigned(_: Head, event: c.Assigned) -> Changes:
    return {"team_id": event.team_id, "assignee_id": event.assignee_id, "assigned_seq": event.seq}


def _tagged(head: Head, event: c.Tagged) -> Changes:
    removed = set(event.removed)
    return {"tags": tuple(tag for tag in dict.fromkeys((*head.tags, *event.added)) if tag not in removed)}


def _attributes_changed(head: Head, event: c.AttributesChanged) -> Changes:
    after = {one.id: one for one in head.attributes if one.id not in event.cleared} | {one.id: one for one in event.set}
    return {"attributes": tuple(after[id_] for id_ in sorted(after))}


def _link_moved(head: Head, event: c.LinkProgressed | TicketUpdated) -> Changes:
    return {"links": tuple(event.link if one.id == event.link.id else one for one in head.links)}


def _closed(_: Head, event: c.Closed) -> Changes:
    return {"status": "closed", "closed_at": event.at, "snoozed_until": None, "waiting_since": None}


def _delivered(known: Mapping[str, Delivery], event: c.DeliveryUpdated) -> Mapping[str, Delivery]:
    """The latest entry goes last; the oldest fall out."""
    before = known.get(event.entry_id)
    bounced = before.bounced if before else ()
    if event.state == "bounced":
        bounced = tuple(dict.fromkeys((*bounced, event.recipient)))
    after = {entry: one for entry, one in known.items() if entry != event.entry_id}
    after[event.entry_id] = Delivery(event.state, bounced)
    return dict(list(after.items())[-DELIVERIES_KEPT:])


_CHANGES: dict[type[ConversationEvent], Callable[[Head, Any], Changes]] = {
    c.CustomerReplied: _customer_replied,
    c.ReplySent: _reply_sent,
    c.NoteAdded: _note_added,
    c.CallUpdated: _call_updated,
    c.CallRequested: _call_requested,
    c.DialUpdated: _dial_updated,
    c.CallAttempted: _call_attempted,
    c.Assigned: _assigned,
    c.PriorityChanged: lambda _, event: {"priority": event.priority},
    c.TopicChanged: lambda _, event: {"topic": event.topic},
    c.Tagged: _tagged,
    c.AttributesChanged: _attributes_changed,
    c.Snoozed: lambda _, event: {"status": "snoozed", "snoozed_until": event.until},
    c.Woken: lambda _h, _e: {"status": "open", "snoozed_until": None},
    c.Closed: _closed,
    c.Reopened: lambda _h, _e: {"status": "open", "closed_at": None},
    c.SpamMarked: lambda _h, _e: {"spam": True},
    c.SpamUnmarked: lambda _h, _e: {"spam": False},
    c.LoopStopped: lambda _h, _e: {},
    a.AlertRaised: lambda _h, _e: {},
    a.CustomEventEmitted: lambda _h, _e: {},
    a.ActionRefused: lambda _h, _e: {},
    c.DeliveryUpdated: lambda _h, _e: {},
    c.LinkAdded: lambda head, event: {"links": (*head.links, event.link)},
    c.LinkRemoved: lambda head, event: {"links": tuple(one for one in head.links if one.id != event.link.id)},
    c.LinkProgressed: _link_moved,
    TicketUpdated: _link_moved,
    CustomerActed: lambda _h, _e: {},
    SlaPolicyApplied: lambda _, event: {"sla_policy_id": event.policy_id},
    SlaUpdated: lambda _, event: {
        "sla": event.targets,
        "sla_seq": event.sla_seq,
        "next_sla_at": min((one.due_at for one in event.targets if one.due_at), default=None),
    },
    **BESIDE,
}
