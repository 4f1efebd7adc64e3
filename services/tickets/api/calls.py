"""Calls that agents start, and the attempts that they note."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from services.tickets.api.context import (
    CurrentTickets,
    IdempotencyKey,
    act,
    actor,
    answer,
    command_id,
    visible,
)
from services.tickets.api.entries import Answer
from services.tickets.model.contact import Sighting, decide_sighting, handle_key
from services.tickets.model.dial import (
    NOTE_CHARS,
    LogAttempt,
    NewCall,
    StartCall,
    checked_numbers,
    decide_attempt,
    decide_dial,
    decide_new_call,
)
from services.tickets.model.phone import NUMBER_CHARS
from services.tickets.model.state import Context
from services.tickets.store.work import Work
from shared import ids, metrics
from shared.access import CurrentViewer
from shared.contracts.common import Handle
from shared.contracts.conversations import Head
from shared.contracts.phone import CallOutcome
from shared.errors import FieldError, Invalid
from shared.http import Body
from shared.log import Cause

router = APIRouter(tags=["calls"])

Number = Annotated[str, Field(max_length=NUMBER_CHARS)]


class CallBody(Body):
    """`number` in any notation, "" for the customer's own; `line` one of the brand's (E.164), "" for its first."""

    number: Number = ""
    line: Number = ""


class NewCallBody(Body):
    brand_id: str
    number: Number
    line: Number = ""
    name: Annotated[str, Field(max_length=200)] = ""


class AttemptBody(Body):
    """`attempt` is the one that is noted, from 1: when somebody was faster, the answer is 409 `attempt_taken`."""

    attempt: Annotated[int, Field(ge=1, le=10)]
    outcome: CallOutcome
    note: Annotated[str, Field(max_length=NOTE_CHARS)]


@router.post("/conversations/{conversation_id}/calls")
async def call(
    conversation_id: str,
    body: CallBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Have the viewer's phone call the customer. The answer says that it was asked for; `dial` in the head, and
    DialUpdated on the timeline, say what became of it. One Idempotency-Key is dialled at most once."""
    viewer.need("conversations.reply")
    input_id = command_id(viewer, idempotency_key)
    command = StartCall(ids.derived("dial", input_id), body.number, body.line)
    desk = tickets.desk()

    async def work_on(work: Work) -> Head | None:
        await work.load([conversation_id])
        state = visible(work.conversation(conversation_id), viewer)
        if await work.already_applied([input_id]):
            return None
        await work.load_people([state.head.contact_id])
        contact = work.person(state.head.contact_id)
        events = decide_dial(state, command, Context(work.now, actor(viewer)), desk, contact)
        work.record(Cause(input_id, input_id), events)
        await work.save([input_id])
        metrics.tickets_commands.labels("changed").inc()
        return events[-1].head

    head = await tickets.store.change(work_on)
    return await answer(tickets, viewer, conversation_id, input_id, head)


@router.post("/calls", status_code=201)
async def begin_with_call(
    body: NewCallBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Begin a phone conversation: have the viewer's phone call a number."""
    viewer.need("conversations.reply")
    brand = tickets.desk().brands.get(body.brand_id)
    if not viewer.sees_brand(body.brand_id) or (brand is not None and not brand.active):
        field = FieldError("body.brand_id", "is not yours")
        raise Invalid("unknown_brand", "Choose a brand that you work for.", (field,))
    input_id = command_id(viewer, idempotency_key)
    number, line = checked_numbers(body.number, body.line, brand)
    conversation_id = ids.derived("compose", input_id)
    command = NewCall(conversation_id, ids.derived("dial", input_id), body.brand_id, number, line)

    async def work_on(work: Work) -> Head | None:
        if await work.already_applied([input_id]):
            return None
        key = handle_key("phone", number)
        await work.load([], [key])
        cause = Cause(input_id, input_id)
        seen = Sighting(Handle(kind="phone", value=number, name=body.name.strip()), body.brand_id)
        known = work.contact(key)
        met = decide_sighting(known, seen, work.now, ids.derived("contact", input_id))
        contact = met[-1].contact if met else known
        if contact is None:
            raise RuntimeError("a sighting without a contact")
        events = decide_new_call(command, Context(work.now, actor(viewer)), contact)
        work.record_contact(cause, met)
        work.record(cause, events)
        await work.save([input_id])
        return events[-1].head

    head = await tickets.store.change(work_on)
    return await answer(tickets, viewer, conversation_id, input_id, head)


@router.post("/conversations/{conversation_id}/call-attempts")
async def note_attempt(
    conversation_id: str,
    body: AttemptBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Note an attempt to reach the customer by phone, with its outcome and what happened."""
    viewer.need("conversations.reply")
    command = LogAttempt(body.attempt, body.outcome, body.note)
    return await act(
        tickets,
        viewer,
        conversation_id,
        idempotency_key,
        lambda state, context: decide_attempt(state, command, context),
        sends="attempt",
    )
