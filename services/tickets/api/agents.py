"""Agents as admins change and see them. A PUT names the whole agent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field, field_validator

from services.tickets.api.abilities import Languages, Skills, tidy_languages, tidy_skills
from services.tickets.api.context import CurrentTickets, Tickets
from services.tickets.api.directory import Name, Seen, Slug, put_entity
from services.tickets.api.hashing import NewPassword, hashed
from shared.access import CurrentViewer
from shared.contracts.directory import AgentChanged, RoleChanged
from shared.errors import FieldError, Invalid, NotFound
from shared.http import Body
from shared.scope import scope_of

router = APIRouter(tags=["directory"])

AgentId = Annotated[str, Path(max_length=100)]


Places = Annotated[int, Field(ge=0, le=1000)]


class CapacitiesBody(Body):
    """Of a channel at most so many, within the agent's `capacity`; null: as many as there is room for, 0: none."""

    email: Places | None = None
    chat: Places | None = None
    phone: Places | None = None
    custom: Places | None = None


class AgentFields(Body):
    """`languages` as BCP 47 tags."""

    name: Name
    email: Annotated[str, Field(max_length=320)]
    role_id: str
    team_ids: tuple[str, ...] = ()
    brand_ids: tuple[str, ...] = ()
    capacity: Places = 20
    capacities: CapacitiesBody = CapacitiesBody()
    languages: Languages = ()
    skills: Skills = ()

    _tidy_languages = field_validator("languages")(tidy_languages)
    _tidy_skills = field_validator("skills")(tidy_skills)


class AgentBody(AgentFields):
    """`password` None leaves it as it is; a new one, and deactivation, end the agent's sessions. Deactivation gives
    their open conversations and tickets back to the teams; what they did stays theirs."""

    active: bool = True
    password: NewPassword | None = None
    seen_seq: Seen | None = None


class AccountAnswer(BaseModel):
    """How one agent signs in. `invited_until`: their invitation is open. `linked`: to an account of the provider.
    `last_seen_at`: of a session that still runs."""

    agent_id: str
    has_password: bool
    second_factor: bool
    linked: bool
    invited_until: datetime | None
    last_seen_at: datetime | None


class Accounts(BaseModel):
    items: list[AccountAnswer]


@router.put("/agents/{agent_id}")
async def put_agent(agent_id: Slug, body: AgentBody, viewer: CurrentViewer, tickets: CurrentTickets) -> AgentChanged:
    viewer.need_everywhere("directory.manage")
    email = body.email.strip().lower()
    check_agent(tickets, body, email)
    private: dict[str, Any] = {}
    if body.password is not None:
        private["password"] = await hashed(body.password)
    fields = body.model_dump(exclude={"password", "email", "seen_seq"})
    wanted = AgentChanged(agent_id=agent_id, seq=1, email=email, **fields)
    check_somebody_manages({**tickets.directory.agents, agent_id: wanted}, tickets.directory.roles)
    before = tickets.directory.agents.get(agent_id)
    leaves = not body.active and (before is None or before.active)
    ends = bool(private) or leaves
    changed = await put_entity(tickets, wanted, private, ends_tokens=ends, seen_seq=body.seen_seq)
    if ends:
        await tickets.store.sign_in.close_sessions_of(agent_id)
        await tickets.store.sign_in.drop_links(agent_id)
    return changed


@router.get("/agents/accounts")
async def accounts(viewer: CurrentViewer, tickets: CurrentTickets) -> Accounts:
    """How each agent signs in, for who looks after them."""
    viewer.need_everywhere("directory.manage")
    invited, last_used = await tickets.store.sign_in.invited(), await tickets.store.sign_in.last_used()
    second, linked = await tickets.store.second_factors.confirmed(), await tickets.store.identities.linked()
    passwords = await tickets.store.directory.with_password()
    found = [
        AccountAnswer(
            agent_id=one,
            has_password=one in passwords,
            second_factor=one in second,
            linked=one in linked,
            invited_until=invited.get(one),
            last_seen_at=last_used.get(one),
        )
        for one in sorted(tickets.directory.agents)
    ]
    return Accounts(items=found)


@router.delete("/agents/{agent_id}/sessions", status_code=204)
async def end_sessions(agent_id: AgentId, viewer: CurrentViewer, tickets: CurrentTickets) -> None:
    """Sign an agent out everywhere, at once."""
    viewer.need_everywhere("directory.manage")
    await tickets.store.sign_in.close_sessions_of(_known(tickets, agent_id))
    changed = await tickets.store.directory.end_tokens(agent_id, private={})
    if changed is not None:
        tickets.directory.learn(changed)


@router.delete("/agents/{agent_id}/second-factor", status_code=204)
async def remove_second_factor(agent_id: AgentId, viewer: CurrentViewer, tickets: CurrentTickets) -> None:
    """For an agent who lost their phone and their recovery codes. A role that asks for an app lets them set up another
    at their next sign-in."""
    viewer.need_everywhere("directory.manage")
    if not await tickets.store.second_factors.remove(_known(tickets, agent_id)):
        raise NotFound("no_second_factor", "They have no authenticator app.")


@router.delete("/agents/{agent_id}/identity", status_code=204)
async def unlink(agent_id: AgentId, viewer: CurrentViewer, tickets: CurrentTickets) -> None:
    """Forget which account of the sign-in provider is theirs; the next one with their address is."""
    viewer.need_everywhere("directory.manage")
    if not await tickets.store.identities.unlink(_known(tickets, agent_id)):
        raise NotFound("no_identity", "No account is linked to theirs.")


def _known(tickets: Tickets, agent_id: str) -> str:
    if agent_id not in tickets.directory.agents:
        raise NotFound("unknown_agent", "There is no such agent.")
    return agent_id


def check_somebody_manages(agents: Mapping[str, AgentChanged], roles: Mapping[str, RoleChanged]) -> None:
    for agent in agents.values():
        role = roles.get(agent.role_id)
        if role and "directory.manage" in role.permissions and agent.active and scope_of(agent, role).whole:
            return
    raise Invalid("nobody_left", "Nobody could manage the desk any more. Let somebody else manage it first.")


def check_agent(tickets: Tickets, body: AgentFields, email: str) -> None:
    """Raises Invalid that names each field that names nothing, or asks for more than there is."""
    known = tickets.directory
    role = known.roles.get(body.role_id)
    wrong = [FieldError("body.role_id", "is not a role")] if role is None or not role.active else []
    wrong += [FieldError("body.team_ids", f"{one} is not a team") for one in body.team_ids if one not in known.teams]
    wrong += [
        FieldError("body.brand_ids", f"{one} is not a brand") for one in body.brand_ids if one not in known.brands
    ]
    wrong += [
        FieldError(f"body.capacities.{channel}", f"is more than the {body.capacity} of all channels together")
        for channel, places in body.capacities
        if places is not None and places > body.capacity
    ]
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        wrong.append(FieldError("body.email", "is not an email address"))
    if wrong:
        raise Invalid("unknown_reference", f"{wrong[0].path.removeprefix('body.')} {wrong[0].message}.", tuple(wrong))
