"""What a rule is, as people write it and as it is kept. Shapes only; what the words mean is `compile`'s.

{"name": "Refunds", "when": ["ConversationStarted"], "brand_ids": [],
 "if": {"all": [{"field": "conversation.channel", "operator": "is", "value": "email"},
                {"any": [{"field": "message.text", "operator": "contains", "value": "refund"}]}]},
 "then": [{"kind": "add_tags", "tags": ["refund"]}], "stop": false}
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, StringConstraints, Tag

from services.routing.rules.clock import ClockTimes
from services.routing.rules.facts import ATTRIBUTE, CONTACT_ATTRIBUTE, TICKET_FIELD
from services.routing.rules.outward import AnswerWith, Block, Call, Emit, MakeTicket, Notify, Track
from services.routing.rules.scalars import Scalar, Text
from shared.contracts.base import Id, Value
from shared.contracts.directory import FieldType
from shared.contracts.routing import Taken
from shared.governance.model import KeptForBrands

EventName = Literal[
    "ConversationStarted",
    "CustomerReplied",
    "CustomerActed",
    "ReplySent",
    "NoteAdded",
    "Mentioned",
    "SideStarted",
    "SideReplySent",
    "SideReplyReceived",
    "CallUpdated",
    "Assigned",
    "PriorityChanged",
    "TopicChanged",
    "Tagged",
    "Snoozed",
    "Woken",
    "Closed",
    "Reopened",
    "SpamMarked",
    "SpamUnmarked",
    "MergeReceived",
    "Unmerged",
    "AttributesChanged",
    "LinkAdded",
    "LinkRemoved",
    "LinkProgressed",
    "TicketSubmitted",
    "TicketStateChanged",
    "TicketResolved",
    "TicketAssigned",
    "TicketCommented",
    "TicketFieldsChanged",
    "TicketDueChanged",
    "TicketSlaWarned",
    "TicketSlaBreached",
    "CallAttempted",
    "DeliveryUpdated",
    "SlaWarned",
    "SlaBreached",
    "SlaMet",
    "TimePassed",
    "ClockStruck",
]
TIME_PASSED: EventName = "TimePassed"
"""No event: the rule is asked when a time that its conditions name has come."""
CLOCK_STRUCK: EventName = "ClockStruck"
"""No event: the rule is asked at the times of the clock that it names."""

Cancels = Literal["customer_replied", "agent_replied", "closed"]
"""What ends a rule's waiting before its time."""
Strategy = Literal["round_robin", "balanced", "none"]
Skill = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]


class Condition(Value):
    """One question about one field. `value` is one, many or none, as the operator takes it."""

    field: str
    operator: str
    value: Scalar | Annotated[tuple[Scalar, ...], Field(max_length=500)] | None = None


def _node_tag(node: Any) -> str:
    named = node if isinstance(node, dict) else getattr(node, "model_fields_set", ())
    return "group" if any(word in named for word in ("all", "any", "none")) else "condition"


Node = Annotated[Annotated["Group", Tag("group")] | Annotated[Condition, Tag("condition")], Discriminator(_node_tag)]
Nodes = Annotated[tuple[Node, ...], Field(max_length=100)]


class Group(Value):
    """Exactly one of the three, never empty: an empty "all" would be true of everything."""

    all: Nodes | None = None
    any: Nodes | None = None
    none: Nodes | None = None


class Overflow(Value):
    """Who has waited `after` (an ISO 8601 duration, such as PT15M) is also offered to another team's members."""

    after: str
    team_id: Id


class Assign(Value):
    """Give it to a team and, by `strategy`, to one of its members who is online and has room.

    "none": the team alone. When nobody has room the conversation waits for the team. Who takes it has all of `skills`
    and, with `speaks`, the customer's language where that is known. `sticky`: who answered this customer last goes
    first. `overflow`: the members of the team that it waits for go first all the same; the team changes with the
    assignment. `answer_within` (ISO 8601): when its agent has not answered by then, others are asked before them.
    """

    model_config = ConfigDict(title="Assign to a team")

    kind: Literal["assign"] = "assign"
    team_id: Id
    strategy: Strategy = "round_robin"
    skills: Annotated[tuple[Skill, ...], Field(max_length=20)] = ()
    speaks: bool = False
    sticky: bool = False
    overflow: Overflow | None = None
    answer_within: str | None = None


class AssignTo(Value):
    """Give it to one agent by name, once they are online and have room."""

    model_config = ConfigDict(title="Assign to an agent")

    kind: Literal["assign_to"] = "assign_to"
    agent_id: Id


class TakeFrom(Value):
    """Nobody, or no team, has it any more, closed or not; nor does it wait for those it is taken from. An assignment
    that a rule after it makes wins over it."""

    model_config = ConfigDict(title="Take it from its agent or team")

    kind: Literal["unassign"] = "unassign"
    what: Taken = "both"


class Follow(Value):
    """These agents are told from now on what happens in it."""

    model_config = ConfigDict(title="Add followers")

    kind: Literal["follow"] = "follow"
    agent_ids: Annotated[tuple[Id, ...], Field(min_length=1, max_length=20)]


class MakePriority(Value):
    model_config = ConfigDict(title="Set the priority")

    kind: Literal["set_priority"] = "set_priority"
    priority: bool


class Tags(Value):
    model_config = ConfigDict(title="Add tags")

    kind: Literal["add_tags"] = "add_tags"
    tags: Annotated[tuple[Text, ...], Field(min_length=1, max_length=20)]


class Topic(Value):
    model_config = ConfigDict(title="Set the topic")

    kind: Literal["set_topic"] = "set_topic"
    topic: Text


class Spam(Value):
    model_config = ConfigDict(title="Mark as spam")

    kind: Literal["mark_spam"] = "mark_spam"
    reason: Annotated[str, StringConstraints(max_length=500)] = ""


class Untag(Value):
    model_config = ConfigDict(title="Remove tags")

    kind: Literal["remove_tags"] = "remove_tags"
    tags: Annotated[tuple[Text, ...], Field(min_length=1, max_length=20)]


class Attribute(Value):
    """One of the desk's own attributes of conversations; `value` null empties it."""

    model_config = ConfigDict(title="Set an attribute")

    kind: Literal["set_attribute"] = "set_attribute"
    attribute_id: Id
    value: Scalar | None


class Note(Value):
    """A private note for colleagues, on the conversation."""

    model_config = ConfigDict(title="Add a note")

    kind: Literal["add_note"] = "add_note"
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5000)]


class Close(Value):
    model_config = ConfigDict(title="Close")

    kind: Literal["close"] = "close"


class Reopen(Value):
    """Closed or snoozed, it is open again."""

    model_config = ConfigDict(title="Reopen")

    kind: Literal["reopen"] = "reopen"


class Snooze(Value):
    """For so long from the event on: an ISO 8601 duration, such as P1D or PT4H."""

    kind: Literal["snooze"] = "snooze"
    length: str = Field(alias="for")

    model_config = ConfigDict(title="Snooze", validate_by_name=True, serialize_by_alias=True)


class UseSla(Value):
    """Put it under this service level policy, whatever the policies' own conditions say."""

    model_config = ConfigDict(title="Apply a service level")

    kind: Literal["apply_sla"] = "apply_sla"
    policy_id: Id


RuleAction = Annotated[
    Assign
    | AssignTo
    | TakeFrom
    | Follow
    | MakePriority
    | Tags
    | Untag
    | Topic
    | Attribute
    | Spam
    | Note
    | Close
    | Reopen
    | Snooze
    | UseSla
    | Notify
    | AnswerWith
    | MakeTicket
    | Track
    | Emit
    | Call
    | Block,
    Field(discriminator="kind"),
]


class RuleDraft(Value):
    """What a person writes. `brand_ids` empty: every brand. `if` must be given; null means always.

    `stop`: when this rule matches, the rules after it are not looked at. `after`: an ISO 8601 duration, such as PT2H;
    when the rule matches it waits that long, is asked again of the conversation as it is then, and acts if it still
    matches. What `cancel_on` names ends the waiting; spam and a merge end it always. `clock`: when a rule
    for ClockStruck is asked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, serialize_by_alias=True)

    name: Text
    enabled: bool = True
    brand_ids: Annotated[tuple[Id, ...], Field(max_length=200)] = ()
    when: Annotated[tuple[EventName, ...], Field(min_length=1)]
    conditions: Group | None = Field(alias="if")
    then: Annotated[tuple[RuleAction, ...], Field(max_length=20)] = ()
    stop: bool = False
    after: str | None = None
    cancel_on: tuple[Cancels, ...] = ("customer_replied", "agent_replied", "closed")
    clock: ClockTimes | None = None


_OWN = {"contact": CONTACT_ATTRIBUTE, "conversation": ATTRIBUTE, "ticket": TICKET_FIELD}


class RuleField(Value):
    """An attribute of the desk's own or a field of a ticket's form that a rule asks about, as it was when the rule was
    saved, so that the rule can be read when it is gone. A form's field has the id `<ticket type>.<field>`."""

    id: Id
    applies_to: Literal["contact", "conversation", "ticket"]
    label: str
    type: FieldType
    options: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{_OWN[self.applies_to]}{self.id}"


class Rule(RuleDraft, KeptForBrands):
    """A kept rule. `fields` are the desk's own attributes and the fields of tickets' forms that it asks about."""

    fields: tuple[RuleField, ...] = ()


Group.model_rebuild()
