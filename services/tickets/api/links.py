"""Links between a conversation and tickets, trackers, other conversations and web pages (CV9)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from services.tickets.api.context import (
    CurrentTickets,
    IdempotencyKey,
    Tickets,
    act_by_id,
    actor,
    answer,
    command_id,
    visible,
)
from services.tickets.api.entries import Answer
from services.tickets.api.ticket_entries import visible_ticket
from services.tickets.model import links as model
from services.tickets.model import ticket as ticket_model
from services.tickets.model.state import Context
from services.tickets.store.work import Work
from shared import ids
from shared.access import CurrentViewer, Viewer
from shared.contracts.conversations import Head
from shared.errors import FieldError, Invalid
from shared.http import Body
from shared.log import Cause

router = APIRouter(prefix="/conversations/{conversation_id}/links", tags=["links"])


class LinkBody(Body):
    """Exactly one of: a ticket or tracker, another conversation, a web page."""

    ticket_id: Annotated[str, Field(max_length=200)] | None = None
    conversation_id: Annotated[str, Field(max_length=200)] | None = None
    url: Annotated[str, Field(max_length=model.URL_CHARS)] | None = None
    title: Annotated[str, Field(max_length=500)] = ""


@router.post("")
async def link(
    conversation_id: str,
    body: LinkBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Link something to the conversation. A tracker then counts one more report."""
    viewer.need("conversations.edit")
    if sum(one is not None for one in (body.ticket_id, body.conversation_id, body.url)) != 1:
        raise Invalid(
            "one_link",
            "Name one thing to link: ticket_id, conversation_id or url.",
            (FieldError("body", "names none or several things to link"),),
        )
    input_id = command_id(viewer, idempotency_key)
    if body.ticket_id is not None:
        return await _link_ticket(tickets, viewer, conversation_id, body.ticket_id, input_id)
    if body.url is not None:
        page = model.page_link(ids.derived("page", body.url.strip()), body.url, body.title)
    else:
        other = visible(await tickets.store.conversation(body.conversation_id or ""), viewer)
        page = model.conversation_link(other.head)
    return await act_by_id(
        tickets, viewer, conversation_id, input_id, lambda state, context: model.decide_link(state, context, page)
    )


async def _link_ticket(tickets: Tickets, viewer: Viewer, conversation_id: str, ticket_id: str, input_id: str) -> Answer:
    viewer.need("tickets.read")

    async def work_on(work: Work) -> Head | None:
        await work.load([conversation_id])
        state = visible(work.conversation(conversation_id), viewer)
        ticket = visible_ticket(await work.tickets.load(ticket_id), viewer)
        if await work.already_applied([input_id]):
            return None
        context, cause = Context(work.now, actor(viewer)), Cause(input_id, input_id)
        events = model.decide_link(state, context, model.ticket_link(ticket), ticket)
        if events:
            work.record(cause, events)
            work.record_ticket(cause, ticket_model.decide_linked(ticket, context, conversation_id=state.head.id))
            work.tickets.link(ticket_id, state.head.id, work.now)
        await work.save([input_id])
        return events[-1].head if events else state.head

    head = await tickets.store.change(work_on)
    return await answer(tickets, viewer, conversation_id, input_id, head)


@router.delete("/{link_id}")
async def unlink(
    conversation_id: str,
    link_id: str,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Take a link away. A tracker then counts one report less; nothing else changes on either side."""
    viewer.need("conversations.edit")
    input_id = command_id(viewer, idempotency_key)

    async def work_on(work: Work) -> Head | None:
        await work.load([conversation_id])
        state = visible(work.conversation(conversation_id), viewer)
        if await work.already_applied([input_id]):
            return None
        context, cause = Context(work.now, actor(viewer)), Cause(input_id, input_id)
        found = model.find_link(state.head, link_id)
        ticket = await work.tickets.load(link_id) if found and found.kind in ("ticket", "tracker") else None
        events = model.decide_unlink(state, context, link_id, ticket)
        work.record(cause, events)
        if ticket is not None:
            work.record_ticket(cause, ticket_model.decide_unlinked(ticket, context, conversation_id=state.head.id))
            work.tickets.unlink(ticket.id, state.head.id)
        await work.save([input_id])
        return events[-1].head

    head = await tickets.store.change(work_on)
    return await answer(tickets, viewer, conversation_id, input_id, head)
