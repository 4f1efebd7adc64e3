"""Contacts: one per person, and nobody becomes somebody else without proof."""

from __future__ import annotations

from services.tickets.model.contact import (
    ContactEvent,
    Known,
    Sighting,
    decide_identity,
    decide_sighting,
    external_value,
    handle_keys,
)
from shared.contracts.common import Handle
from shared.contracts.contacts import Contact, ContactCreated
from shared.contracts.ingest import VisitorIdentified
from tests.unit.tickets.examples import ADA, CONVERSATION, START, contact, minute


def said(*, verified: bool, **fields: str) -> VisitorIdentified:
    return VisitorIdentified(
        input_id="i",
        conversation_id=CONVERSATION,
        brand_id="paleo-hacks",
        visitor_id="v1",
        verified=verified,
        at=START,
        **fields,
    )


def visitor() -> Contact:
    return contact(Handle(kind="visitor", value="v1"))


def identify(known: Known, heard: VisitorIdentified) -> list[ContactEvent]:
    return decide_identity(known, heard, minute(1), "new")


NOBODY = Known(None, None, None)


def test_first_sighting_makes_a_contact_and_the_next_changes_nothing() -> None:
    person = contact()
    assert (person.name, person.emails, person.brand_ids) == ("Ada Byron", ("ada@example.org",), ("paleo-hacks",))
    assert decide_sighting(person, Sighting(ADA, "paleo-hacks"), minute(1), "x") == []
    [updated] = decide_sighting(person, Sighting(ADA, "earth-echo"), minute(1), "x")
    assert (updated.contact.brand_ids, updated.seq) == (("paleo-hacks", "earth-echo"), 2)


def test_a_name_is_learnt_once() -> None:
    person = contact(Handle(kind="phone", value="+15551234567"))
    named = Handle(kind="phone", value="+15551234567", name="Ada")
    [updated] = decide_sighting(person, Sighting(named, "paleo-hacks"), minute(1), "x")
    assert updated.contact.name == "Ada"
    renamed = named.model_copy(update={"name": "Eve"})
    assert decide_sighting(updated.contact, Sighting(renamed, "paleo-hacks"), minute(2), "x") == []


def test_unverified_visitor_gets_a_name_and_never_an_address() -> None:
    [event] = identify(Known(visitor(), None, contact()), said(verified=False, name="Ada", email="ada@example.org"))
    assert (event.contact_id, event.contact.name, event.contact.emails) == (visitor().id, "Ada", ())
    assert identify(NOBODY, said(verified=False, email="ada@example.org")) == []


def test_verified_visitor_becomes_the_contact_with_that_address() -> None:
    heard = said(verified=True, name="Ada", email="ada@example.org", external_id="77")
    anonymous, person = visitor(), contact()
    left, joined = identify(Known(anonymous, None, person), heard)
    assert (left.contact_id, left.contact.visitor_ids) == (anonymous.id, ())
    assert joined.contact_id == person.id
    assert handle_keys(joined.contact) == ("email:ada@example.org", "visitor:v1", "external:paleo-hacks:77")


def test_an_address_proven_to_be_another_users_is_not_joined() -> None:
    taken = contact().model_copy(update={"external_ids": (external_value("paleo-hacks", "1"),)})
    [event] = identify(Known(None, None, taken), said(verified=True, email="ada@example.org", external_id="2"))
    assert isinstance(event, ContactCreated)
    assert (event.contact.emails, event.contact.external_ids) == ((), ("paleo-hacks:2",))


def test_verified_id_goes_before_the_address() -> None:
    known = contact(Handle(kind="external", value="paleo-hacks:77"))
    [event] = identify(Known(None, known, contact()), said(verified=True, email="ada@example.org", external_id="77"))
    assert (event.contact_id, event.contact.visitor_ids, event.contact.emails) == (known.id, ("v1",), ())


def test_verified_unknown_visitor_is_created_with_everything() -> None:
    [event] = identify(NOBODY, said(verified=True, name="Ada", email="ada@example.org", external_id="77"))
    assert handle_keys(event.contact) == ("email:ada@example.org", "visitor:v1", "external:paleo-hacks:77")
    assert event.seq == event.contact.seq == 1
