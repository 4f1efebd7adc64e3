"""Tickets as HTTP shows them, and how one command on a ticket is carried out."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from pydantic import BaseModel

from services.tickets.api.context import Tickets, actor
from services.tickets.api.entries import TimelineEntry
from services.tickets.model.links import ticket_link, words_of
from services.tickets.model.state import Context
from services.tickets.model.ticket import Events, type_of
from services.tickets.store.work import Work
from shared import metrics
from shared.access import Viewer
from shared.contracts.tickets import TicketEvent, TicketHead, TicketStateChanged, UpdatePosted
from shared.errors import Conflict, NotFound
from shared.log import Cause
from shared.topics import TICKETS

_NAMES = frozenset(event.__name__ for event in TICKETS.events)


class TicketAnswer(BaseModel):
    """What a command on a ticket led to; no events when everything was so already."""

    head: TicketHead
    events: list[TimelineEntry]


def visible_ticket(head: TicketHead | None, viewer: Viewer) -> TicketHead:
    """The ticket, when the viewer works for its brand; one without a brand is everybody's."""
    if head is None or (head.brand_id is not None and not viewer.sees_brand(head.brand_id)):
        raise NotFound("unknown_ticket", "There is no such ticket, or you do not work for its brand.")
    return head


Decide = Callable[[TicketHead, Context], Events]


async def act_on_ticket(
    tickets: Tickets, viewer: Viewer, ticket_id: str, input_id: str, decide: Decide
) -> TicketAnswer:
    """Load, decide, save in one transaction, answer. Its linked conversations hear of it right after."""

    async def work_on(work: Work) -> None:
        head = visible_ticket(await work.tickets.load(ticket_id), viewer)
        if await work.already_applied([input_id]):
            metrics.tickets_commands.labels("repeated").inc()
            return
        events = decide(head, Context(work.now, actor(viewer)))
        record(work, tickets, input_id, head, events)
        await work.save([input_id])
        metrics.tickets_commands.labels("changed" if events else "unchanged").inc()

    await tickets.store.change(work_on)
    return await ticket_answer(tickets, viewer, ticket_id, input_id)


def record(work: Work, tickets: Tickets, input_id: str, before: TicketHead, events: Events) -> None:
    """Take in a ticket's events, and leave the news that its conversations must hear."""
    work.record_ticket(Cause(input_id, input_id), events)
    for event in events:
        if news := _news(tickets, before, event):
            work.tickets.tell(f"{event.ticket_id}|{event.seq}", work.now, **news)
        before = event.head


def _news(tickets: Tickets, before: TicketHead, event: TicketEvent) -> dict[str, Any] | None:
    head = event.head
    posted = isinstance(event, UpdatePosted)
    if not posted and (before.state, before.title) == (head.state, head.title):
        return None
    words = words_of(type_of(tickets.desk(), head.type_id), head.state)
    news: dict[str, Any] = {"link": ticket_link(head).model_dump(), "by": event.by.model_dump(), "ticket_id": head.id}
    news |= {"label": words.label if before.state != head.state else ""}
    if isinstance(event, UpdatePosted):
        answer = {"answer_text": event.text, "answer_html": event.html}
        news["conversation_ids"] = list(event.conversation_ids)
        return {**news, **answer, "text": event.text, "reply": event.reply}
    told = words.message if isinstance(event, TicketStateChanged) else ""
    answer = {
        "answer_text": told,
        "answer_html": f"<p>{escape(told)}</p>",
    }
    news["conversation_ids"] = []
    return {**news, **answer, "text": "", "reply": "all" if told else "none"}


async def ticket_answer(tickets: Tickets, viewer: Viewer, ticket_id: str, input_id: str) -> TicketAnswer:
    """Read back from the log, so that a repeated command answers alike."""
    rows = [row for row in await tickets.store.log.caused_by(input_id) if row.name in _NAMES]
    if rows:
        last = tickets.entries.head_of(rows[-1])
        if last["id"] != ticket_id:
            raise Conflict("key_used", "This Idempotency-Key was used for another ticket. Take a new one.")
        head = TicketHead.model_validate(last)
    else:
        head = visible_ticket(await tickets.store.ticket(ticket_id), viewer)
    return TicketAnswer(head=head, events=[tickets.entries.of(row) for row in rows])
