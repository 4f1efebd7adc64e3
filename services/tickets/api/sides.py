"""Side conversations: mails with somebody else about a conversation (CV8). Agents alone ever see them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, field_validator

from services.tickets.api.context import (
    CurrentTickets,
    IdempotencyKey,
    Tickets,
    actor,
    answer,
    command_id,
    readable,
    visible,
)
from services.tickets.api.entries import Answer, TimelineEntry
from services.tickets.api.html import clean, to_text
from services.tickets.api.letters import Files, Html, Recipients, addresses, own_files
from services.tickets.model.draft import Place, side_box
from services.tickets.model.sides import (
    SideMail,
    customers_addresses,
    decide_side,
    decide_side_reply,
    find_side,
)
from services.tickets.model.state import Context
from services.tickets.store.merges import mails_of_side
from services.tickets.store.work import Work
from shared import ids, metrics
from shared.access import CurrentViewer, Viewer
from shared.contracts.conversations import Head
from shared.contracts.side import Side
from shared.http import Body
from shared.log import Cause, log_row

router = APIRouter(prefix="/conversations/{conversation_id}/sides", tags=["conversations"])


class SideBody(Body):
    """The first mail."""

    to: Recipients
    cc: Recipients = ()
    subject: Annotated[str, Field(max_length=500)]
    html: Html
    attachments: Files = ()

    @field_validator("subject")
    @classmethod
    def _one_line(cls, value: str) -> str:
        return " ".join(value.split())


class SideReplyBody(Body):
    """`to`, `cc` left out: whoever wrote last, and who was in copy."""

    html: Html
    to: Recipients | None = None
    cc: Recipients | None = None
    attachments: Files = ()


class SideConversation(BaseModel):
    """`items`: its mails, oldest first."""

    side: Side
    items: list[TimelineEntry]


@router.post("", status_code=201)
async def start(
    conversation_id: str,
    body: SideBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Write to somebody else about this conversation. Their answers come back into the side conversation; the customer
    never sees any of it, and none of their addresses may be named."""
    viewer.need("conversations.reply")
    input_id = command_id(viewer, idempotency_key)
    html = clean(body.html)
    command = SideMail(
        side_id=ids.derived("side", input_id),
        entry_id=ids.derived("entry", input_id),
        subject=body.subject,
        text=to_text(html),
        html=html or None,
        to=addresses(body.to),
        cc=addresses(body.cc),
        attachments=own_files(tickets, viewer, body.attachments),
    )
    return await _write(tickets, viewer, conversation_id, input_id, command, begins=True)


@router.get("/{side_id}")
async def side(conversation_id: str, side_id: str, viewer: CurrentViewer, tickets: CurrentTickets) -> SideConversation:
    """One side conversation with its mails."""
    viewer.need("conversations.read")
    head = (await readable(tickets, viewer, conversation_id)).head
    found = find_side(head, side_id)
    rows = await mails_of_side(tickets.store.log.rows, [head.id, *head.merged_ids], side_id)
    return SideConversation(side=found, items=[tickets.entries.of(log_row(row)) for row in rows])


@router.post("/{side_id}/reply")
async def reply(
    conversation_id: str,
    side_id: str,
    body: SideReplyBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> Answer:
    """Answer in a side conversation."""
    viewer.need("conversations.reply")
    input_id = command_id(viewer, idempotency_key)
    html = clean(body.html)
    command = SideMail(
        side_id=side_id,
        entry_id=ids.derived("entry", input_id),
        text=to_text(html),
        html=html or None,
        to=addresses(body.to) if body.to is not None else None,
        cc=addresses(body.cc) if body.cc is not None else None,
        attachments=own_files(tickets, viewer, body.attachments),
    )
    return await _write(tickets, viewer, conversation_id, input_id, command, begins=False)


async def _write(
    tickets: Tickets, viewer: Viewer, conversation_id: str, input_id: str, command: SideMail, *, begins: bool
) -> Answer:
    desk = tickets.desk()

    async def work_on(work: Work) -> Head | None:
        await work.load([conversation_id])
        state = visible(work.conversation(conversation_id), viewer)
        if await work.already_applied([input_id]):
            return None
        await work.load_people([state.head.contact_id])
        customer = customers_addresses(state.head, work.person(state.head.contact_id))
        decide = decide_side if begins else decide_side_reply
        ours = tickets.signer.side_message_id_of
        context = Context(work.now, actor(viewer))
        events = decide(state, command.known_customer(customer), context, desk, ours)
        work.record(Cause(input_id, input_id), events)
        box = side_box(None if begins else command.side_id)
        await tickets.store.drafts.empty(viewer.agent_id, Place(box, "conversation", state.head.id), work.session)
        await work.save([input_id])
        metrics.tickets_commands.labels("changed").inc()
        return events[-1].head

    head = await tickets.store.change(work_on)
    return await answer(tickets, viewer, conversation_id, input_id, head)
