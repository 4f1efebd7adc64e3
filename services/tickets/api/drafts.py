"""What the signed-in agent wrote in a conversation and did not send: the same on every device, and nobody else's."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.tickets.api.context import CurrentTickets, Tickets, visible
from services.tickets.api.entries import LinkedFile
from services.tickets.api.letters import Actions, Files, Html, Recipients, addresses, own_files
from services.tickets.model import draft as model
from services.tickets.model.draft import Draft, Mode
from shared.access import CurrentViewer
from shared.contracts.common import Address
from shared.contracts.directory import MacroAction
from shared.errors import Conflict
from shared.http import Body

router = APIRouter(prefix="/conversations/{conversation_id}/drafts", tags=["conversations"])


class RecipientsAnswer(BaseModel):
    to: list[Address]
    cc: list[Address]
    bcc: list[Address]


class DraftAnswer(BaseModel):
    """`rev` goes with the next writing. Files carry a `url`. `recipients` null: whom the conversation says."""

    rev: int
    html: str
    recipients: RecipientsAnswer | None
    attachments: list[LinkedFile]
    actions: list[MacroAction]
    updated_at: datetime | None


class Drafts(BaseModel):
    reply: DraftAnswer
    note: DraftAnswer


class RecipientsBody(Body):
    to: Recipients = ()
    cc: Recipients = ()
    bcc: Recipients = ()


class DraftBody(Body):
    """`rev`: that of the draft which the writer began from. Empty: thrown away."""

    mode: Mode
    rev: Annotated[int, Field(ge=0, lt=2**53)]
    html: Html = ""
    recipients: RecipientsBody | None = None
    attachments: Files = ()
    actions: Actions = ()


@router.get("")
async def drafts(conversation_id: str, viewer: CurrentViewer, tickets: CurrentTickets) -> Drafts:
    """As they were written last, on whatever device; `rev` 0 where there is none."""
    viewer.need("conversations.reply")
    visible(await tickets.store.conversation(conversation_id), viewer)
    reply, note = await tickets.store.drafts.of(viewer.agent_id, conversation_id)
    return Drafts(reply=shown(tickets, reply), note=shown(tickets, note))


@router.put("")
async def put_draft(
    conversation_id: str, body: DraftBody, viewer: CurrentViewer, tickets: CurrentTickets
) -> DraftAnswer:
    """Keep one. 409 `draft_changed`, with the one that is there (`existing`), when it was written elsewhere since."""
    viewer.need("conversations.reply")
    visible(await tickets.store.conversation(conversation_id), viewer)
    people = body.recipients
    wanted = Draft(
        rev=body.rev,
        html=body.html,
        recipients=model.Recipients(to=addresses(people.to), cc=addresses(people.cc), bcc=addresses(people.bcc))
        if people
        else None,
        attachments=own_files(tickets, viewer, body.attachments),
        actions=body.actions,
    )
    try:
        return shown(tickets, await tickets.store.drafts.put(viewer.agent_id, conversation_id, body.mode, wanted))
    except Conflict as error:
        there = shown(tickets, Draft.model_validate(error.about["existing"]))
        raise Conflict(error.code, error.message, about={"existing": there.model_dump(mode="json")}) from None


def shown(tickets: Tickets, draft: Draft) -> DraftAnswer:
    people = draft.recipients
    return DraftAnswer(
        rev=draft.rev,
        html=draft.html,
        recipients=RecipientsAnswer(to=list(people.to), cc=list(people.cc), bcc=list(people.bcc)) if people else None,
        attachments=tickets.entries.linked(draft.attachments),
        actions=list(draft.actions),
        updated_at=draft.updated_at,
    )
