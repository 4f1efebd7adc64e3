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
    Attachment,
    Call,
    CallStep,
    Channel,
    ConversationStatus,
    Handle,
    Message,
    RuleRef,
)
from shared.contracts.contacts import AttributeValue
from shared.contracts.phone import CallOutcome, Dial, DialCode, DialState
from shared.contracts.side import Side
from shared.contracts.sla import SlaTarget
from shared.contracts.tickets import TicketHead, TicketState

DeliveryState = Literal["queued", "sent", "delivered", "bounced", "failed"]


class Participants(Value):
    """Who a reply goes to on email: `to` and `cc` from the last message; bcc is per message."""

    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()


class Link(Value):
    """What belongs to a conversation besides itself (CV9).

    `id` is the ticket's, the tracker's or the other conversation's id; for a web page a hash of its address.
    `state`, `type_id`, `number` and `seq` (the ticket's, which this is as of) only for tickets and trackers.
    """

    kind: Literal["ticket", "tracker", "conversation", "url"]
    id: Id
    title: str
    url: str = ""
    type_id: str = ""
    number: int = 0
    seq: int = 0
    state: TicketState | None = None


class Head(Value):
    """A conversation as it stands: one row of the inbox list (CV2).

    `description` is the beginning of the first message, `preview` of the last one, `preview_from` who
    wrote it. `activity` names the last thing done (an event's name). `waiting_since` is when the customer
    began to wait for an answer; None when nobody waits. `last_message_id` and `references` are what an
    email answer must quote (RFC 5322 §3.6.4). `assigned_seq` is the `seq` of the last assignment.
    `sla` are targets that are not reached yet, `next_sla_at` is when the nearest is due, `sla_seq` routing's event that
    they are as of, `sla_policy_id` the policy that a rule applied. `mentioned` are agents mentioned in notes. `call` is
    the latest phone call, `dial` the last one that an agent asked for. `call_attempts` counts the attempts to reach the
    customer by phone since they last wrote, `call_outcome` is what the last of them came to. `merged_into` is the
    conversation that it is part of, `merged_ids` those that are part of this one, with theirs; `followers` are agents.
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
    preview_from: Literal["customer", "agent", "note", "call", "side"] = "customer"
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
    links: tuple[Link, ...] = ()
    attributes: tuple[AttributeValue, ...] = ()
    dial: Dial | None = None
    call_attempts: int = 0
    call_outcome: CallOutcome | None = None
    sides: tuple[Side, ...] = ()
    merged_into: str | None = None
    merged_ids: tuple[str, ...] = ()
    followers: tuple[str, ...] = ()
    sla: tuple[SlaTarget, ...] = ()
    sla_seq: int = 0
    sla_policy_id: str | None = None


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

    @property
    def by_people(self) -> bool:
        """Whether somebody did it: neither a decision of routing nor the system by itself."""
        return self.decision_id is None and self.by.kind != "system"


class ConversationStarted(ConversationEvent):
    """The first event. `message` is the first message, in or out; None when it begins with a call. `quiet`: its sender
    is blocked, so nobody acts on it."""

    message: Message | None = None
    call: Call | None = None
    quiet: bool = False


class CustomerReplied(ConversationEvent):
    """The customer wrote again. A closed or snoozed conversation is open after it, unless `quiet`: the sender is
    blocked, so nothing wakes and nobody waits."""

    message: Message
    quiet: bool = False


class ReplySent(ConversationEvent):
    """An agent answered. notifications delivers it on the conversation's channel, once."""

    message: Message


class NoteAdded(ConversationEvent):
    """A private note; never leaves to the customer, nor do its files. `mentions` are agent ids, those of the members
    of mentioned `teams` among them."""

    entry_id: Id
    text: str
    html: str
    mentions: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()


class CallUpdated(ConversationEvent):
    """A phone call took a step; `call` is everything known of it by now."""

    step: CallStep
    call: Call


class CallRequested(ConversationEvent):
    """An agent wants to call. notifications has the phone system dial, at most once per `request_id`. Numbers are
    E.164; `line` is the brand's that the call goes out by."""

    request_id: Id
    number: str
    line: str
    agent_id: Id


class DialUpdated(ConversationEvent):
    """What became of a request to call. `reason` is a sentence when there is no call, or when that is not known."""

    request_id: Id
    number: str
    state: DialState
    code: DialCode = ""
    reason: str = ""
    retry_at: Time | None = None


class CallAttempted(ConversationEvent):
    """An agent noted an attempt to reach the customer by phone. `attempt` counts from 1; after two without an answer
    the workflow ends. The note is private."""

    attempt: int
    outcome: CallOutcome
    note: str
    number: str = ""


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


class AttributesChanged(ConversationEvent):
    """Attributes got another value (`set`) or none any more (`cleared`, by id)."""

    set: tuple[AttributeValue, ...] = ()
    cleared: tuple[str, ...] = ()


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


class LoopStopped(ConversationEvent):
    """A rule did not act, as it would have acted again on what it had led to itself. `chain` are the rules by which it
    came, that rule first."""

    rule: RuleRef
    chain: tuple[Id, ...] = ()


class DeliveryUpdated(ConversationEvent):
    """What became of a message of ours. `reason` is a sentence when it was not good news."""

    entry_id: Id
    state: DeliveryState
    recipient: str = ""
    reason: str = ""


class LinkAdded(ConversationEvent):
    """`ticket`: the ticket or tracker as it was then, when it is of the conversation's brand or of none. `created`: it
    was made from this conversation."""

    link: Link
    ticket: TicketHead | None = None
    created: bool = False


class LinkRemoved(ConversationEvent):
    """`link` as it was. `ticket` as with LinkAdded."""

    link: Link
    ticket: TicketHead | None = None


class LinkProgressed(ConversationEvent):
    """A linked ticket or tracker came into another state, or news of it were posted; `link` is as it is now. `label` is
    what the customer may be told its state is. `text` is the news, empty when only the state changed. `previous_state`
    is None when it did not. `ticket` as with LinkAdded."""

    link: Link
    label: str = ""
    text: str = ""
    entry_id: str = ""
    previous_state: TicketState | None = None
    ticket: TicketHead | None = None
