"""Messages, heads and deliveries that the tests of notifications start from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.notifications.model import Delivery, Mail
from shared.cloudevents import Received, Record
from shared.contracts.base import Event
from shared.contracts.common import Actor, Address, Attachment, Handle, Message
from shared.contracts.conversations import Head
from shared.ids import derived

AT = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
CONVERSATION = derived("conversation", "1")
ENTRY = derived("entry", "1")
BRAND = Address(address="support@paleohacks.example", name="Paleo Hacks")
CUSTOMER = Address(address="dana@customer.example", name="Dana Reyes")
MAYA = Actor(kind="agent", id="maya", name="Maya Lindqvist")
LOGO = Attachment(
    id="logo", name="logo.png", content_type="image/png", size_bytes=4, inline=True, content_id="logo@desk"
)
LABEL = Attachment(id="label", name="Rücksende-Etikett.pdf", content_type="application/pdf", size_bytes=5)


def head(**changes: Any) -> Head:
    fields: dict[str, Any] = {
        "id": CONVERSATION,
        "seq": 2,
        "brand_id": "paleo-hacks",
        "channel": "email",
        "account": BRAND.address,
        "contact_id": "contact-1",
        "contact_name": CUSTOMER.name,
        "handle": Handle(kind="email", value=CUSTOMER.address, name=CUSTOMER.name),
        "subject": "Where is my order?",
        "started_at": AT,
        "last_activity_at": AT,
        "activity": "ReplySent",
    }
    return Head(**(fields | changes))


def chat_head(visitor_id: str = "visitor-1", **changes: Any) -> Head:
    handle = Handle(kind="visitor", value=visitor_id)
    return head(**({"channel": "chat", "account": "messenger", "handle": handle} | changes))


def message(**changes: Any) -> Message:
    fields: dict[str, Any] = {
        "entry_id": ENTRY,
        "direction": "out",
        "author": MAYA,
        "text": "It left this morning.",
        "html": "<p>It left this morning.</p>",
        "to": (CUSTOMER,),
        "received_at": AT,
    }
    return Message(**(fields | changes))


def mail(**changes: Any) -> Mail:
    fields: dict[str, Any] = {
        "sender": BRAND,
        "to": (CUSTOMER,),
        "subject": "Re: Where is my order?",
        "text": "It left this morning.",
        "html": "<p>It left this morning.</p>",
        "in_reply_to": "<first@customer.example>",
        "references": ("<root@customer.example>", "<first@customer.example>"),
        "written_at": AT,
    }
    return Mail(**(fields | changes))


def delivery(*recipients: str, **changes: Any) -> Delivery:
    fields: dict[str, Any] = {
        "id": derived("delivery", CONVERSATION, ENTRY),
        "conversation_id": CONVERSATION,
        "entry_id": ENTRY,
        "brand_id": "paleo-hacks",
        "channel": "email",
        "due_at": AT,
        "pending": recipients or (CUSTOMER.address,),
        "message_id": "<stable@paleohacks.example>",
        "mail": mail(),
        "correlation_id": "input-1",
        "created_at": AT,
        "updated_at": AT,
    }
    return Delivery(**(fields | changes))


def received(event: Event, event_id: str = "event-1", topic: str = "tickets.conversations.v1") -> Received[Event]:
    record = Record(topic, 0, 0, b"key", event.model_dump_json().encode(), (), 0)
    return Received(
        id=event_id,
        type=f"switchboard.{topic.split('.')[0]}.{type(event).__name__}.v1",
        source="/switchboard/test",
        subject=getattr(event, "conversation_id", ""),
        time=AT,
        sequence=getattr(event, "seq", None),
        correlation_id="input-1",
        causation_id="input-1",
        traceparent="",
        data=event,
        record=record,
    )
