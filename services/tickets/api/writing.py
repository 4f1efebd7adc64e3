"""What agents write: replies, notes, new conversations."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field, field_validator

from services.tickets.api.context import (
    CurrentTickets,
    IdempotencyKey,
    act_by_id,
    actor,
    answer,
    command_id,
    in_utc,
)
from services.tickets.api.entries import Answer
from services.tickets.api.html import clean, to_text
from services.tickets.api.letters import Actions, Files, Html, Recipients, addresses, own_files
from services.tickets.api.outbox import hold_reply, seen_there
from services.tickets.model.commands import AddNote, Compose, Reply, decide_compose, decide_note, decide_reply
from services.tickets.model.contact import Sighting, decide_sighting, handle_key
from services.tickets.model.draft import Place
from services.tickets.model.state import Context
from services.tickets.store.work import Work
from shared import ids
from shared.access import CurrentViewer
from shared.contracts.base import Time
from shared.contracts.common import Address, Handle
from shared.contracts.conversations import Head
from shared.errors import FieldError, Invalid
from shared.http import Body
from shared.log import Cause

router = APIRouter(tags=["conversations"])


class Then(Body):
    kind: Literal["close", "snooze"]
    until: Time | None = None


class ReplyBody(Body):
    """`hold`: for as long as the agent prefers (GET /preferences) it can be taken back, and only then it leaves."""

    html: Html
    to: Recipients | None = None
    cc: Recipients | None = None
    bcc: Recipients = ()
    attachments: Files = ()
    then: Then | None = None
    seen_seq: Annotated[int, Field(ge=0)] | None = None
    hold: bool = False
    actions: Actions = ()


class NoteBody(Body):
    html: Html
    mentions: Annotated[tuple[str, ...], Field(max_length=50)] = ()
    teams: Annotated[tuple[str, ...], Field(max_length=20)] = ()
    attachments: Files = ()


class ComposeBody(Body):
    brand_id: str
    to: Recipients
    cc: Recipients = ()
    bcc: Recipients = ()
    subject: Annotated[str, Field(max_length=500)] = ""
    html: Html
    attachments: Files = ()

    @field_validator("subject")
    @classmethod
    def _one_line(cls, value: str) -> str:
        return " ".join(value.split())


@router.post("/conversations/{conversation_id}/reply")
async def reply(
    conversation_id: str,
    body: ReplyBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Answer the customer on their channel. 409 `newer_message` when they wrote after `seen_seq`. Their draft is done
    with then."""
    viewer.need("conversations.reply")
    if body.actions:
        viewer.need("conversations.edit")
    input_id = command_id(viewer, idempotency_key)
    html = clean(body.html)
    command = Reply(
        entry_id=ids.derived("entry", input_id),
        text=to_text(html),
        html=html or None,
        to=addresses(body.to) if body.to is not None else None,
        cc=addresses(body.cc) if body.cc is not None else None,
        bcc=addresses(body.bcc),
        attachments=own_files(tickets, viewer, body.attachments),
        then_close=body.then is not None and body.then.kind == "close",
        then_snooze_until=_snooze(body.then),
        seen_seq=body.seen_seq,
        actions=body.actions,
        may_assign_others=viewer.may("conversations.assign_others"),
    )
    seconds = (await tickets.store.preferences.of(viewer.agent_id))["undo_send_s"] if body.hold else 0
    if seconds:
        return await hold_reply(tickets, viewer, conversation_id, input_id, command, seconds)
    desk = tickets.desk()
    return await act_by_id(
        tickets,
        viewer,
        conversation_id,
        input_id,
        lambda state, context: decide_reply(
            seen_there(state, conversation_id, command), command, context, desk, tickets.message_ids
        ),
        sends="reply",
    )


@router.post("/conversations/{conversation_id}/note")
async def note(
    conversation_id: str,
    body: NoteBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Write a private note; those mentioned find it under Mentions."""
    viewer.need("conversations.reply")
    input_id = command_id(viewer, idempotency_key)
    html = clean(body.html)
    command = AddNote(
        entry_id=ids.derived("entry", input_id),
        text=to_text(html),
        html=html,
        mentions=body.mentions,
        teams=body.teams,
        attachments=own_files(tickets, viewer, body.attachments),
    )
    desk = tickets.desk()
    return await act_by_id(
        tickets,
        viewer,
        conversation_id,
        input_id,
        lambda state, context: decide_note(state, command, context, desk),
        sends="note",
    )


@router.post("/conversations", status_code=201)
async def compose(
    body: ComposeBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Begin a conversation with a mail of ours."""
    viewer.need("conversations.reply")
    if not viewer.sees_brand(body.brand_id):
        raise Invalid(
            "unknown_brand", "Choose a brand that you work for.", (FieldError("body.brand_id", "is not yours"),)
        )
    input_id = command_id(viewer, idempotency_key)
    html = clean(body.html)
    command = Compose(
        conversation_id=ids.derived("compose", input_id),
        entry_id=ids.derived("entry", input_id),
        brand_id=body.brand_id,
        subject=body.subject,
        text=to_text(html),
        html=html or None,
        to=addresses(body.to),
        cc=addresses(body.cc),
        bcc=addresses(body.bcc),
        attachments=own_files(tickets, viewer, body.attachments),
    )
    desk = tickets.desk()

    async def work_on(work: Work) -> Head | None:
        if await work.already_applied([input_id]):
            return None
        first = command.to[0] if command.to else Address(address="")
        key = handle_key("email", first.address)
        await work.load([], [key])
        cause = Cause(input_id, input_id)
        seen = Sighting(Handle(kind="email", value=first.address, name=first.name), command.brand_id)
        known = work.contact(key)
        met = decide_sighting(known, seen, work.now, ids.derived("contact", input_id))
        contact = met[-1].contact if met else known
        if contact is None:
            raise RuntimeError("a sighting without a contact")
        events = decide_compose(command, Context(work.now, actor(viewer)), contact, desk, tickets.message_ids)
        work.record_contact(cause, met)
        work.record(cause, events)
        await tickets.store.drafts.empty(viewer.agent_id, Place("new-conversation"), work.session)
        await work.save([input_id])
        return events[-1].head

    head = await tickets.store.change(work_on)
    return await answer(tickets, viewer, command.conversation_id, input_id, head)


def _snooze(then: Then | None) -> datetime | None:
    if then is None or then.kind != "snooze":
        return None
    if then.until is None:
        raise Invalid("no_snooze_time", "Say until when.", (FieldError("body.then.until", "is missing"),))
    return in_utc(then.until)
