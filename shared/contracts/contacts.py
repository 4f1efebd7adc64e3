"""`tickets.contacts.v1`: the people we talk with. Key: contact id. Owner: tickets."""

from __future__ import annotations

from shared.contracts.base import Event, Id, Time, Value


class Contact(Value):
    """One person. `emails` in lower case, `phones` in E.164, the primary one first."""

    id: Id
    seq: int
    name: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    visitor_ids: tuple[str, ...] = ()
    external_ids: tuple[str, ...] = ()
    brand_ids: tuple[str, ...] = ()
    created_at: Time
    updated_at: Time


class ContactCreated(Event):
    contact_id: Id
    seq: int
    at: Time
    contact: Contact


class ContactUpdated(Event):
    """`changed` names the fields that differ from before."""

    contact_id: Id
    seq: int
    at: Time
    changed: tuple[str, ...]
    contact: Contact
