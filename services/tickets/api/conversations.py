"""One conversation and its timeline, and the tags in use."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.tickets.api.context import CurrentTickets, visible
from services.tickets.api.entries import TimelineEntry
from services.tickets.store.inboxes import count_tags
from shared.access import CurrentViewer
from shared.contracts.conversations import Head

router = APIRouter(tags=["conversations"])

Seq = Annotated[int, Query(ge=0, lt=2**53)]


class ConversationAnswer(BaseModel):
    """`unread`: the customer has written since the viewer read it."""

    head: Head
    unread: bool


class Timeline(BaseModel):
    """Oldest first. `has_more`: there is more beyond this page, in the direction that was asked for."""

    items: list[TimelineEntry]
    has_more: bool


class TagCount(BaseModel):
    """Counting stops at 1,000."""

    tag: str
    count: int


@router.get("/conversations/{conversation_id}")
async def conversation(conversation_id: str, viewer: CurrentViewer, tickets: CurrentTickets) -> ConversationAnswer:
    viewer.need("conversations.read")
    state = visible(await tickets.store.conversation(conversation_id), viewer)
    unread = await tickets.store.unread(viewer.agent_id, [state])
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
    """What happened, in order. Without `after_seq` the latest page, from there back with `before_seq`."""
    viewer.need("conversations.read")
    visible(await tickets.store.conversation(conversation_id), viewer)
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


@router.get("/tags")
async def tags(viewer: CurrentViewer, tickets: CurrentTickets) -> list[TagCount]:
    """Tags in use in the viewer's brands, by name."""
    viewer.need("conversations.read")
    counts = await count_tags(tickets.store.conversations, tickets.store.tags, viewer.brand_ids)
    return [TagCount(tag=tag, count=count) for tag, count in counts.items()]
