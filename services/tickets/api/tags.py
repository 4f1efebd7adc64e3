"""The tags in use, and changing one wherever it is: renamed, merged into another, or taken away."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.tickets.api.context import CurrentTickets, in_utc
from services.tickets.model.changes import check_tags
from services.tickets.store.counts import count_tags
from shared.access import CurrentViewer
from shared.errors import FieldError, Invalid
from shared.http import Body
from shared.mongo import Document

router = APIRouter(prefix="/tags", tags=["tags"])

CHANGES_TOLD = 20


class TagCount(BaseModel):
    """Counting stops at 1,000."""

    tag: str
    count: int


class ChangeTagBody(Body):
    """`to`: its new name, or the tag that it becomes one with; null takes it away."""

    tag: str = Field(min_length=1, max_length=200)
    to: str | None = Field(max_length=200)


class TagChange(BaseModel):
    """`changed`: conversations so far; `finished_at` None while it goes on."""

    tag: str
    to: str | None
    by_name: str
    at: datetime
    changed: int
    finished_at: datetime | None


@router.get("")
async def tags(viewer: CurrentViewer, tickets: CurrentTickets) -> list[TagCount]:
    """Tags in use on what the viewer sees, by name."""
    viewer.need("conversations.read")
    counts = await count_tags(tickets.store.conversations, tickets.store.tags, viewer.scope)
    return [TagCount(tag=tag, count=count) for tag, count in counts.items()]


@router.get("/changes")
async def changes(viewer: CurrentViewer, tickets: CurrentTickets) -> list[TagChange]:
    """The latest ones first, for thirty days."""
    viewer.need_everywhere("directory.manage")
    return [_told(row) for row in await tickets.store.tag_changes.latest(CHANGES_TOLD)]


@router.post("/changes", status_code=202)
async def change(body: ChangeTagBody, viewer: CurrentViewer, tickets: CurrentTickets) -> TagChange:
    """On every conversation, whatever its state, and in saved views; each timeline says so. Rules and macros that name
    the tag go on doing so."""
    viewer.need_everywhere("directory.manage")
    (tag,) = check_tags([body.tag], "body.tag")
    to = None
    if body.to is not None:
        (to,) = check_tags([body.to], "body.to")
        if to == tag:
            raise Invalid("same_tag", "That is its name already.", (FieldError("body.to", "is the same tag"),))
    by = {"id": viewer.agent_id, "name": viewer.name}
    return _told(await tickets.store.tag_changes.begin(tag, to, by, in_utc(tickets.store.clock())))


def _told(row: Document) -> TagChange:
    return TagChange(
        tag=row["_id"],
        to=row["to"],
        by_name=row["by"]["name"],
        at=row["at"],
        changed=row["changed"],
        finished_at=row.get("finished_at"),
    )
