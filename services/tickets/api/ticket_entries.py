"""Tickets as HTTP shows them, and how one command on a ticket is carried out."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import BaseModel

from services.tickets.api.context import Tickets, actor
from services.tickets.api.entries import TimelineEntry
from services.tickets.model.draft import Place, TicketBox
from services.tickets.model.state import Context
from services.tickets.model.ticket import Events
from services.tickets.model.ticket_news import news_of
from services.tickets.store.work import Work
from shared import metrics
from shared.access import Viewer
from shared.contracts.tickets import TicketHead
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
    tickets: Tickets,
    viewer: Viewer,
    ticket_id: str,
    input_id: str,
    decide: Decide,
    *,
    sends: TicketBox | None = None,
) -> TicketAnswer:
    """Load, decide, save in one transaction, answer. Its linked conversations hear of it right after. `sends`: which of
    the viewer's drafts is done with by it."""

    async def work_on(work: Work) -> None:
        head = visible_ticket(await work.tickets.load(ticket_id), viewer)
        if await work.already_applied([input_id]):
            metrics.tickets_commands.labels("repeated").inc()
            return
        events = decide(head, Context(work.now, actor(viewer)))
        record(work, tickets, input_id, head, events)
        if sends is not None:
            await tickets.store.drafts.empty(viewer.agent_id, Place(sends, "ticket", ticket_id), work.session)
        await work.save([input_id])
        metrics.tickets_commands.labels("changed" if events else "unchanged").inc()

    await tickets.store.change(work_on)
    return await ticket_answer(tickets, viewer, ticket_id, input_id)


def record(work: Work, tickets: Tickets, input_id: str, before: TicketHead, events: Events) -> None:
    """Take in a ticket's events, and leave the news that its conversations must hear."""
    work.record_ticket(Cause(input_id, input_id), events)
    work.tickets.tell(news_of(before, events, tickets.desk()), work.now)


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
