"""Where I am signed in, and ending it: elsewhere, everywhere, with a new password (AG1)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field

from services.tickets.api.context import CurrentTickets, Tickets
from services.tickets.api.hashing import GivenPassword, NewPassword, hashed, verified
from services.tickets.api.session import Session, not_throttled, session_answer, throttle
from services.tickets.store.audit import Author
from shared.access import CurrentViewer, Viewer
from shared.contracts.common import Actor
from shared.errors import FieldError, Invalid, NotFound, Unauthenticated
from shared.http import Body
from shared.mongo import Document
from shared.proxies import caller

router = APIRouter(tags=["session"])

AgentId = Annotated[str, Path(max_length=100)]

MAILED = "By a link that was mailed to them."
HANDED_ON = "By a link that an admin made."


class SessionRow(BaseModel):
    """`current` is the one that asks. `browser` is what it called itself."""

    id: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    address: str
    browser: str
    current: bool


class Sessions(BaseModel):
    """Newest first."""

    items: list[SessionRow]


class PasswordBody(Body):
    current: GivenPassword
    new: NewPassword


class Reset(BaseModel):
    """`link` holds the token and goes to the agent by a way that is sure to reach nobody else; it is in no other
    answer. The token stands behind its `#`, which browsers send to no server."""

    token: str
    link: str
    expires_at: datetime


class TakeReset(Body):
    token: Annotated[str, Field(max_length=200)]
    password: NewPassword


@router.get("/sessions")
async def sessions(viewer: CurrentViewer, tickets: CurrentTickets) -> Sessions:
    """Where the viewer is signed in."""
    found = await tickets.store.sign_in.sessions_of(viewer.agent_id)
    rows = [
        SessionRow(
            id=one.id,
            created_at=one.created_at,
            last_used_at=one.last_used_at,
            expires_at=one.expires_at,
            address=one.address,
            browser=one.browser,
            current=one.id == viewer.session_id,
        )
        for one in found
    ]
    return Sessions(items=rows)


@router.delete("/sessions")
async def end_other_sessions(viewer: CurrentViewer, tickets: CurrentTickets) -> Session:
    """Sign out everywhere else. The caller goes on with the access token of the answer."""
    await tickets.store.sign_in.close_sessions_of(viewer.agent_id, but=viewer.session_id)
    return await _go_on(tickets, viewer)


@router.delete("/sessions/{session_id}")
async def end_session(session_id: str, viewer: CurrentViewer, tickets: CurrentTickets) -> Session:
    """Sign out there. Access tokens given so far end at once, there and here: the caller goes on with the answer's."""
    if not await tickets.store.sign_in.close_sessions_of(viewer.agent_id, [session_id]):
        raise NotFound("unknown_session", "This session is over already.")
    return await _go_on(tickets, viewer)


@router.post("/me/password")
async def change_password(
    body: PasswordBody, request: Request, viewer: CurrentViewer, tickets: CurrentTickets
) -> Session:
    """A new password. It ends every other session; the caller goes on with the access token of the answer."""
    row = await tickets.store.directory.agent(viewer.agent_id)
    email, address = viewer.email, caller(request)
    await throttle(tickets, email, address)
    if not await verified(row, body.current):
        raise Invalid("wrong_password", "This is not your password.", (FieldError("body.current", "is not right"),))
    await not_throttled(tickets, email, address)
    await tickets.store.sign_in.close_sessions_of(viewer.agent_id, but=viewer.session_id)
    await tickets.store.sign_in.drop_links(viewer.agent_id)
    return await _go_on(tickets, viewer, {"password": await hashed(body.new)})


@router.post("/agents/{agent_id}/password-reset", status_code=201)
async def make_reset(agent_id: AgentId, viewer: CurrentViewer, tickets: CurrentTickets) -> Reset:
    """For an agent who has lost their password: a token that sets a new one, once, within a day."""
    viewer.need_everywhere("directory.manage")
    agent = tickets.directory.agents.get(agent_id)
    if agent is None or not agent.active:
        raise NotFound("unknown_agent", "There is no such active agent.")
    token, until = await tickets.store.sign_in.make_link(agent_id, "reset", by=viewer.agent_id)
    return Reset(token=token, link=link_to(tickets, "new-password", token), expires_at=until)


@router.post("/password-reset", status_code=204)
async def take_reset(body: TakeReset, request: Request, tickets: CurrentTickets) -> None:
    """Set a new password with such a token; sign in with it afterwards. Ends every session of the agent."""
    await throttle(tickets, None, caller(request))
    link = await tickets.store.sign_in.look_at_link(body.token)
    row = await tickets.store.directory.agent(link.agent_id) if link else None
    if link is None or link.kind != "reset" or row is None or not link.opens(row):
        raise _over()
    await not_throttled(tickets, row["email"], caller(request))
    author = Author(Actor(kind="agent", id=link.agent_id, name=row["name"]), MAILED if link.mailed else HANDED_ON)
    changed = await tickets.store.set_password(body.token, link.agent_id, await hashed(body.password), author)
    if changed is None:
        raise _over()
    tickets.directory.learn(changed)


def _over() -> Unauthenticated:
    return Unauthenticated("reset_used", "This link was used already or is too old. Ask for a new one.")


def link_to(tickets: Tickets, page: str, token: str) -> str:
    return f"{tickets.settings.public_url.rstrip('/')}/{page}#{token}"


async def _go_on(tickets: Tickets, viewer: Viewer, private: Document | None = None) -> Session:
    row = await end_tokens(tickets, viewer.agent_id, private or {})
    return session_answer(tickets, row, viewer.session_id)


async def end_tokens(tickets: Tickets, agent_id: str, private: Document) -> Document:
    """Every service refuses the agent's access tokens of before, as soon as the directory has told it."""
    changed = await tickets.store.directory.end_tokens(agent_id, private=private)
    if changed is None:
        raise NotFound("unknown_agent", "There is no such agent.")
    tickets.directory.learn(changed)
    return changed.model_dump()
