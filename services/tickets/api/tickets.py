"""The ticket inbox: find tickets, read one and what happened to it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.tickets.api.context import CurrentTickets
from services.tickets.api.entries import TimelineEntry
from services.tickets.api.ticket_entries import visible_ticket
from services.tickets.store.tickets import (
    TicketQuery,
    TicketSort,
    conversations_of,
    count_tickets,
    find_tickets,
    titled,
)
from shared.access import CurrentViewer
from shared.contracts.common import Channel, ConversationStatus
from shared.contracts.tickets import TicketHead, TicketKind, TicketState

router = APIRouter(prefix="/tickets", tags=["tickets"])

OPEN: tuple[TicketState, ...] = ("submitted", "in_progress", "waiting_on_customer")
Text = Annotated[str | None, Query(max_length=250)]
Whose = Annotated[str | None, Query(max_length=250, description="an agent's id, `me`, or empty: nobody")]


class TicketItems(BaseModel):
    items: list[TicketHead]
    next_cursor: str | None


class TicketCounts(BaseModel):
    """How many are not resolved: `all`, `mine`, `unassigned`, `state:<state>`, `type:<id>`, `team:<id>`."""

    counts: dict[str, int]


class LinkedConversation(BaseModel):
    """A conversation that a ticket is linked to, as far as the viewer may see it."""

    id: str
    subject: str
    contact_name: str
    channel: Channel
    brand_id: str
    status: ConversationStatus


class LinkedConversations(BaseModel):
    """`next_after` is what to ask for next; None at the end."""

    items: list[LinkedConversation]
    next_after: str | None


class TicketTimeline(BaseModel):
    items: list[TimelineEntry]


@router.get("")
async def tickets_list(
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    state: Annotated[list[TicketState] | None, Query(description="not resolved, when none is named")] = None,
    kind: TicketKind | None = None,
    type_id: Text = None,
    team_id: Text = None,
    assignee_id: Whose = None,
    contact_id: Text = None,
    number: Annotated[int | None, Query(ge=1)] = None,
    sort: TicketSort = "newest",
    cursor: Annotated[str | None, Query(max_length=500)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> TicketItems:
    """One page of tickets of the viewer's brands. `sort=due` shows those that have a due time."""
    viewer.need("tickets.read")
    contact = await tickets.store.contact(contact_id) if contact_id else None
    query = TicketQuery(
        states=tuple(state) if state else OPEN,
        kind=kind,
        type_id=type_id,
        team_id=team_id,
        assignee_id=viewer.agent_id if assignee_id == "me" else assignee_id,
        contact_ids=(contact.id, *contact.merged_ids) if contact else (contact_id,) if contact_id else (),
        brands=viewer.brand_ids,
        number=number,
        sort=sort,
    )
    page = await find_tickets(tickets.store.tickets.tickets, query, cursor=cursor, limit=limit)
    return TicketItems(items=page.items, next_cursor=page.next_cursor)


@router.get("/counts")
async def counts(
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    kind: TicketKind | None = None,
    type_id: Text = None,
    team_id: Text = None,
    assignee_id: Whose = None,
) -> TicketCounts:
    """Of all that the viewer sees, or of those that a list narrowed in the same way shows."""
    viewer.need("tickets.read")
    query = TicketQuery(
        states=OPEN,
        kind=kind,
        type_id=type_id,
        team_id=team_id,
        assignee_id=viewer.agent_id if assignee_id == "me" else assignee_id,
        brands=viewer.brand_ids,
    )
    return TicketCounts(counts=await count_tickets(tickets.store.tickets.tickets, query, viewer.agent_id))


@router.get("/find")
async def find(
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    kind: TicketKind = "tracker",
    text: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
) -> list[TicketHead]:
    """Unresolved ones to choose from, by words of the title or by number; the most reported first."""
    viewer.need("tickets.read")
    return await titled(tickets.store.tickets.tickets, kind, text, viewer.brand_ids, limit)


@router.get("/{ticket_id}")
async def ticket(ticket_id: str, viewer: CurrentViewer, tickets: CurrentTickets) -> TicketHead:
    viewer.need("tickets.read")
    return visible_ticket(await tickets.store.ticket(ticket_id), viewer)


@router.get("/{ticket_id}/timeline")
async def timeline(ticket_id: str, viewer: CurrentViewer, tickets: CurrentTickets) -> TicketTimeline:
    """What happened to it, oldest first; the latest 1,000 steps."""
    viewer.need("tickets.read")
    visible_ticket(await tickets.store.ticket(ticket_id), viewer)
    rows = await tickets.store.log.read(ticket_id, limit=1_000, newest_first=True)
    return TicketTimeline(items=[tickets.entries.of(row) for row in reversed(rows)])


@router.get("/{ticket_id}/conversations")
async def linked(
    ticket_id: str,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    after: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> LinkedConversations:
    """Conversations it is linked to. Those of brands that the viewer does not work for are left out."""
    viewer.need("tickets.read")
    visible_ticket(await tickets.store.ticket(ticket_id), viewer)
    ids = await conversations_of(tickets.store.tickets.links, ticket_id, after, limit)
    known = await tickets.store.heads(ids)
    found = {id_: head for id_, head in known.items() if head.merged_into is None}
    items = [
        LinkedConversation(
            id=head.id,
            subject=head.subject,
            contact_name=head.contact_name,
            channel=head.channel,
            brand_id=head.brand_id,
            status=head.status,
        )
        for head in (found[id_] for id_ in ids if id_ in found)
        if viewer.sees(head)
    ]
    return LinkedConversations(items=items, next_after=ids[-1] if len(ids) == limit else None)
