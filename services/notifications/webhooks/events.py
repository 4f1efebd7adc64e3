"""Which event goes to which endpoint, and what it says there. Pure.

The body is a CloudEvent in structured mode (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md),
with the `type`, `timestamp` and `data` that Standard Webhooks recommends.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from services.notifications.webhooks.model import PING_TYPE, Asked, Endpoint
from shared.cloudevents import Received
from shared.contracts.automation import CustomEventEmitted
from shared.contracts.base import Event
from shared.contracts.common import Message
from shared.contracts.contacts import ContactEvent
from shared.contracts.conversations import ConversationEvent
from shared.contracts.deliveries import WebhookRefused
from shared.topics import read_by

GROUP = "notifications.webhooks"
EVENT_TYPES: tuple[str, ...] = tuple(
    sorted({topic.type_of(event) for topic in read_by(GROUP) for event in topic.events})
)
"""What an endpoint may subscribe to: every event of the Kafka topics that the group reads."""

Link = Callable[[str], str]
"""A file's id → an address that opens it for a while."""


def brands_of(event: Event) -> frozenset[str] | None:
    """The brands that an event is about; None when it does not say."""
    if isinstance(event, ConversationEvent):
        return frozenset({event.head.brand_id})
    if isinstance(event, ContactEvent):
        return frozenset(event.contact.brand_ids)
    return None


def wants(endpoint: Endpoint, received: Received[Event]) -> bool:
    """Whether the endpoint is to be told. What happened before it was there, or was imported, is not told.

    An event that does not say its brand goes only to endpoints for all brands: it might be another's.
    """
    if endpoint.state != "active" or received.type not in endpoint.event_types:
        return False
    if received.time < endpoint.created_at or getattr(received.data, "imported", False):
        return False
    return _is_for(endpoint, brands_of(received.data))


def answers_for(endpoints: Sequence[Endpoint], event: ConversationEvent) -> Endpoint | None:
    """The endpoint that carries answers on a custom conversation: the oldest that is for its channel and brand, one
    that works before one that is switched off."""
    fitting = [
        one
        for one in endpoints
        if event.head.account in one.reply_channels and _is_for(one, frozenset({event.head.brand_id}))
    ]
    return min(fitting, key=lambda one: (one.state != "active", one.created_at, one.id), default=None)


class Refusal(NamedTuple):
    """Why a rule's call is not made. `kept`: it is on the endpoint's dead list, to be replayed."""

    code: str
    reason: str
    kept: bool = False


GONE = Refusal("unknown_webhook", "The webhook is not there any more.")
FOR_OTHERS = Refusal("other_brand", "The webhook is not for this brand.")
OFF = Refusal("webhook_off", "The webhook is switched off. The call is on its dead list.", kept=True)
"""Without the endpoint's name: everybody who sees the conversation reads this, and not everybody sees the endpoint."""


def refusal(endpoint: Endpoint | None, event: CustomEventEmitted) -> Refusal | None:
    """Why the one endpoint that a rule names is not called; None: it is. What it subscribes to makes no difference."""
    if endpoint is None:
        return GONE
    if not _is_for(endpoint, brands_of(event)):
        return FOR_OTHERS
    if endpoint.state != "active":
        return OFF
    return None


def asked_by(received: Received[Event], event: CustomEventEmitted) -> Asked:
    return Asked(
        custom_id=event.custom_id,
        conversation_id=event.conversation_id,
        by=event.by,
        decision_id=event.decision_id,
        correlation_id=received.correlation_id,
        traceparent=received.traceparent,
    )


def refused(asked: Asked, why: Refusal, now: datetime) -> WebhookRefused:
    return WebhookRefused(
        custom_id=asked.custom_id,
        conversation_id=asked.conversation_id,
        seq=1,
        at=now,
        by=asked.by,
        decision_id=asked.decision_id,
        code=why.code,
        reason=why.reason,
    )


def _is_for(endpoint: Endpoint, brands: frozenset[str] | None) -> bool:
    return not endpoint.brand_ids or (brands is not None and not brands.isdisjoint(endpoint.brand_ids))


def body_of(received: Received[Event], link: Link) -> bytes:
    """The event as every endpoint gets it, the same bytes at every attempt. Files carry a signed `url`."""
    data: dict[str, Any] = received.data.model_dump(mode="json")
    for carrier in ("message", "mail"):
        if isinstance(getattr(received.data, carrier, None), Message):
            for file in data[carrier]["attachments"]:
                file["url"] = link(file["id"])
    attributes = {
        "specversion": "1.0",
        "id": received.id,
        "source": received.source,
        "type": received.type,
        "subject": received.subject,
        "sequence": str(received.sequence) if received.sequence is not None else "",
        "correlationid": received.correlation_id,
        "traceparent": received.traceparent,
    }
    return _json({name: text for name, text in attributes.items() if text}, received.time, data)


def ping_body(event_id: str, endpoint: Endpoint, at: datetime) -> bytes:
    """A test event; it says which endpoint it was made for."""
    attributes = {
        "specversion": "1.0",
        "id": event_id,
        "source": "/switchboard/notifications",
        "type": PING_TYPE,
        "subject": endpoint.id,
    }
    return _json(attributes, at, {"endpoint_id": endpoint.id, "name": endpoint.name})


def _json(attributes: dict[str, str], at: datetime, data: dict[str, Any]) -> bytes:
    time = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    whole = {**attributes, "time": time, "timestamp": time, "datacontenttype": "application/json", "data": data}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
