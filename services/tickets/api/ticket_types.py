"""Ticket types and their forms: admins change them. Everybody reads them in the directory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from services.tickets.api.context import CurrentTickets
from services.tickets.api.directory import Name, Seen, Slug, put_entity
from shared.access import CurrentViewer
from shared.contracts.directory import FieldDefinition, StateWords, TicketTypeChanged
from shared.contracts.tickets import TicketKind
from shared.errors import FieldError, Invalid
from shared.http import Body

router = APIRouter(tags=["directory"])

FIELDS_MAX = 50
OPTIONS_MAX = 200


class TicketTypeBody(Body):
    name: Name
    kind: TicketKind = "back_office"
    color: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")] = "#64748b"
    team_id: str | None = None
    fields: Annotated[tuple[FieldDefinition, ...], Field(max_length=FIELDS_MAX)] = ()
    one_per: Annotated[tuple[str, ...], Field(max_length=5)] = ()
    customer: Annotated[tuple[StateWords, ...], Field(max_length=4)] = ()
    due_hours: Annotated[int, Field(ge=1, le=24 * 365)] | None = None
    active: bool = True
    seen_seq: Seen | None = None


@router.put("/ticket-types/{type_id}")
async def put_ticket_type(
    type_id: Slug, body: TicketTypeBody, viewer: CurrentViewer, tickets: CurrentTickets
) -> TicketTypeChanged:
    """Make a type what the body says. Tickets that exist keep what they have; retire a type rather than delete it."""
    viewer.need_everywhere("directory.manage")
    wrong = _wrong(body, tickets.directory.teams.keys())
    if wrong:
        raise Invalid("bad_ticket_type", f"{wrong[0].path.removeprefix('body.')}: {wrong[0].message}.", tuple(wrong))
    fields = {name: value for name, value in body if name != "seen_seq"}
    return await put_entity(tickets, TicketTypeChanged(type_id=type_id, seq=1, **fields), seen_seq=body.seen_seq)


def _wrong(body: TicketTypeBody, teams: Collection[str]) -> list[FieldError]:
    found: list[FieldError] = []
    if body.team_id is not None and body.team_id not in teams:
        found.append(FieldError("body.team_id", "is not a team"))
    times = Counter(one.id for one in body.fields)
    for index, one in enumerate(body.fields):
        at = f"body.fields.{index}"
        if times[one.id] > 1:
            found.append(FieldError(f"{at}.id", "is used twice"))
        if not one.label.strip():
            found.append(FieldError(f"{at}.label", "needs a name that people read"))
        if one.type == "choice" and not 1 <= len(set(one.options)) == len(one.options) <= OPTIONS_MAX:
            found.append(FieldError(f"{at}.options", f"needs 1 to {OPTIONS_MAX} different options"))
    needed = {one.id for one in body.fields if one.needed == "to_submit"}
    for index, id_ in enumerate(body.one_per):
        if id_ not in needed:
            found.append(FieldError(f"body.one_per.{index}", "is not a field that is needed to submit"))
    return found
