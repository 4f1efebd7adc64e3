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
from shared.contracts.contacts import ContactEvent
from shared.contracts.conversations import (
    Closed,
    ConversationEvent,
    ConversationStarted,
    CustomerReplied,
    Reopened,
    ReplySent,
)
from shared.contracts.directory import Permission
from shared.contracts.notices import AgentNotified
from shared.contracts.routing import StatusChanged
from shared.contracts.tickets import TicketEvent
from shared.scope import Standing
from shared.signing import Visitor

Link = Callable[[str], str]
"""A file's id → an address that opens it for a while."""

TICKET = "ticket:"
CONTACT = "contact:"
NOTICE = "notice:"
TICKET_NOTICE = "ticket-notice:"
HISTORY_MS = 3600 * 1000

_LEFT_OUT = frozenset({"conversation_id", "seq", "at", "by", "decision_id", "head", "ticket"})
"""Of an event's fields: what stands elsewhere in the entry, and the ticket, which is for rules and read where it is."""


_NEEDED: dict[str, Permission] = {
    TICKET: "tickets.read",
    TICKET_NOTICE: "tickets.read",
    CONTACT: "contacts.read",
}
_NOTICE_FIELDS = {
    "id",
    "kind",
    "at",
    "by",
    "conversation_id",
    "ticket_id",
    "title",
    "contact_name",
    "excerpt",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One event for the browsers. `of` and `seq` name its place: the same place is never written twice.

    `standing` None concerns every agent, else those whose scope it is in; `to`, of all those only that agent. `agents`
    and `visitors` are frames without their `id`, "" when that audience gets none; `visitor_id` says whose messenger it
    is. `began` says what it began with, `began_ms` when: "customer" when we accepted a customer's message, "desk" when
    the desk did something; "" is not measured.
    """

    of: str
    seq: int
    standing: Standing | None = None
    visitor_id: str = ""
    agents: str = ""
    visitors: str = ""
    began: str = ""
    began_ms: int = 0
    to: str = ""


def entry_of(received: Received[Event], link: Link) -> Entry | None:
    """The entry for an event of a conversation or ticket, what people do to a contact, or an agent's change of status,
    or what one is told; None for anything else: whom the desk meets for the first time, nobody has on the screen."""
    event = received.data
    if isinstance(event, TicketEvent):
        return Entry(of=f"{TICKET}{event.ticket_id}", seq=event.seq, agents=_ticket(event))
    if isinstance(event, ContactEvent):
        frame = _frame({"type": "contact", "contact_id": event.contact_id, "seq": event.seq})
        return Entry(of=f"{CONTACT}{event.contact_id}", seq=event.seq, agents=frame) if event.by else None
    if isinstance(event, AgentNotified):
        return _notice_entry(event)
    if isinstance(event, StatusChanged):
        return Entry(of=f"agent:{event.agent_id}", seq=event.seq, agents=_availability(event))
    if not isinstance(event, ConversationEvent):
        return None
    visitors = _visitor_frame(event, link)
    began, began_ms = _began(event, received.record.timestamp_ms)
    return Entry(
        of=f"conversation:{event.conversation_id}",
        seq=event.seq,
        standing=_standing(event),
        visitor_id=event.head.handle.value if visitors else "",
        agents=_agent_frame(received.id, event, link),
        visitors=visitors,
        began=began,
        began_ms=began_ms,
    )


def _notice_entry(event: AgentNotified) -> Entry | None:
    """For the agent alone whom it tells; what is only mailed is no news to a browser."""
    if not (event.in_app or event.desktop):
        return None
    told = event.notice
    fields = {
        "type": "notice",
        "notice": {**told.model_dump(mode="json", include=_NOTICE_FIELDS), "read_at": None},
        "in_app": event.in_app,
        "desktop": event.desktop,
    }
    standing = Standing(told.brand_id, told.channel, told.team_id, told.assignee_id, told.created_by)
    return Entry(
        of=f"{TICKET_NOTICE if told.conversation_id is None else NOTICE}{event.notice_id}",
        seq=event.seq,
        standing=standing if told.brand_id else None,
        to=event.agent_id,
        agents=_frame(fields),
    )


def _standing(event: ConversationEvent) -> Standing:
    head = event.head
    return Standing(head.brand_id, head.channel, head.team_id, head.assignee_id, head.created_by)


def _began(event: ConversationEvent, published_ms: int) -> tuple[str, int]:
    """What it began with and when. What was an hour old when it was published is history that was
    brought in, or waited in an outbox, whose age is watched by itself."""
    began, at = "desk", event.at
    match event:
        case ConversationStarted() | CustomerReplied() if event.message and event.message.direction == "in":
            began, at = "customer", event.message.received_at
    began_ms = int(at.timestamp() * 1000)
    return ("", 0) if published_ms - began_ms > HISTORY_MS else (began, began_ms)


def with_id(frame: str, entry_id: str) -> str:
    """The frame as it is sent, with its place in the stream."""
    return f'{{"id":"{entry_id}",{frame[1:]}'


def agent_may_see(viewer: Viewer, entry: Entry) -> bool:
    """The same as what the agent may read by HTTP: conversations in their scope; that a ticket or contact changed;
    what they are told themselves."""
    kind = f"{entry.of.partition(':')[0]}:"
    needed = _NEEDED.get(kind, "conversations.read")
    allowed = viewer.may(needed) and bool(entry.agents) and entry.to in ("", viewer.agent_id)
    if kind == TICKET_NOTICE and entry.standing:
        return allowed and viewer.sees_brand(entry.standing.brand_id)  # a ticket has no channel, and its own team
    return allowed and (entry.standing is None or viewer.sees(entry.standing))


def visitor_may_see(visitor: Visitor, entry: Entry) -> bool:
    """Their own chat with this brand, and of it only what is meant for customers."""
    if entry.standing is None or not entry.visitors or not entry.visitor_id:
        return False
    return (entry.standing.brand_id, entry.visitor_id) == (visitor.brand_id, visitor.visitor_id)


def _ticket(event: TicketEvent) -> str:
    """That it changed, and no more: tickets answers who may see what."""
    return _frame({"type": "ticket", "ticket_id": event.ticket_id, "seq": event.seq})


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
    data = {name: value for name, value in fields.items() if name not in _LEFT_OUT}
    for carrier in (data.get("message") or {}, data.get("mail") or {}, data):
        for attachment in carrier.get("attachments", ()):
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
