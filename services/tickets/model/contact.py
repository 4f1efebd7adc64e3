"""Contacts: one per person, found by any handle, made when nobody has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shared.contracts.common import Handle
from shared.contracts.contacts import Contact, ContactCreated, ContactEvent, ContactUpdated
from shared.contracts.ingest import VisitorIdentified

_FIELDS = {"email": "emails", "phone": "phones", "visitor": "visitor_ids", "external": "external_ids"}


def handle_key(kind: str, value: str) -> str:
    """How a handle is looked up: `email:ada@example.org`. One contact at most has each."""
    return f"{kind}:{value}"


def handle_keys(contact: Contact) -> tuple[str, ...]:
    """Everything a contact is found by."""
    return tuple(handle_key(kind, value) for kind, name in _FIELDS.items() for value in getattr(contact, name))


def external_value(brand_id: str, external_id: str) -> str:
    """A site's own id of a user: two brands' user 1 are not one person."""
    return f"{brand_id}:{external_id}"


def evolve_contact(_: Contact | None, event: ContactEvent) -> Contact:
    """Contact events carry the whole contact."""
    return event.contact


@dataclass(frozen=True, slots=True)
class Sighting:
    """Somebody wrote or called: by which handle, to which brand."""

    handle: Handle
    brand_id: str


def decide_sighting(known: Contact | None, seen: Sighting, now: datetime, new_id: str) -> list[ContactEvent]:
    """A new contact; or the known one learns its name and the brand. Usually nothing is new."""
    if known is None:
        contact = Contact(
            id=new_id,
            seq=1,
            name=seen.handle.name,
            brand_ids=(seen.brand_id,),
            created_at=now,
            updated_at=now,
            **{_FIELDS[seen.handle.kind]: (seen.handle.value,)},
        )
        return [ContactCreated(contact_id=new_id, seq=1, at=now, contact=contact)]
    changes: dict[str, object] = {}
    if not known.name and seen.handle.name:
        changes["name"] = seen.handle.name
    if seen.brand_id not in known.brand_ids:
        changes["brand_ids"] = (*known.brand_ids, seen.brand_id)
    return updated(known, changes, now)


@dataclass(frozen=True, slots=True)
class Known:
    """Whom we know by what a visitor said they are; two or three of them may be the same contact."""

    by_visitor: Contact | None
    by_external: Contact | None
    by_email: Contact | None


def decide_identity(known: Known, said: VisitorIdentified, now: datetime, new_id: str) -> list[ContactEvent]:
    """Verified: the visitor becomes the contact with that id or address. Not verified: only a name is taken.

    The site's proof covers its own user id. So an address joins only a contact that no other user of the
    same site has proven to be, and is never moved from one contact to another (promise 9).
    """
    if not said.verified:
        return _unverified(known.by_visitor, said, now, new_id)
    person = known.by_external or _free(known.by_email, said) or known.by_visitor
    if person is None:
        seen = Sighting(Handle(kind="visitor", value=said.visitor_id, name=said.name), said.brand_id)
        [created] = decide_sighting(None, seen, now, new_id)
        grown = created.contact.model_copy(update=_proven(created.contact, known, said))
        return [ContactCreated(contact_id=new_id, seq=1, at=now, contact=grown)]
    events: list[ContactEvent] = []
    other = known.by_visitor
    if other is not None and other.id != person.id:
        # First taken from one, then given to the other: a handle is never two people's.
        left = tuple(one for one in other.visitor_ids if one != said.visitor_id)
        events += updated(other, {"visitor_ids": left}, now)
    changes = _proven(person, known, said)
    if said.visitor_id not in person.visitor_ids:
        changes["visitor_ids"] = (*person.visitor_ids, said.visitor_id)
    if said.brand_id not in person.brand_ids:
        changes["brand_ids"] = (*person.brand_ids, said.brand_id)
    return events + updated(person, changes, now)


def _free(contact: Contact | None, said: VisitorIdentified) -> Contact | None:
    """The address's contact, unless the site has proven it to be another of its users."""
    if contact is None:
        return None
    prefix = external_value(said.brand_id, "")
    taken = any(one.startswith(prefix) for one in contact.external_ids)
    return None if taken else contact


def _proven(person: Contact, known: Known, said: VisitorIdentified) -> dict[str, object]:
    changes: dict[str, object] = {}
    if said.name and not person.name:
        changes["name"] = said.name
    external = external_value(said.brand_id, said.external_id)
    if said.external_id and external not in person.external_ids and known.by_external is None:
        changes["external_ids"] = (*person.external_ids, external)
        changes["kind"] = "user"
    if said.email and said.email not in person.emails and known.by_email is None:
        changes["emails"] = (*person.emails, said.email)
    return changes


def _unverified(known: Contact | None, said: VisitorIdentified, now: datetime, new_id: str) -> list[ContactEvent]:
    if known is None and not said.name:
        return []
    seen = Sighting(Handle(kind="visitor", value=said.visitor_id, name=said.name), said.brand_id)
    return decide_sighting(known, seen, now, new_id)


def updated(known: Contact, changes: dict[str, object], now: datetime) -> list[ContactEvent]:
    """The contact with these fields changed; nothing when there are none."""
    if not changes:
        return []
    contact = known.model_copy(update={**changes, "seq": known.seq + 1, "updated_at": now})
    changed = tuple(sorted(changes))
    return [ContactUpdated(contact_id=known.id, seq=contact.seq, at=now, changed=changed, contact=contact)]
