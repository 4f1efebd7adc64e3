"""`notifications.deliveries.v1`: what became of what we sent. Key: conversation id. Owner: notifications."""

from __future__ import annotations

from shared.contracts.base import Event, Id, Time


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
