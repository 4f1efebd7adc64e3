"""Rejected inputs: looked at, downloaded and replayed by those who manage operations of the whole desk.

Most of them belong to no brand, so whoever is limited to a part of the desk sees none."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from services.ingest.api.parts import The
from services.ingest.handlers.replay import replay
from shared.access import CurrentViewer
from shared.contracts.base import Time
from shared.errors import NotFound

router = APIRouter(prefix="/rejected")


class RejectedInput(BaseModel):
    """`code` is stable, `reason` a sentence; `times` how often the same input came."""

    id: str
    channel: str
    code: str
    reason: str
    at: datetime
    times: int
    size_bytes: int
    content_type: str
    envelope: dict[str, str]
    replayed_at: datetime | None
    input_id: str | None


class RejectedPage(BaseModel):
    """Newest first; `next_before` goes into `before` for the next page."""

    items: list[RejectedInput]
    next_before: datetime | None


@router.get("")
async def page(
    the: The, viewer: CurrentViewer, before: Time | None = None, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> RejectedPage:
    viewer.need_everywhere("operations.manage")
    rows = await the.intake.rejected.page(before=before, limit=limit)
    items = [RejectedInput(**asdict(row)) for row in rows]
    return RejectedPage(items=items, next_before=items[-1].at if len(items) == limit else None)


@router.get("/{rejected_id}/raw")
async def raw(rejected_id: str, the: The, viewer: CurrentViewer) -> Response:
    """The input's bytes as they came."""
    viewer.need_everywhere("operations.manage")
    found = await the.intake.rejected.raw(rejected_id)
    if found is None:
        raise NotFound("unknown_input", "There is no rejected input with this id.")
    return Response(
        found, media_type="application/octet-stream", headers={"Content-Disposition": "attachment; filename=input.raw"}
    )


@router.post("/{rejected_id}/replay")
async def again(rejected_id: str, the: The, viewer: CurrentViewer) -> dict[str, Any]:
    """Try it again. A replayed input keeps its identity: replaying it twice changes nothing more."""
    viewer.need_everywhere("operations.manage")
    return {"input_id": await replay(the.intake, rejected_id)}
