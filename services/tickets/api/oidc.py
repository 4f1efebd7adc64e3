"""Signing in with an account elsewhere: the browser goes to the provider and comes back (AG1).

What the browser must bring back lies in a sealed cookie of its own for ten minutes, so that nobody can be made to
finish a sign-in that somebody else began, and nothing is kept here for those who never come back. The provider has seen
to a second factor itself; none is asked for here.
"""

from __future__ import annotations

import hmac
import json
import re
from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Cookie, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from services.tickets.api.context import CurrentTickets, Tickets
from services.tickets.api.invitations import accepted
from services.tickets.api.session import open_session, throttle
from services.tickets.provider import Attempt, Identity, Provider
from shared import metrics
from shared.errors import DomainError, NotFound, Unauthenticated
from shared.mongo import Document
from shared.proxies import caller
from shared.sealing import Seal

router = APIRouter(tags=["session"])

COOKIE = "switchboard_oidc"
COOKIE_PATH = "/api/tickets/session/oidc"
BACK_WITHIN = timedelta(minutes=10)
PAGES = re.compile(r"/[a-z][\w\-./?=&%:@]*")

Given = Annotated[str | None, Query(max_length=4096)]


class Elsewhere(BaseModel):
    """`name` stands on the button: "Sign in with …"."""

    name: str


class Ways(BaseModel):
    """How one may sign in, beside email and password."""

    oidc: Elsewhere | None


@router.get("/session/ways")
async def ways(tickets: CurrentTickets) -> Ways:
    named = tickets.settings.oidc_name if tickets.provider else None
    return Ways(oidc=Elsewhere(name=named) if named else None)


@router.get("/session/oidc", status_code=303, response_class=RedirectResponse)
async def begin(tickets: CurrentTickets, back: Annotated[str, Query(max_length=2000)] = "/") -> RedirectResponse:
    """To the provider. `back`: the page of the desk that one wants to see afterwards."""
    try:
        url, attempt = await _provider(tickets).begin()
    except DomainError as error:
        return _to_page(tickets, "/sign-in", problem=error.code)
    until = tickets.store.clock() + BACK_WITHIN
    kept = [attempt.state, attempt.nonce, attempt.verifier, back if _is_page(back) else "/", int(until.timestamp())]
    answer = RedirectResponse(url, status_code=303)
    lax: Literal["lax"] = "lax"  # it must come along when the provider sends the browser back
    answer.set_cookie(
        COOKIE,
        _seal(tickets).close(json.dumps(kept)),
        max_age=int(BACK_WITHIN.total_seconds()),
        path=COOKIE_PATH,
        httponly=True,
        samesite=lax,
        secure=tickets.settings.public_url.startswith("https:"),
    )
    return answer


@router.get("/session/oidc/callback", status_code=303, response_class=RedirectResponse)
async def come_back(
    request: Request,
    tickets: CurrentTickets,
    code: Given = None,
    state: Given = None,
    iss: Given = None,
    error: Given = None,
    cookie: Annotated[str | None, Cookie(alias=COOKIE, max_length=4096)] = None,
) -> RedirectResponse:
    """From the provider: to the page that was wanted, signed in; or to the sign-in page, with what was wrong."""
    try:
        attempt, back = _begun(tickets, cookie, state)
        if error or not code:
            raise Unauthenticated("oidc_refused", "The sign-in was refused there.")
        await throttle(tickets, None, caller(request))
        row = await _agent(tickets, await _provider(tickets).finish(attempt, code, iss))
        await tickets.store.sign_in.succeeded("", f"address:{caller(request)}")
        answer = _to_page(tickets, back)
        await open_session(tickets, request, answer, row, second_factor=True)
    except DomainError as refusal:
        metrics.tickets_sign_ins.labels("refused").inc()
        answer = _to_page(tickets, "/sign-in", problem=refusal.code)
    answer.delete_cookie(COOKIE, path=COOKIE_PATH)
    return answer


def _begun(tickets: Tickets, cookie: str | None, state: str | None) -> tuple[Attempt, str]:
    """What this browser began, not long ago, and where it wanted to go."""
    opened = _seal(tickets).open(cookie) if cookie else None
    if opened is None or state is None:
        raise Unauthenticated("oidc_not_begun", "This sign-in was not begun in this browser. Start it again.")
    kept_state, nonce, verifier, back, until_s = json.loads(opened)
    if not hmac.compare_digest(kept_state.encode(), state.encode()) or until_s < tickets.store.clock().timestamp():
        raise Unauthenticated("oidc_not_begun", "This sign-in took too long, or was begun elsewhere. Start it again.")
    return Attempt(kept_state, nonce, verifier), back


async def _agent(tickets: Tickets, identity: Identity) -> Document:
    """The active agent whose account it is: linked before, or with this verified address. An open invitation to that
    address is accepted by it."""
    directory, identities = tickets.store.directory, tickets.store.identities
    known = await identities.agent_of(identity.issuer, identity.subject)
    row = await directory.agent(known) if known else None
    if known is None and identity.email:
        row = await directory.agent_by_address(identity.email)
    if row is not None and not row["active"] and row["_id"] in await tickets.store.sign_in.invited():
        await accepted(tickets, row["_id"])
        row = await directory.agent(row["_id"])
    if row is None or not row["active"]:
        raise Unauthenticated("oidc_unknown", "Nobody here has this account. Ask an admin for an invitation.")
    if known is None and not await identities.link(identity.issuer, identity.subject, row["_id"]):
        raise Unauthenticated("oidc_other_account", "You signed in with another account before. Ask an admin.")
    return row


def _provider(tickets: Tickets) -> Provider:
    if tickets.provider is None:
        raise NotFound("no_provider", "This desk knows no other way to sign in than a password.")
    return tickets.provider


def _seal(tickets: Tickets) -> Seal:
    return Seal(tickets.settings.secret.get_secret_value(), "oidc-attempt")


def _is_page(back: str) -> bool:
    """One of our own: `//elsewhere` and `/\\elsewhere` are other people's."""
    return PAGES.fullmatch(back) is not None and not back.startswith("/api")


def _to_page(tickets: Tickets, page: str, **said: str) -> RedirectResponse:
    query = f"?{urlencode(said)}" if said else ""
    return RedirectResponse(f"{tickets.settings.public_url.rstrip('/')}{page}{query}", status_code=303)
