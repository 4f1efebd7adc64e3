"""Brands, teams, agents and roles: everybody reads, admins change. A PUT names the whole entity."""

from __future__ import annotations

import asyncio
import re
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field, SecretStr

from services.tickets.api.context import CurrentTickets
from services.tickets.api.session import HASHER
from services.tickets.api.writing import AddressBody
from shared.access import CurrentViewer
from shared.contracts.base import Event
from shared.contracts.directory import AgentChanged, BrandChanged, MessengerLook, RoleChanged, TeamChanged
from shared.errors import FieldError, Invalid
from shared.http import Body

router = APIRouter(tags=["directory"])

E = TypeVar("E", bound=Event)

Slug = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Password = Annotated[SecretStr, Field(min_length=12, max_length=1024)]


class DirectoryAnswer(BaseModel):
    agents: list[AgentChanged]
    teams: list[TeamChanged]
    roles: list[RoleChanged]
    brands: list[BrandChanged]


class BrandBody(Body):
    name: Name
    color: Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
    time_zone: Annotated[str, Field(max_length=100)] = "UTC"
    addresses: Annotated[tuple[AddressBody, ...], Field(max_length=50)] = ()
    lines: tuple[Annotated[str, Field(pattern=r"^\+[0-9]{5,15}$")], ...] = ()
    topics: tuple[Name, ...] = ()
    site: Annotated[str, Field(max_length=500)] = ""
    messenger: MessengerLook = MessengerLook()


class TeamBody(Body):
    name: Name
    channels: tuple[Name, ...] = ()


class AgentBody(Body):
    """`password` None leaves it as it is; a new one, and deactivation, end the agent's sessions."""

    name: Name
    email: Annotated[str, Field(max_length=320)]
    role_id: str
    team_ids: tuple[str, ...] = ()
    brand_ids: tuple[str, ...] = ()
    capacity: Annotated[int, Field(ge=0, le=1000)] = 20
    active: bool = True
    password: Password | None = None


@router.get("/directory")
async def directory(viewer: CurrentViewer, tickets: CurrentTickets) -> DirectoryAnswer:
    """Colleagues, teams and roles, and the brands that the viewer works for."""
    found = tickets.directory
    return DirectoryAnswer(
        agents=_sorted(found.agents),
        teams=_sorted(found.teams),
        roles=_sorted(found.roles),
        brands=[brand for brand in _sorted(found.brands) if viewer.sees_brand(brand.brand_id)],
    )


@router.put("/brands/{brand_id}")
async def put_brand(brand_id: Slug, body: BrandBody, viewer: CurrentViewer, tickets: CurrentTickets) -> BrandChanged:
    viewer.need("directory.manage")
    addresses = tuple(one.value() for one in body.addresses)
    wanted = BrandChanged.model_validate({**body.model_dump(), "brand_id": brand_id, "seq": 1, "addresses": addresses})
    return await _put(tickets, wanted)


@router.put("/teams/{team_id}")
async def put_team(team_id: Slug, body: TeamBody, viewer: CurrentViewer, tickets: CurrentTickets) -> TeamChanged:
    viewer.need("directory.manage")
    return await _put(tickets, TeamChanged(team_id=team_id, seq=1, **body.model_dump()))


@router.put("/agents/{agent_id}")
async def put_agent(agent_id: Slug, body: AgentBody, viewer: CurrentViewer, tickets: CurrentTickets) -> AgentChanged:
    viewer.need("directory.manage")
    email = body.email.strip().lower()
    _check_agent(tickets, body, email)
    private: dict[str, Any] = {}
    if body.password is not None:
        private["password"] = await asyncio.to_thread(HASHER.hash, body.password.get_secret_value())
    fields = body.model_dump(exclude={"password", "email"})
    wanted = AgentChanged(agent_id=agent_id, seq=1, email=email, **fields)
    changed = await _put(tickets, wanted, private)
    if private or not body.active:
        await tickets.store.sign_in.close_sessions_of(agent_id)
    return changed


def _check_agent(tickets: CurrentTickets, body: AgentBody, email: str) -> None:
    known = tickets.directory
    wrong = [FieldError("body.role_id", "is not a role")] if body.role_id not in known.roles else []
    wrong += [FieldError("body.team_ids", f"{one} is not a team") for one in body.team_ids if one not in known.teams]
    wrong += [
        FieldError("body.brand_ids", f"{one} is not a brand") for one in body.brand_ids if one not in known.brands
    ]
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        wrong.append(FieldError("body.email", "is not an email address"))
    if wrong:
        raise Invalid("unknown_reference", f"{wrong[0].path.removeprefix('body.')} {wrong[0].message}.", tuple(wrong))


async def _put(tickets: CurrentTickets, wanted: E, private: dict[str, Any] | None = None) -> E:
    """Write it, and let this replica know at once, so that the caller reads what it wrote."""
    changed = await tickets.store.directory.put(wanted, private=private)
    tickets.directory.learn(changed)
    return changed


def _sorted(found: dict[str, Any]) -> list[Any]:
    return [found[id_] for id_ in sorted(found)]
