"""Segments of contacts: saved conditions with live counts. Who may change contacts makes them, for all colleagues,
and changes their own; admins change any."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.tickets.api.contact_answers import may_ask, need_whole_view, shown, who_is_in
from services.tickets.api.context import CurrentTickets, Tickets
from services.tickets.api.directory import Name, Slug, put_entity
from services.tickets.model.segment import check_conditions
from services.tickets.store.contacts import TOTAL_MAX, ContactQuery, count_contacts, find_contacts
from shared.access import CurrentViewer, Viewer
from shared.contracts.contacts import Contact
from shared.contracts.directory import Condition, SegmentChanged
from shared.errors import Forbidden, NotFound
from shared.http import Body

router = APIRouter(prefix="/segments", tags=["contacts"])

SAMPLE = 5


class ConditionsBody(Body):
    match: Literal["all", "any"] = "all"
    conditions: Annotated[tuple[Condition, ...], Field(max_length=100)]


class SegmentBody(ConditionsBody):
    name: Name


class Count(BaseModel):
    """Counted up to 10,000; `more`: there are more than that. `count` None: it takes too long to count."""

    count: int | None
    more: bool


class SegmentItem(Count):
    segment: SegmentChanged


class Segments(BaseModel):
    """`all`: how many contacts the viewer sees."""

    all: Count
    items: list[SegmentItem]


class Preview(Count):
    """`items` are the first five."""

    items: list[Contact]


@router.get("")
async def segments(viewer: CurrentViewer, tickets: CurrentTickets) -> Segments:
    """Every segment by name, with how many of the viewer's contacts are in it now; without those that ask about
    conversations for who sees only some of a brand's."""
    viewer.need("contacts.read")
    found = sorted(tickets.directory.segments.values(), key=lambda one: (one.name.casefold(), one.segment_id))
    kept = [one for one in found if one.active and may_ask(viewer, one)]
    everybody, *counts = await asyncio.gather(
        _count(tickets, viewer, {}), *(_count(tickets, viewer, who_is_in(tickets, viewer, one)) for one in kept)
    )
    items = [
        SegmentItem(segment=one, count=count.count, more=count.more) for one, count in zip(kept, counts, strict=True)
    ]
    return Segments(all=everybody, items=items)


@router.post("/preview")
async def preview(body: ConditionsBody, viewer: CurrentViewer, tickets: CurrentTickets) -> Preview:
    """Who would be in a segment with these conditions."""
    viewer.need("contacts.read")
    conditions = check_conditions(body.conditions, tickets.directory.attributes)
    asked = SegmentChanged(segment_id="preview", seq=1, name="", match=body.match, conditions=conditions)
    wanted = who_is_in(tickets, viewer, asked)
    count, page = await asyncio.gather(
        _count(tickets, viewer, wanted),
        find_contacts(
            tickets.store.contacts, ContactQuery(viewer.brand_ids, segment=wanted), cursor=None, limit=SAMPLE
        ),
    )
    return Preview(count=count.count, more=count.more, items=[shown(one, viewer) for one in page.items])


@router.put("/{segment_id}")
async def put_segment(
    segment_id: Slug, body: SegmentBody, viewer: CurrentViewer, tickets: CurrentTickets
) -> SegmentChanged:
    """Make a segment what the body says."""
    viewer.need("contacts.write")
    conditions = check_conditions(body.conditions, tickets.directory.attributes)
    known = tickets.directory.segments.get(segment_id)
    _check_theirs(tickets, viewer, known)
    wanted = SegmentChanged(
        segment_id=segment_id,
        seq=1,
        name=body.name,
        match=body.match,
        conditions=conditions,
        created_by=known.created_by if known else viewer.agent_id,
    )
    need_whole_view(viewer, wanted)
    return await put_entity(tickets, wanted)


@router.delete("/{segment_id}")
async def delete_segment(segment_id: Slug, viewer: CurrentViewer, tickets: CurrentTickets) -> SegmentChanged:
    """Nobody sees it any more; putting it again brings it back. Contacts stay as they are."""
    viewer.need("contacts.write")
    known = tickets.directory.segments.get(segment_id)
    if known is None:
        raise NotFound("unknown_segment", "There is no such segment.")
    _check_theirs(tickets, viewer, known)
    return await put_entity(tickets, known.model_copy(update={"active": False}))


def _check_theirs(tickets: Tickets, viewer: Viewer, known: SegmentChanged | None) -> None:
    """Colleagues rely on a segment: who made it changes it, and admins."""
    if known is None or known.created_by == viewer.agent_id or viewer.may("directory.manage"):
        return
    maker = tickets.directory.agents.get(known.created_by)
    raise Forbidden(
        "not_yours", f"{maker.name if maker else 'An admin'} made this segment. Make one of your own, or ask them."
    )


async def _count(tickets: Tickets, viewer: Viewer, segment: dict[str, object]) -> Count:
    count = await count_contacts(tickets.store.contacts, ContactQuery(viewer.brand_ids, segment=segment))
    return Count(count=count, more=count is not None and count >= TOTAL_MAX)
