"""Inviting a colleague: an account that nobody can use until its link is opened, once, within a week (AG1)."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from services.tickets.api.agents import AgentFields, check_agent
from services.tickets.api.context import CurrentTickets, Tickets
from services.tickets.api.directory import put_entity
from services.tickets.api.hashing import NewPassword, hashed
from services.tickets.api.session import not_throttled, throttle
from services.tickets.api.sessions import link_to
from services.tickets.store.sign_in import LinkKind
from shared.access import CurrentViewer
from shared.contracts.directory import AgentChanged
from shared.errors import Conflict, NotFound, Unauthenticated
from shared.http import Body
from shared.mongo import Document
from shared.proxies import caller

router = APIRouter(tags=["directory"])

AgentId = Annotated[str, Path(max_length=100)]
Token = Annotated[str, Field(max_length=200)]


class InvitationBody(AgentFields):
    """What the account will be; it is inactive until the invitation is accepted."""


class Invitation(BaseModel):
    """`link` lets whoever has it be this agent: it is told once, here, and goes to them alone. What stands behind its
    `#` is the token, which browsers send to no server."""

    agent: AgentChanged
    token: str
    link: str
    expires_at: datetime


class LookBody(Body):
    token: Token


class LinkAnswer(BaseModel):
    """Whom a link is for, and whether it is for a first password or a new one."""

    kind: LinkKind
    name: str
    email: str
    expires_at: datetime


class AcceptBody(Body):
    """`name` as they write it themselves; None: as the admin did."""

    token: Token
    password: NewPassword
    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None


@router.post("/invitations", status_code=201)
async def invite(body: InvitationBody, viewer: CurrentViewer, tickets: CurrentTickets) -> Invitation:
    """Make an account for somebody, and the link by which they take it."""
    viewer.need_everywhere("directory.manage")
    email = body.email.strip().lower()
    check_agent(tickets, body, email)
    wanted = AgentChanged(
        agent_id=free_id(body.name, tickets.directory.agents.keys()),
        seq=1,
        active=False,
        **body.model_dump(exclude={"email"}),
        email=email,
    )
    # Two admins who invite namesakes at once: the second is told, and none becomes the other.
    agent = await tickets.store.directory.put(wanted, seen_seq=0)
    tickets.directory.learn(agent)
    return await _invitation(tickets, agent, viewer.agent_id)


@router.post("/agents/{agent_id}/invitation", status_code=201)
async def invite_again(agent_id: AgentId, viewer: CurrentViewer, tickets: CurrentTickets) -> Invitation:
    """A new link for somebody who has not accepted yet; the older one opens no more."""
    viewer.need_everywhere("directory.manage")
    row = await tickets.store.directory.agent(agent_id)
    if row is None:
        raise NotFound("unknown_agent", "There is no such agent.")
    if row["active"] or row.get("private_password"):
        raise Conflict("joined_already", "They have joined already. A link for a new password helps who lost theirs.")
    return await _invitation(tickets, tickets.directory.agents[agent_id], viewer.agent_id)


@router.delete("/agents/{agent_id}/invitation", status_code=204)
async def withdraw(agent_id: AgentId, viewer: CurrentViewer, tickets: CurrentTickets) -> None:
    """The link opens no more; the account stays, inactive."""
    viewer.need_everywhere("directory.manage")
    if agent_id not in await tickets.store.sign_in.invited():
        raise NotFound("no_invitation", "No invitation of theirs is open.")
    await tickets.store.sign_in.drop_links(agent_id)


@router.post("/links/look")
async def look(body: LookBody, request: Request, tickets: CurrentTickets) -> LinkAnswer:
    """What a link is for, before it is used."""
    await throttle(tickets, None, caller(request))
    link = await tickets.store.sign_in.look_at_link(body.token)
    row = await tickets.store.directory.agent(link.agent_id) if link else None
    if link is None or row is None or (link.kind == "reset" and not link.opens(row)):
        raise Unauthenticated("link_used", "This link was used already or is too old. Ask for a new one.")
    await not_throttled(tickets, "", caller(request))
    return LinkAnswer(kind=link.kind, name=row["name"], email=row["email"], expires_at=link.expires_at)


@router.post("/invitations/accept", status_code=204)
async def accept(body: AcceptBody, request: Request, tickets: CurrentTickets) -> None:
    """Take the account with a password of one's own; sign in with it afterwards."""
    await throttle(tickets, None, caller(request))
    link = await tickets.store.sign_in.take_link(body.token, "invitation")
    if link is None or await tickets.store.directory.agent(link.agent_id) is None:
        raise Unauthenticated("link_used", "This link was used already or is too old. Ask an admin for a new one.")
    await not_throttled(tickets, "", caller(request))
    await accepted(tickets, link.agent_id, name=body.name, private={"password": await hashed(body.password)})


async def accepted(
    tickets: Tickets, agent_id: str, *, name: str | None = None, private: Document | None = None
) -> None:
    """They are with us from now on."""
    row: dict[str, Any] = await tickets.store.directory.agent(agent_id) or {}
    there = AgentChanged.model_validate({one: row[one] for one in AgentChanged.model_fields if one in row})
    changes: dict[str, Any] = {"active": True, **({"name": name.strip() or there.name} if name else {})}
    await put_entity(tickets, there.model_copy(update=changes), private, seen_seq=there.seq)
    await tickets.store.sign_in.drop_links(agent_id)


async def _invitation(tickets: Tickets, agent: AgentChanged, by: str) -> Invitation:
    token, until = await tickets.store.sign_in.make_link(agent.agent_id, "invitation", by=by)
    return Invitation(agent=agent, token=token, link=link_to(tickets, "join", token), expires_at=until)


def free_id(name: str, taken: Any) -> str:
    """An id for a new entity, of its name: `maya-okafor`, `maya-okafor-2`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80] or "agent"
    return next(one for n in range(1, 10_000) if (one := slug if n == 1 else f"{slug}-{n}") not in taken)
