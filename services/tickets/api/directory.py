"""The directory, which everybody reads. A PUT of an entity names the whole of it."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from services.tickets.api.context import CurrentTickets, Tickets
from shared.access import CurrentViewer
from shared.contracts.base import Event
from shared.contracts.directory import (
    AgentChanged,
    AppChanged,
    AttributeChanged,
    BrandChanged,
    DeskSettingsChanged,
    RoleChanged,
    TeamChanged,
    TicketTypeChanged,
)

router = APIRouter(tags=["directory"])

E = TypeVar("E", bound=Event)

Slug = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Seen = Annotated[int, Field(ge=0, lt=2**53)]
"""The `seq` of what its writer saw, 0 for something new: 409 `changed_meanwhile` when it is something else by now, with
that as `existing`. None: whatever it is now."""


class DirectoryAnswer(BaseModel):
    agents: list[AgentChanged]
    teams: list[TeamChanged]
    roles: list[RoleChanged]
    brands: list[BrandChanged]
    ticket_types: list[TicketTypeChanged]
    attributes: list[AttributeChanged]
    apps: list[AppChanged]
    settings: DeskSettingsChanged


@router.get("/directory")
async def directory(viewer: CurrentViewer, tickets: CurrentTickets) -> DirectoryAnswer:
    """Colleagues, teams and roles, and the brands that the viewer works for."""
    found = tickets.directory
    return DirectoryAnswer(
        agents=_sorted(found.agents),
        teams=_sorted(found.teams),
        roles=[role for role in _sorted(found.roles) if role.active],
        ticket_types=_sorted(found.ticket_types),
        attributes=_sorted(found.attributes),
        apps=[one for one in _sorted(found.apps) if not one.brand_ids or any(map(viewer.sees_brand, one.brand_ids))],
        settings=found.settings.get("desk") or DeskSettingsChanged(seq=0),
        brands=[brand for brand in _sorted(found.brands) if viewer.sees_brand(brand.brand_id)],
    )


async def put_entity(
    tickets: Tickets,
    wanted: E,
    private: dict[str, Any] | None = None,
    *,
    ends_tokens: bool = False,
    seen_seq: int | None = None,
) -> E:
    """Write it, and let this replica know at once, so that the caller reads what it wrote."""
    changed = await tickets.store.directory.put(wanted, private=private, ends_tokens=ends_tokens, seen_seq=seen_seq)
    tickets.directory.learn(changed)
    return changed


def _sorted(found: dict[str, Any]) -> list[Any]:
    return [found[id_] for id_ in sorted(found)]
