"""What the conversations of a ticket hear of what happens to it. Pure.

Its state is told to all of them, a tracker's updates as well, with what their customers are answered. What colleagues
do beside that is told to the conversations of a back-office ticket alone: a tracker may have thousands.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from services.tickets.model.links import ticket_link
from services.tickets.model.state import Desk
from services.tickets.model.ticket import Events, type_of
from shared.contracts.directory import StateWords, TicketTypeChanged
from shared.contracts.linked import TicketChange, TicketPart
from shared.contracts.sla import SlaChange
from shared.contracts.tickets import (
    TicketAssigned,
    TicketCommented,
    TicketDueChanged,
    TicketEvent,
    TicketFieldsChanged,
    TicketHead,
    TicketSlaUpdated,
    TicketState,
    TicketStateChanged,
    UpdatePosted,
)

News = dict[str, Any]
"""As it is kept until it is told."""

_CHANGES: dict[type[TicketEvent], TicketChange] = {
    TicketAssigned: "assigned",
    TicketCommented: "commented",
    TicketFieldsChanged: "edited",
    TicketDueChanged: "due",
}
_OF_SLA: dict[SlaChange, TicketChange] = {"warned": "sla_warned", "breached": "sla_breached"}


def words_of(type_: TicketTypeChanged, state: TicketState) -> StateWords:
    """What customers are told about a state."""
    return next((one for one in type_.customer if one.state == state), StateWords(state=state))


def news_of(before: TicketHead, events: Events, desk: Desk) -> Iterator[tuple[str, News]]:
    """The news of a ticket's events, each with its id. `before` is the ticket before them."""
    for event in events:
        if (told := _told(before, event, desk)) is not None:
            head = event.head
            about = {"link": ticket_link(head).model_dump(), "ticket": head.model_dump(), "by": event.by.model_dump()}
            yield f"{event.ticket_id}|{event.seq}", {"ticket_id": head.id, **about, **told}
        before = event.head


def _told(before: TicketHead, event: TicketEvent, desk: Desk) -> News | None:
    match event:
        case TicketStateChanged():
            words = words_of(type_of(desk, event.head.type_id), event.state)
            told = {"answer_text": words.message, "answer_html": f"<p>{escape(words.message)}</p>"}
            reply = "all" if words.message else "none"
            return _progress(label=words.label, reply=reply, previous_state=event.previous_state, **told)
        case UpdatePosted():
            told = {"answer_text": event.text, "answer_html": event.html}
            return _progress(text=event.text, reply=event.reply, conversation_ids=list(event.conversation_ids), **told)
    return _update(before, event)


def _progress(**fields: Any) -> News:
    return {"label": "", "text": "", "conversation_ids": [], "previous_state": None, **fields}


def _update(before: TicketHead, event: TicketEvent) -> News | None:
    change, parts = _change(event), _parts(before, event.head)
    if change is None or (event.head.kind == "tracker" and "title" not in parts):
        return None
    fields = event.changed if isinstance(event, TicketFieldsChanged) else ()
    return {"change": change, "parts": parts, "fields": list(fields)}


def _change(event: TicketEvent) -> TicketChange | None:
    return _OF_SLA.get(event.change) if isinstance(event, TicketSlaUpdated) else _CHANGES.get(type(event))


def _parts(before: TicketHead, after: TicketHead) -> list[TicketPart]:
    pairs: dict[TicketPart, tuple[object, object]] = {
        "title": (before.title, after.title),
        "team": (before.team_id, after.team_id),
        "assignee": (before.assignee_id, after.assignee_id),
        "due_at": (before.due_at, after.due_at),
    }
    return [part for part, (old, new) in pairs.items() if old != new]
