"""`tickets.conversations.v1`: everything that happens to a conversation. Key: conversation id. Owner: tickets.

Each event carries `head`, the conversation after it, so that no reader must call back. `seq` counts
from 1 without a gap. These events are also the timeline that an agent sees and the audit trail.
"""

from __future__ import annotations

from typing import Literal

from shared.contracts.base import Event, Id, Time, Value
from shared.contracts.common import (
    Actor,
    Address,
    Call,
    CallStep,
    Channel,
    ConversationStatus,
    Handle,
    Message,
)

DeliveryState = Literal["queued", "sent", "delivered", "bounced", "failed"]


class Participants(Value):
    """Who a reply goes to on email: `to` and `cc` from the last message; bcc is per message."""

    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()


class Head(Value):
    """A conversation as it stands: one row of the inbox list (CV2).

    `description` is the beginning of the first message, `preview` of the last one, `preview_from` who
    wrote it. `activity` names the last thing done (an event's name). `waiting_since` is when the customer
    began to wait for an answer; None when nobody waits. `last_message_id` and `references` are what an
    email answer must quote (RFC 5322 §3.6.4). `assigned_seq` is the `seq` of the last assignment.
    `next_sla_at` is the nearest target still running.
    `mentioned` are agents mentioned in notes. `call` is the latest of a phone conversation.
    """

    id: Id
    seq: int
    brand_id: Id
    channel: Channel
    account: str
    contact_id: Id
    contact_name: str
    handle: Handle
    subject: str = ""
    description: str = ""
    preview: str = ""
    preview_from: Literal["customer", "agent", "note", "call"] = "customer"
    status: ConversationStatus = "open"
    snoozed_until: Time | None = None
    priority: bool = False
    spam: bool = False
    team_id: str | None = None
    assignee_id: str | None = None
    assigned_seq: int = 0
    topic: str | None = None
    tags: tuple[str, ...] = ()
    participants: Participants = Participants()
    mentioned: tuple[str, ...] = ()
    created_by: str | None = None
    started_at: Time
    last_activity_at: Time
    activity: str
    waiting_since: Time | None = None
    first_reply_at: Time | None = None
    next_sla_at: Time | None = None
    closed_at: Time | None = None
    message_count: int = 0
    last_message_id: str | None = None
    references: tuple[str, ...] = ()
    call: Call | None = None


class ConversationEvent(Event):
    """What all of them carry. `by` did it; `decision_id` names the routing decision when a rule did.

    `imported` marks history brought in from elsewhere: it is shown, but nobody acts on it again.
    """

    conversation_id: Id
    seq: int
    at: Time
    by: Actor
    decision_id: str | None = None
    imported: bool = False
    head: Head


class ConversationStarted(ConversationEvent):
    """The first event. `message` is the first message, in or out; None when it begins with a call."""

    message: Message | None = None
    call: Call | None = None


class CustomerReplied(ConversationEvent):
    """The customer wrote again. A closed or snoozed conversation is open after it."""

    message: Message


class ReplySent(ConversationEvent):
    """An agent answered. notifications delivers it on the conversation's channel, once."""

    message: Message


class NoteAdded(ConversationEvent):
    """A private note; never leaves to the customer. `mentions` are agent ids."""

    entry_id: Id
    text: str
    html: str
    mentions: tuple[str, ...] = ()


class CallUpdated(ConversationEvent):
    """A phone call took a step; `call` is everything known of it by now."""

    step: CallStep
    call: Call


class Assigned(ConversationEvent):
    """Team, assignee or both changed; None means nobody. `reason` is a sentence for the timeline."""

    team_id: str | None
    assignee_id: str | None
    previous_team_id: str | None
    previous_assignee_id: str | None
    reason: str = ""


class PriorityChanged(ConversationEvent):
    priority: bool


class TopicChanged(ConversationEvent):
    topic: str | None


class Tagged(ConversationEvent):
    """Tags were added or removed (at least one of the two is not empty)."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


class Snoozed(ConversationEvent):
    until: Time


class Woken(ConversationEvent):
    """The snooze ended: its time came, or somebody ended it."""

    reason: Literal["time", "agent"]


class Closed(ConversationEvent):
    pass


class Reopened(ConversationEvent):
    pass


class SpamMarked(ConversationEvent):
    reason: str = ""


class SpamUnmarked(ConversationEvent):
    pass


class DeliveryUpdated(ConversationEvent):
    """What became of a message of ours. `reason` is a sentence when it was not good news."""

    entry_id: Id
    state: DeliveryState
    recipient: str = ""
    reason: str = ""
