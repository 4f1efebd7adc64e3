"""What people do to contacts: enter, edit, note, merge and take apart, block and unblock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field
from pydantic_core import from_json

from services.tickets.api.contact_answers import (
    ContactAnswer,
    act_on_contact,
    contact_answer,
    sees,
    visible_contact,
)
from services.tickets.api.context import CurrentTickets, IdempotencyKey, Tickets, actor, command_id, in_utc
from services.tickets.model import merge as merging
from services.tickets.model import profile
from services.tickets.model.contact import handle_keys
from services.tickets.model.profile import Step
from services.tickets.model.profile_fields import Around, Edit, handles_wanted, region_for
from services.tickets.store.work import Work
from shared import ids
from shared.access import CurrentViewer, Viewer
from shared.contracts.base import Time
from shared.contracts.contacts import Contact, ContactEvent, ContactKind, Money
from shared.errors import Conflict, FieldError, Invalid
from shared.http import Body
from shared.log import Cause

router = APIRouter(prefix="/contacts", tags=["contacts"])

Text = Annotated[str, Field(max_length=500)]
Handles = Annotated[tuple[Text, ...], Field(max_length=100)]
Attributes = Annotated[
    dict[Annotated[str, Field(max_length=200)], Annotated[str, Field(max_length=20_000)] | bool | float | None],
    Field(max_length=100),
]


class ProfileBody(Body):
    """The fields that are named become so; the first email address and phone number are the primary ones.

    Numbers come in any notation and are kept in E.164; an attribute that is null is emptied.
    """

    name: Text = ""
    emails: Handles = ()
    phones: Handles = ()
    kind: ContactKind = "lead"
    language: Text = ""
    time_zone: Text = ""
    location: Text = ""
    lifetime_revenue: Money | None = None
    last_purchase_at: Time | None = None
    attributes: Attributes = Field(default_factory=dict)

    def edit(self) -> Edit:
        named = self.model_fields_set - {"attributes", "brand_id", "seen_seq"}
        fields: dict[str, Any] = {name: getattr(self, name) for name in named}
        if self.last_purchase_at is not None:
            fields["last_purchase_at"] = in_utc(self.last_purchase_at)
        return Edit(fields, self.attributes)


class NewContactBody(ProfileBody):
    brand_id: str


class EditBody(ProfileBody):
    """`seen_seq` is the contact's `seq` that was read before the edit."""

    seen_seq: Annotated[int, Field(ge=1, lt=2**53)]


class OtherBody(Body):
    contact_id: Annotated[str, Field(max_length=200)]


class ReasonBody(Body):
    reason: Text


class NoteBody(Body):
    text: Annotated[str, Field(max_length=profile.NOTE_CHARS)]


@router.post("", status_code=201)
async def create(
    body: NewContactBody, viewer: CurrentViewer, tickets: CurrentTickets, idempotency_key: IdempotencyKey = None
) -> ContactAnswer:
    """A person entered by hand. 409 `handle_taken` when somebody has the address or number, with that contact."""
    viewer.need("contacts.write")
    desk = tickets.desk()
    brand = desk.brands.get(body.brand_id)
    if brand is None or not brand.active or not viewer.sees_brand(body.brand_id):
        wrong = FieldError("body.brand_id", "is not a brand of yours")
        raise Invalid("unknown_brand", "Choose a brand that you work for.", (wrong,))
    input_id = command_id(viewer, idempotency_key)
    contact_id = ids.derived("contact", input_id)

    async def work_on(work: Work) -> None:
        if await work.already_applied([input_id]):
            return
        edit = body.edit()
        wanted = handles_wanted(edit, region_for([body.brand_id], desk))
        await work.load_people([], wanted)
        around = _around(tickets, viewer, work, wanted)
        step = Step(work.now, actor(viewer))
        events = profile.decide_new(edit, body.brand_id, around, step, contact_id)
        work.record_contact(Cause(input_id, input_id), events)
        await work.save([input_id])

    await tickets.store.change(work_on)
    return await contact_answer(tickets, viewer, contact_id)


@router.patch("/{contact_id}")
async def edit(
    contact_id: str,
    body: EditBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> ContactAnswer:
    """Change fields. 409 `changed_meanwhile` when somebody else changed one of them since `seen_seq`, with what is
    there now; what they changed besides is kept. 409 `handle_taken` when an address or number is somebody else's."""
    viewer.need("contacts.write")

    async def decide(work: Work, contact: Contact, step: Step) -> Sequence[ContactEvent]:
        wanted = handles_wanted(body.edit(), region_for(contact.brand_ids, tickets.desk()))
        await work.load_people([], wanted)
        # Of one that is part of another by now they saw nothing that counts for that one.
        seen_seq = body.seen_seq if contact.id == contact_id else 0
        changed_since = await _changed_since(tickets, viewer, contact, seen_seq)
        around = _around(tickets, viewer, work, wanted, changed_since)
        return profile.decide_edit(contact, body.edit(), around, step)

    return await act_on_contact(tickets, viewer, contact_id, command_id(viewer, idempotency_key), decide)


def _around(
    tickets: Tickets, viewer: Viewer, work: Work, handles: Iterable[str], changed_since: dict[str, str] | None = None
) -> Around:
    owners = {key: work.contact(key) for key in handles}
    taken = {key: one for key, one in owners.items() if one is not None}
    hidden = frozenset(one.id for one in taken.values() if not sees(viewer, one))
    desk = tickets.desk()
    return Around(desk, desk.attributes, taken, hidden, changed_since or {})


async def _changed_since(tickets: Tickets, viewer: Viewer, contact: Contact, seen_seq: int) -> dict[str, str]:
    """Fields that somebody else changed after what an edit's writer saw, each with who did it. Their own edits are
    known to them: of several that waited for a line each was made on the same version."""
    if seen_seq >= contact.seq:
        return {}
    found: dict[str, str] = {}
    for row in await tickets.store.log.read(contact.id, after_seq=seen_seq, limit=1_000):
        event = from_json(row.value)
        by = event.get("by") or {}
        if row.name == "ContactUpdated" and (by.get("kind"), by.get("id")) == ("agent", viewer.agent_id):
            continue
        every = (*Contact.model_fields, *(f"attributes.{one}" for one in tickets.directory.attributes))
        names = every if row.name.startswith("Contacts") else event.get("changed", ())
        found |= dict.fromkeys(names, by.get("name", ""))
    return found


@router.post("/{contact_id}/notes")
async def note(
    contact_id: str,
    body: NoteBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> ContactAnswer:
    """A note about the person, for colleagues; it shows on the contact's timeline."""
    viewer.need("contacts.write")
    input_id = command_id(viewer, idempotency_key)

    async def decide(_: Work, contact: Contact, step: Step) -> Sequence[ContactEvent]:
        return profile.decide_note(contact, body.text, step, ids.derived("note", input_id))

    return await act_on_contact(tickets, viewer, contact_id, input_id, decide, sends="note")


@router.post("/{contact_id}/merge")
async def merge(
    contact_id: str,
    body: OtherBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> ContactAnswer:
    """`contact_id` of the body becomes part of this contact: its handles and conversations are this one's."""
    viewer.need("contacts.write")

    async def decide(work: Work, kept: Contact, step: Step) -> Sequence[ContactEvent]:
        await work.load_people([body.contact_id])
        merged = visible_contact(work.person(body.contact_id), viewer)
        events = merging.decide_merge(kept, merged, step)
        work.remember_merge(merging.Merge(kept, merged, step.now))
        await tickets.store.drafts.move("contact", merged.id, kept.id, work.session)
        return events

    return await act_on_contact(tickets, viewer, contact_id, command_id(viewer, idempotency_key), decide)


@router.post("/{contact_id}/unmerge")
async def unmerge(
    contact_id: str,
    body: OtherBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> ContactAnswer:
    """Two again, for 30 days after the merge: what it brought goes back to `contact_id` of the body."""
    viewer.need("contacts.write")

    async def decide(work: Work, kept: Contact, step: Step) -> Sequence[ContactEvent]:
        await work.load_people([body.contact_id])
        merged = visible_contact(work.exactly(body.contact_id), viewer)
        before = await work.merge_of(merged.id)
        if before is None:
            raise Conflict("not_merged", "These two are not merged, or not any more.")
        handles = handle_keys(before.merged)
        await work.load_people([], handles)
        taken = {key: one for key in handles if (one := work.contact(key)) is not None}
        events = merging.decide_unmerge(kept, merged, before, taken, step)
        work.forget_merge(merged.id)
        return events

    return await act_on_contact(tickets, viewer, contact_id, command_id(viewer, idempotency_key), decide)


@router.post("/{contact_id}/block")
async def block(
    contact_id: str,
    body: ReasonBody,
    viewer: CurrentViewer,
    tickets: CurrentTickets,
    idempotency_key: IdempotencyKey = None,
) -> ContactAnswer:
    """What this person writes from now on goes to Spam and wakes nobody."""
    viewer.need("contacts.write")

    async def decide(_: Work, contact: Contact, step: Step) -> Sequence[ContactEvent]:
        return profile.decide_block(contact, body.reason, step)

    return await act_on_contact(tickets, viewer, contact_id, command_id(viewer, idempotency_key), decide)


@router.post("/{contact_id}/unblock")
async def unblock(
    contact_id: str, viewer: CurrentViewer, tickets: CurrentTickets, idempotency_key: IdempotencyKey = None
) -> ContactAnswer:
    """What this person writes later arrives again."""
    viewer.need("contacts.write")

    async def decide(_: Work, contact: Contact, step: Step) -> Sequence[ContactEvent]:
        return profile.decide_unblock(contact, step)

    return await act_on_contact(tickets, viewer, contact_id, command_id(viewer, idempotency_key), decide)
