"""What is the same for the whole desk: everybody reads it in the directory, admins change it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field, StringConstraints

from services.tickets.api.context import CurrentTickets
from services.tickets.api.directory import Seen, put_entity
from shared.access import CurrentViewer
from shared.contracts.directory import DeskSettingsChanged
from shared.errors import FieldError, Invalid
from shared.http import Body

router = APIRouter(tags=["directory"])

REASONS_MAX = 30
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class DeskSettingsBody(Body):
    """`away_reasons`: what is offered to who goes away, in that order."""

    away_reasons: Annotated[tuple[Reason, ...], Field(min_length=1, max_length=REASONS_MAX)]
    seen_seq: Seen | None = None


@router.put("/desk-settings")
async def put_desk_settings(
    body: DeskSettingsBody, viewer: CurrentViewer, tickets: CurrentTickets
) -> DeskSettingsChanged:
    """Who is away for a reason that is not offered any more stays so."""
    viewer.need_everywhere("directory.manage")
    seen: set[str] = set()
    for index, reason in enumerate(body.away_reasons):
        if reason.casefold() in seen:
            field = FieldError(f"body.away_reasons.{index}", f"{reason} is here twice")
            raise Invalid("bad_settings", f"{reason} is here twice.", (field,))
        seen.add(reason.casefold())
    return await put_entity(tickets, DeskSettingsChanged(seq=1, away_reasons=body.away_reasons), seen_seq=body.seen_seq)
