"""Records as ingest, routing and notifications would publish them."""

from __future__ import annotations

from datetime import UTC, datetime

from shared import clock, ids
from shared.cloudevents import Received, Record
from shared.contracts.base import Event
from shared.contracts.common import Actor, Address, Handle, Message
from shared.contracts.ingest import MessageReceived
from shared.ids import random_id
from shared.topics import MESSAGES, Topic


def received(event: Event, *, id_: str | None = None, topic: Topic = MESSAGES) -> Received[Event]:
    """An event as the consumer hands it over."""
    event_id = id_ or random_id()
    return Received(
        id=event_id,
        type=topic.type_of(type(event)),
        source="/switchboard/test",
        subject="",
        time=datetime.now(UTC),
        sequence=1,
        correlation_id=event_id,
        causation_id="",
        traceparent="",
        data=event,
        record=Record(topic.name, 0, 0, None, b"", (), 0),
    )


def conversation_id(name: object) -> str:
    return ids.derived("conversation", str(name))


def message(
    conversation: object,
    text: str = "Where is my order?",
    *,
    sender: str = "ada@example.org",
    brand_id: str = "paleo-hacks",
    channel: str = "email",
    **fields: object,
) -> MessageReceived:
    kind = {"email": "email", "chat": "visitor"}.get(channel, "external")
    handle = Handle.model_validate({"kind": kind, "value": sender, "name": "Ada Byron"})
    input_id = random_id()
    return MessageReceived.model_validate(
        {
            "input_id": input_id,
            "conversation_id": conversation_id(conversation),
            "brand_id": brand_id,
            "channel": channel,
            "account": f"support@{brand_id}.example",
            "sender": handle,
            "message": Message.model_validate(
                {
                    "entry_id": ids.derived("entry", input_id),
                    "direction": "in",
                    "author": Actor(kind="customer", name="Ada Byron"),
                    "sender": handle,
                    "subject": "My order" if channel == "email" else "",
                    "text": text,
                    "to": (Address(address=f"support@{brand_id}.example"),) if channel == "email" else (),
                    "message_id": f"<{input_id}@example.org>" if channel == "email" else None,
                    "received_at": clock.now(),
                    **fields,
                }
            ),
        }
    )
