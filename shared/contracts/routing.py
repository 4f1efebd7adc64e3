"""`routing.decisions.v1` (key: conversation id) and `routing.availability.v1` (key: agent id). Owner: routing."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.base import Event, Id, Time, Value
from shared.contracts.common import RuleRef


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


Action = Annotated[AssignTeam | AssignAgent | SetPriority | AddTags | SetTopic | MarkSpam, Field(discriminator="kind")]


class Trigger(Value):
    """The event that was looked at: its CloudEvent id, its name and its place in the conversation."""

    event_id: Id
    event: str
    seq: int


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


class StatusChanged(Event):
    agent_id: Id
    seq: int
    at: Time
    status: AgentStatus
    reason: str = ""
