"""The inbox list and the counts of the sidebar."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi import Query as QueryParam
from pydantic import BaseModel
from pydantic_core import to_json

from services.tickets.api.context import CurrentTickets, Tickets
from services.tickets.api.narrowing import OWN, SHARED, Narrowed, in_address
from services.tickets.api.sidebar import view_of
from services.tickets.store.counts import Count
from services.tickets.store.documents import head_fields
from services.tickets.store.inboxes import Sort, find_page, total_of
from shared.access import CurrentViewer, Viewer
from shared.contracts.conversations import Head

router = APIRouter(tags=["inboxes"])

VIEWS_COUNTED = 20
"""Beyond these a view shows no number: each is a count of its own."""

List = Annotated[Narrowed, Depends(in_address)]


class Item(BaseModel):
    """`unread`: the customer has written since the viewer read it."""

    head: Head
    unread: bool


class Items(BaseModel):
    """`total` counts the whole list, up to 1,000; null: too many to be counted quickly."""

    items: list[Item]
    next_cursor: str | None
    total: int | None


class Counts(BaseModel):
    """By inbox: how many conversations are open, and in how many of them a customer waits for an answer."""

    counts: dict[str, int]
    waiting: dict[str, int]


@router.get("/inboxes")
async def inboxes(viewer: CurrentViewer, tickets: CurrentTickets) -> Counts:
    """The sidebar's numbers, for every inbox that the viewer has. A view counts what it shows, up to 1,000 and as
    long as that is quick."""
    viewer.need("conversations.read")
    found, of_views = await asyncio.gather(tickets.store.counts.of(viewer.scope), _of_views(viewer, tickets))
    names = [*OWN, *SHARED]
    names += [f"team:{team_id}" for team_id in sorted(tickets.directory.teams)]
    names += [f"brand:{brand_id}" for brand_id in sorted(tickets.directory.brands) if viewer.sees_brand(brand_id)]
    none = Count()
    return Counts(
        counts={name: found.get(name, none).open for name in names} | of_views,
        waiting={name: found.get(name, none).waiting for name in names},
    )


async def _of_views(viewer: Viewer, tickets: Tickets) -> dict[str, int]:
    rows = await tickets.store.sidebar.views(viewer.agent_id, viewer.team_ids)
    views = [view_of(row, viewer) for row in rows[:VIEWS_COUNTED]]
    queries = [view.filter.query(viewer) for view in views]
    totals = await asyncio.gather(*(total_of(tickets.store.lists, query) for query in queries))
    return {f"view:{view.id}": total for view, total in zip(views, totals, strict=True) if total is not None}


@router.get("/conversations", response_model=Items)
async def conversations(
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    narrowed: List,
    sort: Sort = "newest",
    cursor: Annotated[str | None, QueryParam(max_length=500)] = None,
    limit: Annotated[int, QueryParam(ge=1, le=100)] = 50,
) -> Response:
    """One page of an inbox. Spam shows in `inbox=spam` alone."""
    viewer.need("conversations.read")
    query = narrowed.query(viewer, sort)
    page = await find_page(tickets.store.lists, query, cursor=cursor, limit=limit)
    unread = await tickets.store.unread(viewer.agent_id, {row["_id"]: row["customer_seq"] for row in page.items})
    items = [{"head": head_fields(row), "unread": row["_id"] in unread} for row in page.items]
    # Written as it lies: to build and check fifty models took longer than all else together.
    body = to_json({"items": items, "next_cursor": page.next_cursor, "total": page.total})
    return Response(body, media_type="application/json")
