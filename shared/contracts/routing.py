"""`routing.decisions.v1` (key: conversation id) and `routing.availability.v1` (key: agent id). Owner: routing."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.base import Event, Id, Time, Value
from shared.contracts.common import ConversationStatus, RuleRef
from shared.contracts.tickets import FieldValue, TicketField


class AssignTeam(Value):
    kind: Literal["assign_team"] = "assign_team"
    team_id: Id
    rule: RuleRef | None = None


class AssignAgent(Value):
    """`reason` is a sentence: why this agent. `rule` is None when a waiting conversation found its agent."""

    kind: Literal["assign_agent"] = "assign_agent"
    agent_id: Id
    team_id: str | None = None
    reason: str = ""
    rule: RuleRef | None = None


Taken = Literal["agent", "team", "both"]


class Unassign(Value):
    """What it is taken from: its agent, its team, or both."""

    kind: Literal["unassign"] = "unassign"
    what: Taken
    rule: RuleRef | None = None


class AddFollower(Value):
    """An agent is told from now on what happens in it."""

    kind: Literal["follow"] = "follow"
    agent_id: Id
    rule: RuleRef | None = None


class SetPriority(Value):
    kind: Literal["set_priority"] = "set_priority"
    priority: bool
    rule: RuleRef | None = None


class AddTags(Value):
    kind: Literal["add_tags"] = "add_tags"
    tags: tuple[str, ...]
    rule: RuleRef | None = None


class SetTopic(Value):
    kind: Literal["set_topic"] = "set_topic"
    topic: str
    rule: RuleRef | None = None


class MarkSpam(Value):
    kind: Literal["mark_spam"] = "mark_spam"
    reason: str = ""
    rule: RuleRef | None = None


class RemoveTags(Value):
    kind: Literal["remove_tags"] = "remove_tags"
    tags: tuple[str, ...]
    rule: RuleRef | None = None


class SetAttribute(Value):
    """`value` None: it is emptied."""

    kind: Literal["set_attribute"] = "set_attribute"
    attribute_id: Id
    value: FieldValue | None
    rule: RuleRef | None = None


class SetState(Value):
    """`until` is when a snoozed conversation wakes; None for the others."""

    kind: Literal["set_state"] = "set_state"
    state: ConversationStatus
    until: Time | None = None
    rule: RuleRef | None = None


class WriteNote(Value):
    """A private note. `id` is made of the event, the rule's version and the action: the same again is the same note."""

    kind: Literal["write_note"] = "write_note"
    id: Id
    text: str
    rule: RuleRef | None = None


class ReportLoop(Value):
    """`rule` would have acted again on what it led to itself, by way of `chain`; it did not."""

    kind: Literal["report_loop"] = "report_loop"
    rule: RuleRef
    chain: tuple[Id, ...] = ()


class ApplySla(Value):
    kind: Literal["apply_sla"] = "apply_sla"
    policy_id: Id
    rule: RuleRef | None = None


NotifyWhom = Literal["assignee", "followers", "team", "leads"]
"""team: all of the conversation's team; leads: those of its team who may assign others' conversations."""


class NotifyAgents(Value):
    """Tell colleagues; `id` is the same for the same event, rule version and action, as with all that follows."""

    kind: Literal["notify"] = "notify"
    id: Id
    text: str
    to: tuple[NotifyWhom, ...] = ()
    agent_ids: tuple[str, ...] = ()
    team_ids: tuple[str, ...] = ()
    rule: RuleRef | None = None


class SendMacro(Value):
    """An automatic reply with a macro's text. `id` is the message's entry id. `to_automatic`: what is answered was
    written by no person, so nothing must be sent."""

    kind: Literal["send_macro"] = "send_macro"
    id: Id
    macro_id: Id
    to_automatic: bool = False
    rule: RuleRef | None = None


class CreateTicket(Value):
    """A back-office ticket, linked to the conversation. `id` is the ticket's. `title` "": the type's usual one."""

    kind: Literal["create_ticket"] = "create_ticket"
    id: Id
    type_id: Id
    title: str = ""
    fields: tuple[TicketField, ...] = ()
    rule: RuleRef | None = None


class LinkTracker(Value):
    """The conversation is one more report of a tracker."""

    kind: Literal["link_tracker"] = "link_tracker"
    tracker_id: Id
    rule: RuleRef | None = None


class EmitEvent(Value):
    """An event of the rule's own: a name and what it carries."""

    kind: Literal["emit_event"] = "emit_event"
    id: Id
    name: str
    attributes: tuple[TicketField, ...] = ()
    rule: RuleRef | None = None


class CallWebhook(Value):
    """The same for one webhook endpoint alone, whatever it subscribes to."""

    kind: Literal["call_webhook"] = "call_webhook"
    id: Id
    endpoint_id: Id
    name: str
    attributes: tuple[TicketField, ...] = ()
    rule: RuleRef | None = None


class BlockSender(Value):
    """What the conversation's customer writes from now on goes to Spam, until somebody unblocks them."""

    kind: Literal["block"] = "block"
    reason: str
    rule: RuleRef | None = None


Action = Annotated[
    AssignTeam
    | AssignAgent
    | Unassign
    | AddFollower
    | SetPriority
    | AddTags
    | RemoveTags
    | SetTopic
    | SetAttribute
    | MarkSpam
    | WriteNote
    | SetState
    | ReportLoop
    | ApplySla
    | NotifyAgents
    | SendMacro
    | CreateTicket
    | LinkTracker
    | EmitEvent
    | CallWebhook
    | BlockSender,
    Field(discriminator="kind"),
]


class Trigger(Value):
    """The event that was looked at: its CloudEvent id, its name and its place in the conversation.

    `after`: the rule waited so long since the event (ISO 8601), or it is about time (event "TimePassed", no `after`);
    `seq` is then how far the conversation had come. So it is where its agent did not answer in time ("NotAnswered")."""

    event_id: Id
    event: str
    seq: int
    after: str = ""


class Decided(Event):
    """What should happen to a conversation. tickets applies it, unless a person has assigned it since.

    `matched` are the rules that matched, in order. `waiting` says why nobody could be assigned yet.
    """

    decision_id: Id
    conversation_id: Id
    seq: int
    at: Time
    trigger: Trigger
    actions: tuple[Action, ...]
    matched: tuple[RuleRef, ...] = ()
    waiting: str | None = None


AgentStatus = Literal["online", "away", "offline"]


StatusSource = Literal["desk", "phone"]

NewReplies = Literal["hold", "reassign"]


class StatusChanged(Event):
    """`source`: set at the desk, or taken from the phone system, which then need not be told.

    `replies`: while they are away, customers' new replies to their conversations stay with them, or go to whoever is
    there of the conversation's team."""

    agent_id: Id
    seq: int
    at: Time
    status: AgentStatus
    reason: str = ""
    source: StatusSource = "desk"
    replies: NewReplies = "hold"
