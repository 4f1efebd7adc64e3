"""What a contact did in the products of the brands that somebody works for (CH12, CT2)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.tickets.api.contact_answers import visible_contact
from services.tickets.api.context import CurrentTickets
from services.tickets.store.activity import NEWEST_KEPT
from shared.access import CurrentViewer
from shared.contracts.activity import KEPT_FOR, Activity

router = APIRouter(prefix="/contacts", tags=["contacts"])


class ContactActivity(BaseModel):
    """One thing that the contact did."""

    id: str
    brand_id: str
    activity: Activity


class ContactActivities(BaseModel):
    """Newest first. `more`: there are further ones, within what is kept: the newest 100 of each brand in 90 days.
    `last_seen_at`: when they last did anything of it, None when nothing is known."""

    items: list[ContactActivity]
    more: bool
    last_seen_at: datetime | None


@router.get("/{contact_id}/activity")
async def activity(
    contact_id: str,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    limit: Annotated[int, Query(ge=1, le=NEWEST_KEPT)] = 10,
) -> ContactActivities:
    """What this person did, and the duplicates that it stands for."""
    viewer.need("contacts.read")
    found = visible_contact(await tickets.store.contact(contact_id), viewer)
    since = tickets.store.clock() - KEPT_FOR
    ids = (found.id, *found.merged_ids)
    rows = await tickets.store.activity.newest(ids, viewer.brand_ids, since, limit + 1)
    items = [ContactActivity(id=one.id, brand_id=one.brand_id, activity=one.activity) for one in rows[:limit]]
    return ContactActivities(items=items, more=len(rows) > limit, last_seen_at=items[0].activity.at if items else None)
