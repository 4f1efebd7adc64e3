"""Find contacts, read one, its past, its conversations, and who may be the same person."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.tickets.api.contact_answers import (
    ContactAnswer,
    ContactEntry,
    contact_answer,
    entry_of,
    shown,
    visible_contact,
    who_is_in,
)
from services.tickets.api.context import CurrentTickets, Tickets
from services.tickets.store.contacts import (
    HITS_MAX,
    ContactQuery,
    ContactSort,
    alike_contacts,
    find_contacts,
    search_contacts,
)
from shared.access import CurrentViewer, Viewer
from shared.contracts.contacts import Contact
from shared.contracts.conversations import Head
from shared.errors import NotFound

router = APIRouter(prefix="/contacts", tags=["contacts"])

TIMELINE_MAX = 500
CONVERSATIONS_MAX = 50


class ContactItems(BaseModel):
    """`more`: there are further hits of a search, which is narrowed by another word and not paged through."""

    items: list[Contact]
    next_cursor: str | None
    more: bool = False


class ContactTimeline(BaseModel):
    """Newest first; the latest 500 steps."""

    items: list[ContactEntry]


class ContactConversations(BaseModel):
    """The latest 50 that the viewer may see, newest first."""

    items: list[Head]


class Alike(BaseModel):
    """Contacts that may be the same person, because of the name or of an address's local part."""

    items: list[Contact]


@router.get("")
async def contacts(
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    q: Annotated[str, Query(max_length=200, description="words of names, addresses, numbers in any notation")] = "",
    segment_id: Annotated[str | None, Query(max_length=200)] = None,
    sort: ContactSort = "name",
    cursor: Annotated[str | None, Query(max_length=1_000)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> ContactItems:
    """One page of the contacts of the viewer's brands; with `q` the best hits, of all of them."""
    viewer.need("contacts.read")
    if q.strip():
        hits = await search_contacts(tickets.store.contacts, q, viewer.brand_ids, HITS_MAX)
        items = [shown(one, viewer) for one in hits[:limit]]
        return ContactItems(items=items, next_cursor=None, more=len(hits) > limit)
    query = ContactQuery(viewer.brand_ids, sort, filter_of(tickets, viewer, segment_id) if segment_id else {})
    page = await find_contacts(tickets.store.contacts, query, cursor=cursor, limit=limit)
    return ContactItems(items=[shown(one, viewer) for one in page.items], next_cursor=page.next_cursor)


def filter_of(tickets: Tickets, viewer: Viewer, segment_id: str) -> dict[str, object]:
    segment = tickets.directory.segments.get(segment_id)
    if segment is None or not segment.active:
        raise NotFound("unknown_segment", "There is no such segment any more.")
    return who_is_in(tickets, viewer, segment)


@router.get("/{contact_id}")
async def contact(contact_id: str, viewer: CurrentViewer, tickets: CurrentTickets) -> ContactAnswer:
    """The contact; by a duplicate's id the one that stands for it."""
    viewer.need("contacts.read")
    return await contact_answer(tickets, viewer, contact_id)


@router.get("/{contact_id}/timeline")
async def timeline(contact_id: str, viewer: CurrentViewer, tickets: CurrentTickets) -> ContactTimeline:
    """What happened to it and to its duplicates: changes, notes, merges, blocks, and who did them."""
    viewer.need("contacts.read")
    found = visible_contact(await tickets.store.contact(contact_id), viewer)
    read = tickets.store.log.read
    pages = await asyncio.gather(
        *(read(one, limit=TIMELINE_MAX, newest_first=True) for one in (found.id, *found.merged_ids))
    )
    items = [entry_of(row, viewer) for page in pages for row in page]
    # A merge is told on both; once is enough to read.
    once = [one for one in items if one.contact_id == found.id or one.data.get("merged_id") != one.contact_id]
    once.sort(key=lambda one: (one.at, one.seq), reverse=True)
    return ContactTimeline(items=once[:TIMELINE_MAX])


@router.get("/{contact_id}/conversations")
async def conversations(
    contact_id: str,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    limit: Annotated[int, Query(ge=1, le=CONVERSATIONS_MAX)] = 10,
) -> ContactConversations:
    """The latest ones with this person, those of its duplicates among them."""
    viewer.need("contacts.read")
    viewer.need("conversations.read")
    found = visible_contact(await tickets.store.contact(contact_id), viewer)
    return ContactConversations(items=await tickets.store.of_contact(found, viewer.scope, limit))


@router.get("/{contact_id}/alike")
async def alike(contact_id: str, viewer: CurrentViewer, tickets: CurrentTickets) -> Alike:
    viewer.need("contacts.read")
    found = visible_contact(await tickets.store.contact(contact_id), viewer)
    people = await alike_contacts(tickets.store.contacts, found, viewer.brand_ids)
    return Alike(items=[shown(one, viewer) for one in people])
