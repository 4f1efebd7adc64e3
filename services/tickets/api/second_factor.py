"""One's own authenticator app and recovery codes, and one's own name (AG1). Each change asks for the password again."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from services.tickets.api.context import CurrentTickets, Tickets
from services.tickets.api.directory import Name, put_entity
from services.tickets.api.factors import Enrolment
from services.tickets.api.hashing import GivenPassword, verified
from services.tickets.api.session import needs_second, not_throttled, throttle
from shared.access import CurrentViewer, Viewer
from shared.contracts.directory import AgentChanged
from shared.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from shared.http import Body
from shared.mongo import Document
from shared.proxies import caller

router = APIRouter(tags=["session"])

Code = Annotated[str, Field(max_length=40)]


class SecondFactor(BaseModel):
    """`required`: the role asks for one. `recovery_codes_left`: how many of them still open."""

    on: bool
    required: bool
    recovery_codes_left: int


class PasswordProof(Body):
    password: GivenPassword


class CodeBody(Body):
    code: Code


class BothProofs(Body):
    """`code`: of the app, or a recovery code."""

    password: GivenPassword
    code: Code


class RecoveryCodes(BaseModel):
    """Each opens once; they are told once, here."""

    recovery_codes: list[str]


class ProfileBody(Body):
    name: Name


@router.put("/me/profile")
async def put_profile(body: ProfileBody, viewer: CurrentViewer, tickets: CurrentTickets) -> AgentChanged:
    """One's own name, as colleagues and customers read it. The rest is an admin's to change."""
    name = body.name.strip()
    if not name:
        raise Invalid("no_name", "A name has letters.", (FieldError("body.name", "is empty"),))
    there = tickets.directory.agents[viewer.agent_id]
    return await put_entity(tickets, there.model_copy(update={"name": name}), seen_seq=there.seq)


@router.get("/me/second-factor")
async def second_factor(viewer: CurrentViewer, tickets: CurrentTickets) -> SecondFactor:
    factor = await tickets.store.second_factors.of(viewer.agent_id)
    on = factor is not None and factor.confirmed
    required = needs_second(tickets, await _row(tickets, viewer))
    return SecondFactor(on=on, required=required, recovery_codes_left=factor.recovery_left if factor and on else 0)


@router.post("/me/second-factor")
async def begin(body: PasswordProof, request: Request, viewer: CurrentViewer, tickets: CurrentTickets) -> Enrolment:
    """A new secret for an authenticator app. Nothing is asked of it until a code of it was confirmed."""
    await _prove_password(tickets, request, viewer, body)
    await not_throttled(tickets, viewer.email, caller(request))
    return await tickets.factors.begin(viewer.agent_id, viewer.email)


@router.post("/me/second-factor/confirm")
async def confirm(body: CodeBody, request: Request, viewer: CurrentViewer, tickets: CurrentTickets) -> RecoveryCodes:
    """With a code of the app; from now on every sign-in asks for one."""
    await throttle(tickets, viewer.email, caller(request))
    codes = await tickets.factors.confirm(viewer.agent_id, body.code)
    if codes is None:
        raise _wrong_code()
    await not_throttled(tickets, viewer.email, caller(request))
    await tickets.store.sign_in.proved_second(viewer.agent_id, viewer.session_id)
    return RecoveryCodes(recovery_codes=codes)


@router.post("/me/second-factor/recovery-codes")
async def new_codes(
    body: BothProofs, request: Request, viewer: CurrentViewer, tickets: CurrentTickets
) -> RecoveryCodes:
    """New recovery codes in place of all older ones."""
    await _prove_both(tickets, request, viewer, body)
    return RecoveryCodes(recovery_codes=await tickets.factors.new_recovery_codes(viewer.agent_id))


@router.post("/me/second-factor/remove", status_code=204)
async def remove(body: BothProofs, request: Request, viewer: CurrentViewer, tickets: CurrentTickets) -> None:
    """Sign in with the password alone again, unless the role asks for more."""
    if needs_second(tickets, await _row(tickets, viewer)):
        raise Forbidden("second_factor_required", "Your role asks for an authenticator app. An admin can change that.")
    await _prove_both(tickets, request, viewer, body)
    await tickets.store.second_factors.remove(viewer.agent_id)


async def _prove_both(tickets: Tickets, request: Request, viewer: Viewer, body: BothProofs) -> None:
    """Not throttled only after both were right: a password that is known must not buy guesses at the code."""
    await _prove_password(tickets, request, viewer, body)
    factor = await tickets.store.second_factors.of(viewer.agent_id)
    if factor is None or not factor.confirmed:
        raise Conflict("no_second_factor", "You have no authenticator app.")
    if not await tickets.factors.right(viewer.agent_id, body.code):
        raise _wrong_code()
    await not_throttled(tickets, viewer.email, caller(request))


async def _prove_password(tickets: Tickets, request: Request, viewer: Viewer, body: PasswordProof | BothProofs) -> None:
    await throttle(tickets, viewer.email, caller(request))
    if not await verified(await _row(tickets, viewer), body.password):
        raise Invalid("wrong_password", "This is not your password.", (FieldError("body.password", "is not right"),))


async def _row(tickets: Tickets, viewer: Viewer) -> Document:
    row = await tickets.store.directory.agent(viewer.agent_id)
    if row is None:
        raise NotFound("unknown_agent", "There is no such agent.")
    return row


def _wrong_code() -> Invalid:
    words = "This code is not right, or was used already. Wait for the next."
    return Invalid("wrong_code", words, (FieldError("body.code", "is not right"),))
