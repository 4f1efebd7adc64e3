"""What agents write: replies, notes, new conversations."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import AwareDatetime, Field, field_validator

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
from services.tickets.model.commands import AddNote, Compose, Reply, decide_compose, decide_note, decide_reply
from services.tickets.model.contact import Sighting, decide_sighting, handle_key
from services.tickets.model.state import Context
from services.tickets.store.work import Work
from shared import ids
from shared.access import CurrentViewer
from shared.contracts.common import Address, Attachment, Handle
from shared.contracts.conversations import Head
from shared.errors import FieldError, Invalid
from shared.http import Body
from shared.log import Cause

router = APIRouter(tags=["conversations"])

Html = Annotated[str, Field(max_length=400_000)]
_MAILBOX = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,255}")


class AddressBody(Body):
    """A mailbox. Anything that could end a mail header is refused."""

    address: Annotated[str, Field(max_length=320)]
    name: Annotated[str, Field(max_length=200)] = ""

    @field_validator("address")
    @classmethod
    def _one_mailbox(cls, value: str) -> str:
        value = value.strip().lower()
        if not _MAILBOX.fullmatch(value) or not value.isprintable():
            raise ValueError("is not an email address")
        return value

    @field_validator("name")
    @classmethod
    def _one_line(cls, value: str) -> str:
        return "".join(one for one in value if unicodedata.category(one) not in ("Cc", "Zl", "Zp")).strip()

    def value(self) -> Address:
        return Address(address=self.address, name=self.name)


Recipients = Annotated[tuple[AddressBody, ...], Field(max_length=100)]
Files = Annotated[tuple[Attachment | Annotated[str, Field(min_length=1, max_length=200)], ...], Field(max_length=20)]
"""As ingest answered the upload; an id alone will do, the file is then shown without its name."""


class Then(Body):
    kind: Literal["close", "snooze"]
    until: AwareDatetime | None = None


class ReplyBody(Body):
    html: Html
    to: Recipients | None = None
    cc: Recipients | None = None
    bcc: Recipients = ()
    attachments: Files = ()
    then: Then | None = None
    seen_seq: Annotated[int, Field(ge=0)] | None = None


class NoteBody(Body):
    html: Html
    mentions: Annotated[tuple[str, ...], Field(max_length=50)] = ()


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
    """Answer the customer on their channel. 409 `newer_message` when they wrote after `seen_seq`."""
    viewer.need("conversations.reply")
    input_id = command_id(viewer, idempotency_key)
    html = clean(body.html)
    command = Reply(
        entry_id=ids.derived("entry", input_id),
        text=to_text(html),
        html=html or None,
        to=_addresses(body.to) if body.to is not None else None,
        cc=_addresses(body.cc) if body.cc is not None else None,
        bcc=_addresses(body.bcc),
        attachments=_files(body.attachments),
        then_close=body.then is not None and body.then.kind == "close",
        then_snooze_until=_snooze(body.then),
        seen_seq=body.seen_seq,
    )
    desk = tickets.desk()
    return await act_by_id(
        tickets,
        viewer,
        conversation_id,
        input_id,
        lambda state, context: decide_reply(state, command, context, desk, tickets.message_ids),
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
    command = AddNote(ids.derived("entry", input_id), to_text(html), html, body.mentions)
    desk = tickets.desk()
    return await act_by_id(
        tickets,
        viewer,
        conversation_id,
        input_id,
        lambda state, context: decide_note(state, command, context, desk),
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
        to=_addresses(body.to),
        cc=_addresses(body.cc),
        bcc=_addresses(body.bcc),
        attachments=_files(body.attachments),
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
        await work.save([input_id])
        return events[-1].head

    head = await tickets.store.change(work_on)
    return await answer(tickets, viewer, command.conversation_id, input_id, head)


def _addresses(given: tuple[AddressBody, ...]) -> tuple[Address, ...]:
    """Each mailbox once."""
    return tuple({one.address: one.value() for one in given}.values())


def _files(given: tuple[Attachment | str, ...]) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(id=one, name="attachment", content_type="application/octet-stream", size_bytes=0)
        if isinstance(one, str)
        else one
        for one in given
    )


def _snooze(then: Then | None) -> datetime | None:
    if then is None or then.kind != "snooze":
        return None
    if then.until is None:
        raise Invalid("no_snooze_time", "Say until when.", (FieldError("body.then.until", "is missing"),))
    return in_utc(then.until)
