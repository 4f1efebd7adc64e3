"""What the signed-in agent wrote in any box of the desk and did not send: the same on every device, and nobody
else's."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints, model_validator

from services.tickets.api.contact_answers import visible_contact
from services.tickets.api.context import CurrentTickets, Tickets, visible
from services.tickets.api.entries import LinkedFile
from services.tickets.api.letters import Actions, Files, Html, Recipients, addresses, own_files
from services.tickets.api.ticket_entries import visible_ticket
from services.tickets.model import draft as model
from services.tickets.model.draft import (
    ContactBox,
    ConversationBox,
    Draft,
    FieldValue,
    OpenBox,
    Place,
    TicketBox,
    side_box,
)
from services.tickets.model.sides import find_side
from shared.access import CurrentViewer, Viewer
from shared.contracts.common import Address
from shared.contracts.conversations import Head
from shared.contracts.directory import MacroAction
from shared.errors import Conflict
from shared.http import Body

router = APIRouter(tags=["drafts"])

WRITTEN_CHARS = 400_000
"""In one draft besides its letter: texts and fields together."""
FIELDS_MAX = 110
"""In one draft: a ticket's form keeps, beside each of its fields and its title, what was there before."""
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:-]{1,200}$")]
Text = Annotated[str, Field(max_length=WRITTEN_CHARS)]
Chosen = Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Field(max_length=1_000)]
SideBox = Annotated[str, StringConstraints(pattern=r"^side:[A-Za-z0-9-]{1,100}$")]
"""`side:<id>`, and `side:new` for the first mail of another one."""


class RecipientsAnswer(BaseModel):
    to: list[Address]
    cc: list[Address]
    bcc: list[Address]


class DraftAnswer(BaseModel):
    """`rev` goes with the next writing. Files carry a `url`. `recipients` null: whom the conversation says. `fields`:
    what else the form holds, by names that its screen gives them."""

    rev: int
    html: str
    text: str
    recipients: RecipientsAnswer | None
    attachments: list[LinkedFile]
    actions: list[MacroAction]
    fields: dict[str, FieldValue]
    updated_at: datetime | None


class Drafts(BaseModel):
    """By box; one that nothing was ever written in is not among them."""

    items: dict[str, DraftAnswer]


class RecipientsBody(Body):
    to: Recipients = ()
    cc: Recipients = ()
    bcc: Recipients = ()


class Written(Body):
    """`rev`: that of the draft which the writer began from. Empty: thrown away."""

    rev: Annotated[int, Field(ge=0, lt=2**53)]
    html: Html = ""
    text: Text = ""
    recipients: RecipientsBody | None = None
    attachments: Files = ()
    actions: Actions = ()
    fields: Annotated[dict[Name, Text | bool | float | Chosen | None], Field(max_length=FIELDS_MAX)] = Field(
        default_factory=dict
    )

    @model_validator(mode="after")
    def _no_longer_than_a_letter(self) -> Self:
        values = (len("".join(one)) if isinstance(one, tuple) else len(str(one)) for one in self.fields.values())
        if len(self.text) + sum(values) > WRITTEN_CHARS:
            raise ValueError(f"is longer than {WRITTEN_CHARS:,} characters")
        return self


class ConversationDraftBody(Written):
    box: ConversationBox | SideBox


class TicketDraftBody(Written):
    box: TicketBox


class ContactDraftBody(Written):
    box: ContactBox


class OpenDraftBody(Written):
    box: OpenBox


@router.get("/drafts")
async def drafts(viewer: CurrentViewer, tickets: CurrentTickets) -> Drafts:
    """Of what is not there yet: a new conversation, a new ticket."""
    return await _of(tickets, viewer)


@router.put("/drafts")
async def put_draft(body: OpenDraftBody, viewer: CurrentViewer, tickets: CurrentTickets) -> DraftAnswer:
    """Keep one. 409 `draft_changed`, with the one that is there (`existing`), when it was written elsewhere since."""
    viewer.need("tickets.write" if body.box == "new-ticket" else "conversations.reply")
    return await _put(tickets, viewer, Place(body.box), body)


@router.get("/conversations/{conversation_id}/drafts")
async def conversation_drafts(conversation_id: str, viewer: CurrentViewer, tickets: CurrentTickets) -> Drafts:
    """As they were written last, on whatever device; of a merged one, those of the one that it is part of."""
    viewer.need("conversations.read")
    return await _of(tickets, viewer, visible(await tickets.store.home(conversation_id), viewer).head.id)


@router.put("/conversations/{conversation_id}/drafts")
async def put_conversation_draft(
    conversation_id: str, body: ConversationDraftBody, viewer: CurrentViewer, tickets: CurrentTickets
) -> DraftAnswer:
    """Keep one, as PUT /drafts; of a merged conversation, at the one that it is part of. 404 `unknown_side` for a side
    conversation that is not there."""
    viewer.need("tickets.write" if body.box == "ticket" else "conversations.reply")
    head = visible(await tickets.store.home(conversation_id), viewer).head
    _check_side(head, body.box)
    return await _put(tickets, viewer, Place(body.box, "conversation", head.id), body)


@router.get("/tickets/{ticket_id}/drafts")
async def ticket_drafts(ticket_id: str, viewer: CurrentViewer, tickets: CurrentTickets) -> Drafts:
    """What was written at a ticket."""
    viewer.need("tickets.read")
    visible_ticket(await tickets.store.ticket(ticket_id), viewer)
    return await _of(tickets, viewer, ticket_id)


@router.put("/tickets/{ticket_id}/drafts")
async def put_ticket_draft(
    ticket_id: str, body: TicketDraftBody, viewer: CurrentViewer, tickets: CurrentTickets
) -> DraftAnswer:
    """Keep one, as PUT /drafts."""
    viewer.need("tickets.write")
    visible_ticket(await tickets.store.ticket(ticket_id), viewer)
    return await _put(tickets, viewer, Place(body.box, "ticket", ticket_id), body)


@router.get("/contacts/{contact_id}/drafts")
async def contact_drafts(contact_id: str, viewer: CurrentViewer, tickets: CurrentTickets) -> Drafts:
    """What was written about a contact; of a duplicate, about the one that stands for it."""
    viewer.need("contacts.read")
    return await _of(tickets, viewer, visible_contact(await tickets.store.contact(contact_id), viewer).id)


@router.put("/contacts/{contact_id}/drafts")
async def put_contact_draft(
    contact_id: str, body: ContactDraftBody, viewer: CurrentViewer, tickets: CurrentTickets
) -> DraftAnswer:
    """Keep one, as PUT /drafts."""
    viewer.need("contacts.write")
    contact = visible_contact(await tickets.store.contact(contact_id), viewer)
    return await _put(tickets, viewer, Place(body.box, "contact", contact.id), body)


def _check_side(head: Head, box: str) -> None:
    if box.startswith("side:") and box != side_box(None):
        find_side(head, box.removeprefix("side:"))


async def _of(tickets: Tickets, viewer: Viewer, thing_id: str = "") -> Drafts:
    found = await tickets.store.drafts.of(viewer.agent_id, thing_id)
    return Drafts(items={box: shown(tickets, draft) for box, draft in found.items()})


async def _put(tickets: Tickets, viewer: Viewer, place: Place, body: Written) -> DraftAnswer:
    people = body.recipients
    wanted = Draft(
        rev=body.rev,
        html=body.html,
        text=body.text,
        recipients=model.Recipients(to=addresses(people.to), cc=addresses(people.cc), bcc=addresses(people.bcc))
        if people
        else None,
        attachments=own_files(tickets, viewer, body.attachments),
        actions=body.actions,
        fields=body.fields,
    )
    try:
        return shown(tickets, await tickets.store.drafts.put(viewer.agent_id, place, wanted))
    except Conflict as error:
        there = shown(tickets, Draft.model_validate(error.about["existing"]))
        raise Conflict(error.code, error.message, about={"existing": there.model_dump(mode="json")}) from None


def shown(tickets: Tickets, draft: Draft) -> DraftAnswer:
    people = draft.recipients
    return DraftAnswer(
        rev=draft.rev,
        html=draft.html,
        text=draft.text,
        recipients=RecipientsAnswer(to=list(people.to), cc=list(people.cc), bcc=list(people.bcc)) if people else None,
        attachments=tickets.entries.linked(draft.attachments),
        actions=list(draft.actions),
        fields=draft.fields,
        updated_at=draft.updated_at,
    )
