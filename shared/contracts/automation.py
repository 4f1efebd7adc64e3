"""Events of `tickets.conversations.v1` that rules bring about by themselves: colleagues are told, a rule's own event is
emitted, and what a rule could not do is said (RT1, RT5)."""

from __future__ import annotations

from shared.contracts.base import Id
from shared.contracts.conversations import ConversationEvent
from shared.contracts.routing import NotifyWhom
from shared.contracts.tickets import TicketField


class AlertRaised(ConversationEvent):
    """A rule wants somebody to look. Told are `agent_ids`, the members of `team_ids`, and those whom `to` names."""

    alert_id: Id
    text: str
    to: tuple[NotifyWhom, ...] = ()
    agent_ids: tuple[str, ...] = ()
    team_ids: tuple[str, ...] = ()


class CustomEventEmitted(ConversationEvent):
    """An event of a rule's own, for whoever reads this Kafka topic or has a webhook. `name` and `attributes` are the
    rule's, by `id`; `custom_id` is the same however often it is delivered. `endpoint_id`: it calls this webhook
    endpoint alone."""

    custom_id: Id
    name: str
    attributes: tuple[TicketField, ...] = ()
    endpoint_id: str | None = None


class ActionRefused(ConversationEvent):
    """A rule wanted to do something (`action`, as rules call it) and it was not done: `code` and a sentence say why."""

    action: str
    code: str
    reason: str
