"""Signing in and out, and who I am."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from fastapi import APIRouter, Cookie, Request, Response
from pydantic import BaseModel, Field

from services.tickets.api.context import CurrentTickets, Tickets
from services.tickets.store.sign_in import SESSION_FOR
from shared import metrics
from shared.access import CurrentViewer
from shared.contracts.directory import AgentChanged, Permission, RoleChanged
from shared.errors import NotFound, Overloaded, Unauthenticated
from shared.http import Body
from shared.mongo import Document

router = APIRouter(tags=["session"])

COOKIE = "switchboard_session"
COOKIE_PATH = "/api/tickets/session"

HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's least for argon2id; more memory would show in what an idle service holds."""
_NOBODY = HASHER.hash("nobody has this password")
_AT_ONCE = asyncio.Semaphore(2)
"""How many passwords are checked at a time: each takes a core and 19 MiB for some 30 ms."""


class SignIn(Body):
    email: Annotated[str, Field(max_length=320)]
    password: Annotated[str, Field(max_length=1024)]


class Session(BaseModel):
    access_token: str
    expires_in_s: int
    agent: AgentChanged


class Me(BaseModel):
    agent: AgentChanged
    role: RoleChanged
    permissions: list[Permission]


class Jwks(BaseModel):
    keys: list[dict[str, str | list[str]]]


@router.post("/session")
async def sign_in(body: SignIn, request: Request, response: Response, tickets: CurrentTickets) -> Session:
    """Sign in. The answer sets a cookie that `/session/refresh` takes for new access tokens."""
    email = body.email.strip().lower()
    keys = [f"account:{email}", f"address:{request.client.host if request.client else ''}"]
    await _check_throttle(tickets, keys)
    row = await tickets.store.directory.agent_by_address(email)
    right = await _verified(row, body.password)
    if row is None or not right or not row["active"]:
        for key in keys:
            await tickets.store.sign_in.count_failure(key)
        metrics.tickets_sign_ins.labels("refused").inc()
        raise Unauthenticated("wrong_password", "This email and password do not match. Check both and try again.")
    await tickets.store.sign_in.forget_failures(keys[0])
    metrics.tickets_sign_ins.labels("ok").inc()
    token = await tickets.store.sign_in.open_session(row["_id"])
    _set_cookie(response, tickets, token)
    return _session(tickets, row)


@router.post("/session/refresh")
async def refresh(tickets: CurrentTickets, switchboard_session: Annotated[str | None, Cookie()] = None) -> Session:
    """A new access token for the session in the cookie."""
    found = await tickets.store.sign_in.session(switchboard_session) if switchboard_session else None
    row = await tickets.store.directory.agent(found["agent_id"]) if found else None
    if row is None or not row["active"]:
        raise Unauthenticated("no_session", "Please sign in.")
    return _session(tickets, row)


@router.delete("/session", status_code=204)
async def sign_out(
    response: Response, tickets: CurrentTickets, switchboard_session: Annotated[str | None, Cookie()] = None
) -> None:
    """End the session in the cookie; without one nothing happens."""
    if switchboard_session:
        await tickets.store.sign_in.close_session(switchboard_session)
    response.delete_cookie(COOKIE, path=COOKIE_PATH)


@router.get("/me")
async def me(viewer: CurrentViewer, tickets: CurrentTickets) -> Me:
    agent = tickets.directory.agents[viewer.agent_id]
    role = tickets.directory.roles.get(agent.role_id)
    if role is None:
        raise NotFound("unknown_role", "Your role does not exist any more. An admin can give you another.")
    return Me(agent=agent, role=role, permissions=list(role.permissions))


@router.get("/.well-known/jwks.json")
async def jwks(tickets: CurrentTickets) -> Jwks:
    """The public keys of access tokens."""
    return Jwks.model_validate({"keys": await tickets.tokens.public_keys()})


async def _check_throttle(tickets: Tickets, keys: list[str]) -> None:
    """Count by account, so that one password is not guessed, and by address, so that many are not tried."""
    failures = await tickets.store.sign_in.failures(keys)
    settings = tickets.settings
    limits = (settings.sign_in_failures_per_account, settings.sign_in_failures_per_address)
    if any(failures.get(key, 0) >= limit for key, limit in zip(keys, limits, strict=True)):
        metrics.tickets_sign_ins.labels("throttled").inc()
        raise Overloaded("too_many_attempts", "Too many sign-ins failed. Wait 15 minutes, then try again.")


async def _verified(row: Document | None, password: str) -> bool:
    """An unknown account takes as long as a known one, so that time tells nothing."""
    hashed = (row or {}).get("private_password") or _NOBODY
    async with _AT_ONCE:
        return await asyncio.to_thread(_matches, hashed, password) and hashed is not _NOBODY


def _matches(hashed: str, password: str) -> bool:
    try:
        return HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _session(tickets: Tickets, row: Document) -> Session:
    token, holds_s = tickets.tokens.issue(row["_id"])
    agent = AgentChanged.model_validate({name: row[name] for name in AgentChanged.model_fields})
    return Session(access_token=token, expires_in_s=holds_s, agent=agent)


def _set_cookie(response: Response, tickets: Tickets, token: str) -> None:
    strict: Literal["strict"] = "strict"
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(SESSION_FOR.total_seconds()),
        path=COOKIE_PATH,
        httponly=True,
        samesite=strict,
        secure=tickets.settings.public_url.startswith("https:"),
    )
