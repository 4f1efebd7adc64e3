"""`tickets.contacts.v1`: the people we talk with. Key: contact id. Owner: tickets."""

from __future__ import annotations

from typing import Literal

from shared.contracts.base import Event, Id, Time, Value
from shared.contracts.common import Actor
from shared.contracts.tickets import FieldValue

ContactKind = Literal["lead", "user"]


class AttributeValue(Value):
    """What somebody or something has of an attribute. `id` is the attribute's, as the directory defines it."""

    id: Id
    value: FieldValue


class Money(Value):
    """An amount in the currency's smallest unit (ISO 4217): 12.50 USD is `minor` 1250, `currency` "USD"."""

    currency: str
    minor: int


class Block(Value):
    """Since when and why a sender's messages go to Spam. `by` is the agent's id, "" when a rule did it."""

    reason: str
    at: Time
    by: str = ""


class Contact(Value):
    """One person. `emails` in lower case, `phones` in E.164, the primary one first; each is at most one person's.

    `kind`: a user is known to a brand's own systems, a lead is not yet. `language` is a tag of BCP 47, `time_zone` an
    IANA name. `merged_ids` are duplicates that this contact stands for: what they wrote is this contact's.
    `merged_into` is set on such a duplicate, which has no handles any more.
    """

    id: Id
    seq: int
    name: str = ""
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    visitor_ids: tuple[str, ...] = ()
    external_ids: tuple[str, ...] = ()
    brand_ids: tuple[str, ...] = ()
    kind: ContactKind = "lead"
    language: str = ""
    time_zone: str = ""
    location: str = ""
    attributes: tuple[AttributeValue, ...] = ()
    lifetime_revenue: Money | None = None
    last_purchase_at: Time | None = None
    blocked: Block | None = None
    merged_ids: tuple[str, ...] = ()
    merged_into: str | None = None
    created_at: Time
    updated_at: Time


class ContactEvent(Event):
    """What all of them carry: the contact after it, and who did it; None is the customer, or the system for them."""

    contact_id: Id
    seq: int
    at: Time
    by: Actor | None = None
    contact: Contact


class ContactCreated(ContactEvent):
    pass


class ContactUpdated(ContactEvent):
    """`changed` names the fields that differ from before."""

    changed: tuple[str, ...]


class ContactNoted(ContactEvent):
    """A note about the person, for colleagues."""

    note_id: Id
    text: str


class ContactsMerged(ContactEvent):
    """Two contacts are one person. Told on both: `contact_id` is one of the two."""

    kept_id: Id
    merged_id: Id


class ContactsUnmerged(ContactEvent):
    """They are two after all; told on both."""

    kept_id: Id
    merged_id: Id


class ContactBlocked(ContactEvent):
    """What they write goes to Spam from now on, and wakes nobody."""

    reason: str


class ContactUnblocked(ContactEvent):
    pass
