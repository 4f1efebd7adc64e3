"""Signing in and out, and who I am."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Cookie, Request, Response
from pydantic import BaseModel, Field

from services.tickets.api.context import CurrentTickets, Tickets
from services.tickets.api.factors import Enrolment
from services.tickets.api.hashing import GivenPassword, verified
from services.tickets.store.sign_in import SESSION_FOR
from shared import metrics
from shared.access import CurrentViewer
from shared.contracts.directory import AgentChanged, Permission, RoleChanged
from shared.errors import Forbidden, NotFound, Overloaded, Unauthenticated
from shared.http import Body
from shared.mongo import Document
from shared.proxies import caller

router = APIRouter(tags=["session"])

COOKIE = "switchboard_session"
COOKIE_PATH = "/api/tickets/session"
BROWSER_CHARS = 200

SessionCookie = Annotated[str | None, Cookie(alias=COOKIE, max_length=200)]


class Account(Body):
    email: Annotated[str, Field(max_length=320)]
    password: GivenPassword


class ForgottenBody(Body):
    email: Annotated[str, Field(min_length=1, max_length=320)]


class SignIn(Account):
    """`code`: of the authenticator app, or a recovery code, where one is asked for."""

    code: Annotated[str, Field(max_length=40)] | None = None


class Session(BaseModel):
    """`recovery_codes` are told once: when an authenticator app was confirmed by this very answer."""

    access_token: str
    expires_in_s: int
    agent: AgentChanged
    recovery_codes: list[str] | None = None


class Me(BaseModel):
    agent: AgentChanged
    role: RoleChanged
    permissions: list[Permission]


class Jwks(BaseModel):
    keys: list[dict[str, str | list[str]]]


@router.post("/session")
async def sign_in(body: SignIn, request: Request, response: Response, tickets: CurrentTickets) -> Session:
    """Sign in. The answer sets a cookie that `/session/refresh` takes for new access tokens.

    401 says by its code what is missing: `second_factor_needed` (ask again with `code`), `enrolment_needed`
    (`POST /session/second-factor` first), `wrong_code`, `wrong_password`."""
    row = await proven(tickets, request, body)
    try:
        proof = await tickets.factors.prove(row["_id"], body.code, required=needs_second(tickets, row))
    except Unauthenticated:
        metrics.tickets_sign_ins.labels("refused").inc()
        raise
    await not_throttled(tickets, row["email"], caller(request))
    session = await open_session(tickets, request, response, row, second_factor=proof.second)
    return session.model_copy(update={"recovery_codes": proof.recovery_codes})


@router.post("/session/second-factor")
async def enrol(body: Account, request: Request, tickets: CurrentTickets) -> Enrolment:
    """Set up an authenticator app before the first sign-in in a role that asks for one. Signing in with a code of it
    then confirms it."""
    row = await proven(tickets, request, body)
    if not needs_second(tickets, row):
        raise Forbidden("sign_in_first", "Your role asks for no authenticator app. Sign in, then set one up.")
    return await tickets.factors.begin(row["_id"], row["email"])


@router.post("/session/forgotten", status_code=204)
async def forgotten(body: ForgottenBody, request: Request, tickets: CurrentTickets) -> None:
    """Have a link for a new password mailed. The answer is the same whether or not somebody has this address."""
    email, settings = body.email.strip().lower(), tickets.settings
    by_address = f"mail-address:{caller(request)}", settings.reset_mails_per_address
    by_account = f"mail-account:{email}", settings.reset_mails_per_account
    if await _too_often(tickets, by_address, by_account):
        raise Overloaded("too_many_attempts", "A link was asked for too often. Wait 15 minutes, then try again.")
    await tickets.store.forgotten.ask(email)


@router.post("/session/refresh")
async def refresh(tickets: CurrentTickets, cookie: SessionCookie = None) -> Session:
    """A new access token for the session in the cookie."""
    found = await tickets.store.sign_in.use_session(cookie) if cookie else None
    row = await tickets.store.directory.agent(found.agent_id) if found else None
    if found is None or row is None or not row["active"]:
        raise Unauthenticated("no_session", "Please sign in.")
    if needs_second(tickets, row) and not found.second_factor:
        raise Unauthenticated("enrolment_needed", "Your role asks for an authenticator app now. Please sign in again.")
    return session_answer(tickets, row, found.id)


@router.delete("/session", status_code=204)
async def sign_out(response: Response, tickets: CurrentTickets, cookie: SessionCookie = None) -> None:
    """End the session in the cookie; without one nothing happens."""
    if cookie:
        await tickets.store.sign_in.close_session(cookie)
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


async def proven(tickets: Tickets, request: Request, account: Account) -> Document:
    """The agent's document, when the password is right. Counted as an attempt until `not_throttled` is told."""
    email = account.email.strip().lower()
    await throttle(tickets, email, caller(request))
    row = await tickets.store.directory.agent_by_address(email)
    right = await verified(row, account.password)
    if row is None or not right or not row["active"]:
        metrics.tickets_sign_ins.labels("refused").inc()
        raise Unauthenticated("wrong_password", "This email and password do not match. Check both and try again.")
    return row


def needs_second(tickets: Tickets, row: Document) -> bool:
    """Whether the role of an agent's document asks for a second factor."""
    role = tickets.directory.roles.get(row["role_id"])
    return role is not None and role.second_factor


async def open_session(
    tickets: Tickets, request: Request, response: Response, row: Document, *, second_factor: bool
) -> Session:
    """They are who they say; the cookie is set on `response`."""
    metrics.tickets_sign_ins.labels("ok").inc()
    token, session_id = await tickets.store.sign_in.open_session(
        row["_id"], address=caller(request), browser=_browser(request), second_factor=second_factor
    )
    _set_cookie(response, tickets, token)
    return session_answer(tickets, row, session_id)


async def throttle(tickets: Tickets, email: str | None, address: str) -> None:
    """Count by account, so that one password is not guessed, and by address, so that many are not tried."""
    settings = tickets.settings
    by_address = _address(address), settings.sign_in_failures_per_address
    by_account = [(_account(email), settings.sign_in_failures_per_account)] if email is not None else []
    if await _too_often(tickets, by_address, *by_account):
        metrics.tickets_sign_ins.labels("throttled").inc()
        raise Overloaded("too_many_attempts", "Too many sign-ins failed. Wait 15 minutes, then try again.")


async def _too_often(tickets: Tickets, *limits: tuple[str, int]) -> bool:
    """Count one more attempt of each key, up to the first that is over its limit. The caller's stands first: one who is
    throttled spends nothing of an account's, and so locks out nobody."""
    for key, limit in limits:
        if await tickets.store.sign_in.attempt(key) > limit:
            return True
    return False


async def not_throttled(tickets: Tickets, email: str, address: str) -> None:
    """It was right, after all."""
    await tickets.store.sign_in.succeeded(_account(email), _address(address))


def session_answer(tickets: Tickets, row: Document, session_id: str) -> Session:
    """A new access token of a session. `row` is the agent's document."""
    agent = AgentChanged.model_validate({name: row[name] for name in AgentChanged.model_fields if name in row})
    token, holds_s = tickets.tokens.issue(agent.agent_id, session_id=session_id, generation=agent.generation)
    return Session(access_token=token, expires_in_s=holds_s, agent=agent)


def _account(email: str) -> str:
    return f"account:{email}"


def _address(address: str) -> str:
    return f"address:{address}"


def _browser(request: Request) -> str:
    """What it calls itself, so that a person knows which of their sessions it is."""
    said = request.headers.get("user-agent", "")[:BROWSER_CHARS]
    return "".join(one for one in said if one.isprintable())


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
