"""`notifications.deliveries.v1`: what became of what we sent. Key: conversation id. Owner: notifications.

And `notifications.endpoints.v1`: what happens to the receivers of outgoing webhooks. Key: endpoint id.
"""

from __future__ import annotations

from typing import Literal

from shared.contracts.base import Event, Id, Time
from shared.contracts.common import Actor
from shared.contracts.phone import DialCode


class DeliveryEvent(Event):
    """`delivery_id` is one message's to its channel; `attempt` counts from 1."""

    delivery_id: Id
    conversation_id: Id
    entry_id: Id
    seq: int
    at: Time
    attempt: int = 1


class DeliverySent(DeliveryEvent):
    """The next hop accepted it. `message_id` is the RFC 5322 one, email only."""

    message_id: str | None = None


class DeliveryFailed(DeliveryEvent):
    """It was refused. `final`: no further attempt follows; else the next one is at `retry_at`."""

    final: bool
    reason: str
    retry_at: Time | None = None


class DialEvent(Event):
    """How a request to call ended; there is one for each `request_id`, so `seq` is 1."""

    request_id: Id
    conversation_id: Id
    seq: int
    at: Time
    number: str


class CallDialed(DialEvent):
    """The phone system took it: the agent's phone is dialling."""


class CallDialFailed(DialEvent):
    """There is no call, `reason` says why. `known` False: whether there is one could not be found out, because the
    phone system's answer did not reach us; it is not asked again."""

    code: DialCode
    known: bool
    reason: str
    retry_at: Time | None = None


class WebhookRefused(Event):
    """A rule's call of one webhook endpoint is not made: `code` and a sentence say why. `custom_id` is that of the
    CustomEventEmitted; there is one for each, so `seq` is 1. `by` is the rule."""

    custom_id: Id
    conversation_id: Id
    seq: int
    at: Time
    by: Actor
    decision_id: str | None = None
    code: str
    reason: str


class EndpointChanged(Event):
    """A webhook endpoint as whoever chooses among them knows it, without its address and secrets: when it is made and
    when any of this is another. `brand_ids` empty: all brands. `seq` rises, with gaps."""

    endpoint_id: Id
    seq: int
    at: Time
    name: str
    brand_ids: tuple[str, ...] = ()
    state: Literal["active", "disabled", "deleted"]


class EndpointDisabled(Event):
    """A webhook endpoint was switched off, by a person or because it did not work. `reason` is a sentence.

    `seq` counts the times that this happened to it, from 1.
    """

    endpoint_id: Id
    seq: int
    at: Time
    name: str
    reason: str
