"""What an event looks like to a browser, and who may see it. Pure.

A frame is made once, where the event is read from Kafka, and goes unchanged to every socket that may see it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json

from shared.access import Viewer
from shared.cloudevents import Received
from shared.contracts.base import Event
from shared.contracts.common import Message
from shared.contracts.conversations import (
    Closed,
    ConversationEvent,
    ConversationStarted,
    CustomerReplied,
    Reopened,
    ReplySent,
)
from shared.contracts.routing import StatusChanged
from shared.signing import Visitor

Link = Callable[[str], str]
"""A file's id → an address that opens it for a while."""

_ENVELOPE = frozenset({"conversation_id", "seq", "at", "by", "decision_id", "head"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One event for the browsers. `of` and `seq` name its place: the same place is never written twice.

    `brand_id` "" concerns every agent. `agents` and `visitors` are frames without their `id`, "" when that
    audience gets none; `visitor_id` says whose messenger it is.
    """

    of: str
    seq: int
    brand_id: str = ""
    visitor_id: str = ""
    agents: str = ""
    visitors: str = ""


def entry_of(received: Received[Event], link: Link) -> Entry | None:
    """The entry for a conversation's event or an agent's change of status; None for anything else."""
    event = received.data
    if isinstance(event, StatusChanged):
        return Entry(of=f"agent:{event.agent_id}", seq=event.seq, agents=_availability(event))
    if not isinstance(event, ConversationEvent):
        return None
    visitors = _visitor_frame(event, link)
    return Entry(
        of=f"conversation:{event.conversation_id}",
        seq=event.seq,
        brand_id=event.head.brand_id,
        visitor_id=event.head.handle.value if visitors else "",
        agents=_agent_frame(received.id, event, link),
        visitors=visitors,
    )


def with_id(frame: str, entry_id: str) -> str:
    """The frame as it is sent, with its place in the stream."""
    return f'{{"id":"{entry_id}",{frame[1:]}'


def agent_may_see(viewer: Viewer, entry: Entry) -> bool:
    """The same as what the agent may read by HTTP: conversations of their brands."""
    allowed = viewer.may("conversations.read") and bool(entry.agents)
    return allowed and (not entry.brand_id or viewer.sees_brand(entry.brand_id))


def visitor_may_see(visitor: Visitor, entry: Entry) -> bool:
    """Their own chat with this brand, and of it only what is meant for customers."""
    mine = (entry.brand_id, entry.visitor_id) == (visitor.brand_id, visitor.visitor_id)
    return mine and bool(entry.visitors) and bool(entry.visitor_id)


def _availability(event: StatusChanged) -> str:
    return _frame(
        {
            "type": "availability",
            "agent_id": event.agent_id,
            "status": event.status,
            "reason": event.reason,
            "at": event.at,
        }
    )


def _agent_frame(event_id: str, event: ConversationEvent, link: Link) -> str:
    """The timeline entry, with the head beside it; every attachment carries a link."""
    fields = event.model_dump(mode="json")
    data = {name: value for name, value in fields.items() if name not in _ENVELOPE}
    for attachment in (data.get("message") or {}).get("attachments", ()):
        attachment["url"] = link(attachment["id"])
    entry = {
        "id": event_id,
        "conversation_id": event.conversation_id,
        "seq": event.seq,
        "type": type(event).__name__,
        "at": fields["at"],
        "by": fields["by"],
        "decision_id": event.decision_id,
        "data": data,
    }
    return _frame({"type": "event", "event": entry, "head": fields["head"]})


def _visitor_frame(event: ConversationEvent, link: Link) -> str:
    """What the visitor gets of it: messages in and out, open or closed. Never anything else.

    A message opens what was closed, so it needs no status of its own; snoozing is the desk's affair.
    """
    if event.head.channel != "chat" or event.head.handle.kind != "visitor":
        return ""
    match event:
        case ConversationStarted() | CustomerReplied() | ReplySent() if event.message is not None:
            message = _chat_message(event.message, link)
            return _frame({"type": "message", "conversation_id": event.conversation_id, "message": message})
        case Closed() | Reopened():
            status = "closed" if isinstance(event, Closed) else "open"
            return _frame({"type": "status", "conversation_id": event.conversation_id, "status": status})
    return ""


def _chat_message(message: Message, link: Link) -> dict[str, Any]:
    """ChatMessage, as tickets' `GET /messenger/conversations` gives it."""
    return {
        "entry_id": message.entry_id,
        "direction": message.direction,
        "author_name": message.author.name,
        "text": message.text,
        "html": message.html,
        "attachments": [{**one.model_dump(mode="json"), "url": link(one.id)} for one in message.attachments],
        "at": message.received_at,
    }


def _frame(fields: dict[str, Any]) -> str:
    return to_json(fields).decode()
