"""The inbox list and the counts of the sidebar."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi import Query as QueryParam
from pydantic import BaseModel

from services.tickets.api.context import CurrentTickets
from services.tickets.store.inboxes import Count, Query, Sort, Status, count_open, find_page
from shared.access import CurrentViewer, Viewer
from shared.contracts.conversations import Head
from shared.errors import FieldError, Invalid

router = APIRouter(tags=["inboxes"])

OWN = {"mine": "agent", "mentions": "mention", "created": "created"}
SHARED = ("all", "unassigned", "spam")


class Item(BaseModel):
    """`unread`: the customer has written since the viewer read it."""

    head: Head
    unread: bool


class Items(BaseModel):
    """`total` counts the whole list, up to 10,000."""

    items: list[Item]
    next_cursor: str | None
    total: int


class Counts(BaseModel):
    """By inbox: how many conversations are open, and in how many of them a customer waits for an answer."""

    counts: dict[str, int]
    waiting: dict[str, int]


@router.get("/inboxes")
async def inboxes(viewer: CurrentViewer, tickets: CurrentTickets) -> Counts:
    """The sidebar's numbers, for every inbox that the viewer has."""
    viewer.need("conversations.read")
    found = await count_open(tickets.store.conversations, agent_id=viewer.agent_id, brands=viewer.brand_ids)
    names = [*OWN, *SHARED]
    names += [f"team:{team_id}" for team_id in sorted(tickets.directory.teams)]
    names += [f"brand:{brand_id}" for brand_id in sorted(tickets.directory.brands) if viewer.sees_brand(brand_id)]
    none = Count()
    return Counts(
        counts={name: found.get(name, none).open for name in names},
        waiting={name: found.get(name, none).waiting for name in names},
    )


@router.get("/conversations")
async def conversations(
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    inbox: Annotated[
        str,
        QueryParam(
            max_length=250,
            description="mine, mentions, created, all, unassigned, spam, team:<id> or brand:<id>",
        ),
    ] = "all",
    status: Status = "open",
    sort: Sort = "newest",
    cursor: Annotated[str | None, QueryParam(max_length=500)] = None,
    limit: Annotated[int, QueryParam(ge=1, le=100)] = 50,
) -> Items:
    """One page of an inbox. Spam shows in `inbox=spam` alone."""
    viewer.need("conversations.read")
    query = Query(_box(inbox, viewer), status, sort, viewer.brand_ids)
    page = await find_page(tickets.store.conversations, query, cursor=cursor, limit=limit)
    unread = await tickets.store.unread(viewer.agent_id, page.items)
    items = [Item(head=one.head, unread=one.head.id in unread) for one in page.items]
    return Items(items=items, next_cursor=page.next_cursor, total=page.total)


def _box(inbox: str, viewer: Viewer) -> str:
    """An inbox's name as conversations carry it. Raises Invalid for one that does not exist."""
    if inbox in OWN:
        return f"{OWN[inbox]}:{viewer.agent_id}"
    kind, _, id_ = inbox.partition(":")
    if inbox in SHARED or (kind in ("team", "brand") and id_):
        return inbox
    raise Invalid(
        "unknown_inbox",
        "There is no such inbox: mine, mentions, created, all, unassigned, spam, team:<id> or brand:<id>.",
        (FieldError("query.inbox", "is not an inbox"),),
    )
