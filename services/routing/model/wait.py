"""What a conversation keeps for the rules that wait on it, and for those that ask how long ago something was."""

from __future__ import annotations

from services.routing.rules.schema import Cancels
from shared.contracts.base import Id, Time, Value
from shared.contracts.common import ConversationStatus

WAITS_MAX = 50
"""Rules that may wait on one conversation."""
FIRED_MAX = 1000
"""Rules about time or the clock whose last acting a conversation remembers."""


class Wait(Value):
    """A rule that matched an event and waits. It waits by the rule's id, not by its version: a rule that is changed
    meanwhile keeps its place, counted from the same event (`since`).

    `kind` is the event's name and `data` the event as JSON without its head. `cancel_on` and `due_at` are as the rule
    said when it began. `chain` are the rules that led there.
    """

    rule_id: Id
    event_id: Id
    event: str
    kind: str
    data: str
    since: Time
    due_at: Time
    cancel_on: tuple[Cancels, ...]
    status_before: ConversationStatus | None = None
    correlation_id: str
    chain: tuple[Id, ...] = ()


class Fired(Value):
    """A rule about time that has acted, on these moments, or one at times of the clock, at the last of them. It acts
    again when one of them is another."""

    rule_id: Id
    moments: str


def fired_with(fired: tuple[Fired, ...], one: Fired) -> tuple[Fired, ...]:
    """Of each rule the last acting counts."""
    others = tuple(each for each in fired if each.rule_id != one.rule_id)
    return (*others, one)[-FIRED_MAX:]
