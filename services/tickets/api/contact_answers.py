"""Contacts as HTTP shows them, and how one command on a contact is carried out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from pydantic_core import from_json

from services.tickets.api.context import Tickets, actor
from services.tickets.model.draft import ContactBox, Place
from services.tickets.model.merge import UNDO_FOR
from services.tickets.model.profile import Step
from services.tickets.model.segment import asks_of_conversations
from services.tickets.store.segments import segment_filter
from services.tickets.store.work import Work
from shared import metrics
from shared.access import Viewer
from shared.contracts.common import Actor
from shared.contracts.contacts import Contact, ContactEvent
from shared.contracts.directory import SegmentChanged
from shared.errors import Conflict, Forbidden, NotFound
from shared.log import Cause, LogRow
from shared.mongo import Document


class MergedContact(BaseModel):
    """A duplicate that this contact stands for. It can be taken apart again until `undo_until`."""

    id: str
    name: str
    emails: list[str]
    phones: list[str]
    at: datetime
    undo_until: datetime


class ContactAnswer(BaseModel):
    """`contact` as the viewer may see it: of its brands and their ids for it, those they work for."""

    contact: Contact
    merged: list[MergedContact] = []


class ContactEntry(BaseModel):
    """One thing that happened to a contact, or to a duplicate of it (`contact_id`). `values`: changed fields after it.
    `by` None: the customer did it, or the system for them."""

    id: str
    seq: int
    contact_id: str
    type: str
    at: datetime
    by: Actor | None
    values: dict[str, Any]
    data: dict[str, Any]


_ENVELOPE = ("contact_id", "seq", "at", "by", "contact", "changed")


def entry_of(row: LogRow, viewer: Viewer) -> ContactEntry:
    event = from_json(row.value)
    contact = shown(Contact.model_validate(event["contact"], extra="ignore"), viewer).model_dump(mode="json")
    attributes = {one["id"]: one["value"] for one in contact.get("attributes", ())}
    values: dict[str, Any] = {}
    for name in event.get("changed", ()):
        id_ = name.removeprefix("attributes.")
        values[name] = contact.get(name) if id_ == name else attributes.get(id_)
    return ContactEntry(
        id=row.id,
        seq=row.seq,
        contact_id=event["contact_id"],
        type=row.name,
        at=event["at"],
        by=event.get("by"),
        values=values,
        data={name: value for name, value in event.items() if name not in _ENVELOPE},
    )


def sees(viewer: Viewer, contact: Contact) -> bool:
    return not viewer.brand_ids or not viewer.brand_ids.isdisjoint(contact.brand_ids)


def visible_contact(contact: Contact | None, viewer: Viewer) -> Contact:
    """The contact, when it is one of the viewer's brands; else it is as if it were not there."""
    if contact is None or not sees(viewer, contact):
        raise NotFound("unknown_contact", "There is no such contact, or you work for none of its brands.")
    return contact


def may_ask(viewer: Viewer, segment: SegmentChanged) -> bool:
    """What is known of contacts by all conversations of a brand is not for who may see only some of them."""
    sees_them = viewer.may("conversations.read") and viewer.scope.by_brand_alone
    return sees_them or not asks_of_conversations(segment.conditions)


def need_whole_view(viewer: Viewer, segment: SegmentChanged) -> None:
    if not may_ask(viewer, segment):
        raise Forbidden(
            "partial_view", "This asks about conversations, and you see only some of them. Take other conditions."
        )


def who_is_in(tickets: Tickets, viewer: Viewer, segment: SegmentChanged) -> Document:
    """A segment as a filter. Raises Forbidden when it is not theirs to ask."""
    need_whole_view(viewer, segment)
    return segment_filter(segment, tickets.directory.attributes, tickets.store.clock(), viewer.brand_ids)


def shown(contact: Contact, viewer: Viewer) -> Contact:
    """Without the brands that the viewer does not work for."""
    if not viewer.brand_ids:
        return contact
    brands = tuple(one for one in contact.brand_ids if one in viewer.brand_ids)
    known = tuple(one for one in contact.external_ids if one.partition(":")[0] in viewer.brand_ids)
    return contact.model_copy(update={"brand_ids": brands, "external_ids": known})


Decide = Callable[[Work, Contact, Step], Awaitable[Sequence[ContactEvent]]]


async def act_on_contact(
    tickets: Tickets,
    viewer: Viewer,
    contact_id: str,
    input_id: str,
    decide: Decide,
    *,
    sends: ContactBox | None = None,
) -> ContactAnswer:
    """Load, decide, save in one transaction, answer with the contact after it. A repeated command changes nothing.
    `sends`: which of the viewer's drafts is done with by it."""

    async def work_on(work: Work) -> None:
        await work.load_people([contact_id])
        contact = visible_contact(work.person(contact_id), viewer)
        if await work.already_applied([input_id]):
            await _check_same(tickets, contact, input_id)
            metrics.tickets_commands.labels("repeated").inc()
            return
        events = await decide(work, contact, Step(work.now, actor(viewer)))
        work.record_contact(Cause(input_id, input_id), events)
        if sends is not None:
            await tickets.store.drafts.empty(viewer.agent_id, Place(sends, "contact", contact.id), work.session)
        await work.save([input_id])
        metrics.tickets_commands.labels("changed" if events else "unchanged").inc()

    await tickets.store.change(work_on)
    return await contact_answer(tickets, viewer, contact_id)


async def _check_same(tickets: Tickets, contact: Contact, input_id: str) -> None:
    told_on = {from_json(row.value).get("contact_id") for row in await tickets.store.log.caused_by(input_id)}
    if told_on and told_on.isdisjoint((contact.id, *contact.merged_ids)):
        raise Conflict("key_used", "This Idempotency-Key was used for something else. Take a new one.")


async def contact_answer(tickets: Tickets, viewer: Viewer, contact_id: str) -> ContactAnswer:
    contact = visible_contact(await tickets.store.contact(contact_id), viewer)
    merged = [
        MergedContact(
            id=one.merged.id,
            name=one.merged.name,
            emails=list(one.merged.emails),
            phones=list(one.merged.phones),
            at=one.at,
            undo_until=one.at + UNDO_FOR,
        )
        for one in await tickets.store.merges_into(contact.id)
    ]
    return ContactAnswer(contact=shown(contact, viewer), merged=merged)
