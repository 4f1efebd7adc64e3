"""What a rule is, as people write it and as it is kept. Shapes only; what the words mean is `compile`'s.

{"name": "Refunds", "when": ["ConversationStarted"], "brand_ids": [],
 "if": {"all": [{"field": "conversation.channel", "operator": "is", "value": "email"},
                {"any": [{"field": "message.text", "operator": "contains", "value": "refund"}]}]},
 "then": [{"kind": "add_tags", "tags": ["refund"]}], "stop": false}
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Discriminator, Field, StringConstraints, Tag

from shared.contracts.base import Id, Time, Value

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Whole = Annotated[int, Field(ge=-(2**53), le=2**53)]
"""What JSON, JavaScript and MongoDB all keep exactly."""
Scalar = bool | Whole | float | Annotated[str, StringConstraints(max_length=2000)]

EventName = Literal[
    "ConversationStarted",
    "CustomerReplied",
    "ReplySent",
    "NoteAdded",
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
]
Strategy = Literal["round_robin", "balanced", "none"]


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


class Assign(Value):
    """Give it to a team and, by `strategy`, to one of its members who is online and has room.

    "none": the team alone. When nobody has room the conversation waits for the team.
    """

    kind: Literal["assign"] = "assign"
    team_id: Id
    strategy: Strategy = "round_robin"


class AssignTo(Value):
    """Give it to one agent by name, once they are online and have room."""

    kind: Literal["assign_to"] = "assign_to"
    agent_id: Id


class MakePriority(Value):
    kind: Literal["set_priority"] = "set_priority"
    priority: bool


class Tags(Value):
    kind: Literal["add_tags"] = "add_tags"
    tags: Annotated[tuple[Text, ...], Field(min_length=1, max_length=20)]


class Topic(Value):
    kind: Literal["set_topic"] = "set_topic"
    topic: Text


class Spam(Value):
    kind: Literal["mark_spam"] = "mark_spam"
    reason: Annotated[str, StringConstraints(max_length=500)] = ""


RuleAction = Annotated[Assign | AssignTo | MakePriority | Tags | Topic | Spam, Field(discriminator="kind")]


class RuleDraft(Value):
    """What a person writes. `brand_ids` empty: every brand. `if` must be given; null means always.

    `stop`: when this rule matches, the rules after it are not looked at.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, serialize_by_alias=True)

    name: Text
    enabled: bool = True
    brand_ids: Annotated[tuple[Id, ...], Field(max_length=200)] = ()
    when: Annotated[tuple[EventName, ...], Field(min_length=1)]
    conditions: Group | None = Field(alias="if")
    then: Annotated[tuple[RuleAction, ...], Field(max_length=20)] = ()
    stop: bool = False


class Rule(RuleDraft):
    """A kept rule. `version` counts its saves from 1; every version is kept for ever.

    `order` is its place among the rules from 0 and no part of a version: moving a rule does not change it.
    `saved_by` is an agent's id, empty for the demo.
    """

    id: Id
    version: int = Field(ge=1)
    order: int = 0
    saved_at: Time
    saved_by: str = ""


Group.model_rebuild()
