"""One conversation and its timeline."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.tickets.api.context import CurrentTickets, readable, visible
from services.tickets.api.entries import TimelineEntry
from shared.access import CurrentViewer
from shared.contracts.conversations import Head

router = APIRouter(tags=["conversations"])

PASS_S = 600
"""Who may not see it any more is shown there, and shown the others' names, for so long at most."""

Seq = Annotated[int, Query(ge=0, lt=2**53)]


class ConversationAnswer(BaseModel):
    """`unread`: the customer has written since the viewer read it."""

    head: Head
    unread: bool


class Timeline(BaseModel):
    """Oldest first. `has_more`: there is more beyond this page, in the direction that was asked for."""

    items: list[TimelineEntry]
    has_more: bool


class ViewingPass(BaseModel):
    viewing_pass: str
    expires_in_s: int


@router.get("/conversations/{conversation_id}")
async def conversation(conversation_id: str, viewer: CurrentViewer, tickets: CurrentTickets) -> ConversationAnswer:
    viewer.need("conversations.read")
    state = await readable(tickets, viewer, conversation_id)
    unread = await tickets.store.unread(viewer.agent_id, {conversation_id: state.customer_seq})
    return ConversationAnswer(head=state.head, unread=bool(unread))


@router.get("/conversations/{conversation_id}/timeline")
async def timeline(
    conversation_id: str,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    after_seq: Seq | None = None,
    before_seq: Seq | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Timeline:
    """What happened, in order. Without `after_seq` the latest page, from there back with `before_seq`. What happened in
    conversations that were merged into it (`merged_ids`) stands in their own timelines."""
    viewer.need("conversations.read")
    await readable(tickets, viewer, conversation_id)
    backwards = after_seq is None
    rows = await tickets.store.log.read(
        conversation_id,
        after_seq=after_seq or 0,
        before_seq=before_seq,
        limit=limit + 1,
        newest_first=backwards,
    )
    page = rows[:limit]
    if backwards:
        page.reverse()
    return Timeline(items=[tickets.entries.of(row) for row in page], has_more=len(rows) > limit)


@router.post("/conversations/{conversation_id}/viewing-pass")
async def viewing_pass(conversation_id: str, viewer: CurrentViewer, tickets: CurrentTickets) -> ViewingPass:
    """For notifications, which knows no conversations: with it one is shown to the others who look at this one."""
    viewer.need("conversations.read")
    visible(await tickets.store.conversation(conversation_id), viewer)
    until = tickets.store.clock() + timedelta(seconds=PASS_S)
    return ViewingPass(
        viewing_pass=tickets.signer.viewing_pass(viewer.agent_id, conversation_id, until), expires_in_s=PASS_S
    )
