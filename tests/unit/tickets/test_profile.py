"""A profile takes what fits, says what does not and where, and never loses what somebody else wrote."""

from __future__ import annotations

from typing import Any

import pytest

from services.tickets.model.contact import handle_key
from services.tickets.model.profile import (
    Step,
    decide_block,
    decide_edit,
    decide_new,
    decide_note,
    decide_unblock,
)
from services.tickets.model.profile_fields import Around, Edit
from shared.contracts.contacts import AttributeValue, Contact, ContactEvent, ContactUpdated, Money
from shared.contracts.directory import AttributeChanged
from shared.errors import Conflict, DomainError, Invalid
from tests.unit.tickets.examples import DESK, MAYA, contact, minute

LOYALTY = AttributeChanged(
    attribute_id="loyalty",
    seq=1,
    applies_to="contact",
    label="Loyalty",
    type="choice",
    options=("Gold",),
    required=True,
)
VIP = AttributeChanged(attribute_id="vip", seq=1, applies_to="contact", label="VIP", type="yes_no")
ORDER = AttributeChanged(attribute_id="order", seq=1, applies_to="conversation", label="Order")
OTHERS = AttributeChanged(attribute_id="plan", seq=1, applies_to="contact", label="Plan", brand_ids=("earth-echo",))
ATTRIBUTES = {one.attribute_id: one for one in (LOYALTY, VIP, ORDER, OTHERS)}
AROUND = Around(DESK, ATTRIBUTES)
STEP = Step(minute(1), MAYA)


def edited(known: Contact, around: Around = AROUND, attributes: dict[str, Any] | None = None, **fields: Any) -> Contact:
    [event] = decide_edit(known, Edit(fields, attributes or {}), around, STEP)
    return event.contact


def refused(known: Contact, around: Around = AROUND, attributes: dict[str, Any] | None = None, **fields: Any) -> Any:
    with pytest.raises(DomainError) as caught:
        decide_edit(known, Edit(fields, attributes or {}), around, STEP)
    return caught.value


def test_an_edit_says_what_changed_and_by_whom() -> None:
    edit = Edit({"name": " Ada  Byron ", "location": "London"}, {"vip": True, "loyalty": "Gold"})
    [event] = decide_edit(contact(), edit, AROUND, STEP)
    assert isinstance(event, ContactUpdated)
    assert event.changed == ("attributes.loyalty", "attributes.vip", "location")
    assert (event.by, event.seq, event.contact.seq) == (MAYA, 2, 2)
    assert event.contact.attributes == (
        AttributeValue(id="loyalty", value="Gold"),
        AttributeValue(id="vip", value=True),
    )


def test_what_is_so_already_is_no_event() -> None:
    known = contact()
    assert decide_edit(known, Edit({"name": known.name, "emails": [known.emails[0].upper()]}), AROUND, STEP) == []


@pytest.mark.parametrize(
    ("entered", "kept"),
    [
        (["+1 310 555 0142", "(310) 555-0142"], ("+13105550142",)),
        (["0049 30 12345678", "+44 (0)20 7946 0018"], ("+493012345678", "+442079460018")),
    ],
)
def test_numbers_in_any_notation_are_kept_as_one(entered: list[str], kept: tuple[str, ...]) -> None:
    assert edited(contact(), phones=entered).phones == kept


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"emails": ["ok@example.org", "ok"]}, "body.emails.1"),
        ({"emails": ["support@paleohacks.example"]}, "body.emails.0"),
        ({"emails": ["support+a@paleohacks.example"]}, "body.emails.0"),
        ({"emails": ["a b@example.org"]}, "body.emails.0"),
        ({"emails": [f"a{n}@example.org" for n in range(21)]}, "body.emails"),
        ({"phones": ["12"]}, "body.phones.0"),
        ({"phones": ["call me"]}, "body.phones.0"),
        ({"language": "English please"}, "body.language"),
        ({"time_zone": "Mars/Base"}, "body.time_zone"),
        ({"name": "x" * 201}, "body.name"),
        ({"lifetime_revenue": Money(currency="usd", minor=1)}, "body.lifetime_revenue.currency"),
        ({"attributes": {"loyalty": "Lead"}}, "body.attributes.loyalty"),
        ({"attributes": {"vip": "perhaps"}}, "body.attributes.vip"),
        ({"attributes": {"order": "1"}}, "body.attributes.order"),
        ({"attributes": {"plan": "x"}}, "body.attributes.plan"),
        ({"attributes": {"nothing": "x"}}, "body.attributes.nothing"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(fields: dict[str, Any], path: str) -> None:
    error = refused(contact(), **fields)
    assert isinstance(error, Invalid)
    assert [one.path for one in error.fields] == [path]


def test_what_came_in_as_it_is_may_stay() -> None:
    many = tuple(f"a{n}@host" for n in range(25))
    known = contact().model_copy(update={"emails": many})
    assert edited(known, emails=[*many[1:], many[0]]).emails == (*many[1:], many[0])
    assert refused(known, emails=[*many, "new@example.org"]).fields[0].path == "body.emails"


def test_a_required_attribute_is_not_emptied_and_others_are() -> None:
    known = edited(contact(), attributes={"loyalty": "Gold", "vip": True})
    assert refused(known, attributes={"loyalty": ""}).fields[0].path == "body.attributes.loyalty"
    assert edited(known, attributes={"vip": None}).attributes == (AttributeValue(id="loyalty", value="Gold"),)


def test_somebody_elses_address_is_not_taken_and_a_hidden_ones_name_not_told() -> None:
    other = contact().model_copy(update={"id": "other", "name": "Eve"})
    taken = {handle_key("email", "eve@example.org"): other}
    error = refused(contact(), Around(DESK, {}, taken), emails=["eve@example.org"])
    assert isinstance(error, Conflict)
    assert (error.code, error.about) == ("handle_taken", {"existing": {"id": "other", "name": "Eve"}})
    hidden = refused(contact(), Around(DESK, {}, taken, frozenset({"other"})), emails=["eve@example.org"])
    assert hidden.about == {}
    assert "Eve" not in str(hidden)


def test_a_field_that_somebody_changed_meanwhile_is_not_written_over() -> None:
    known = edited(contact(), location="London")
    around = Around(DESK, ATTRIBUTES, changed_since={"location": "Leo"})
    error = refused(known, around, location="Paris", language="en")
    assert (error.code, error.about) == ("changed_meanwhile", {"now": {"location": "London"}})
    assert error.message == "Leo changed the location to London while you were editing. Save again to replace it."
    assert edited(known, around, language="en").location == "London"
    assert edited(known, around, language="en", location="London").language == "en"


def test_somebody_is_entered_by_hand_and_nobody_is_not() -> None:
    [event] = decide_new(Edit({"phones": ["+13105550142"]}), "paleo-hacks", AROUND, STEP, "new")
    assert (event.contact.phones, event.contact.brand_ids, event.by) == (("+13105550142",), ("paleo-hacks",), MAYA)
    with pytest.raises(Invalid):
        decide_new(Edit({"name": " "}), "paleo-hacks", AROUND, STEP, "new")


def test_a_block_has_a_reason_and_is_undone() -> None:
    known = contact()
    for reason in ("", " ", "x" * 201):
        with pytest.raises(Invalid):
            decide_block(known, reason, STEP)
    [blocked] = decide_block(known, " Threats ", STEP)
    assert blocked.contact.blocked
    assert (blocked.contact.blocked.reason, blocked.contact.blocked.by) == ("Threats", "maya")
    assert decide_block(blocked.contact, "again", STEP) == []
    [free] = decide_unblock(blocked.contact, STEP)
    assert free.contact == known.model_copy(update={"seq": 3, "updated_at": STEP.now})
    assert decide_unblock(free.contact, STEP) == []


def test_nothing_is_done_to_a_duplicate() -> None:
    gone = contact().model_copy(update={"merged_into": "other"})
    steps: list[Any] = [
        lambda: decide_edit(gone, Edit({"name": "x"}), AROUND, STEP),
        lambda: decide_note(gone, "x", STEP, "n"),
        lambda: decide_block(gone, "x", STEP),
        lambda: decide_unblock(gone, STEP),
    ]
    for step in steps:
        with pytest.raises(Conflict):
            step()


def test_a_note_changes_nothing_else() -> None:
    known = contact()
    [noted] = decide_note(known, " Likes tea\x07 ", STEP, "n")
    assert noted.contact == known.model_copy(update={"seq": 2, "updated_at": STEP.now})
    assert noted.model_dump()["text"] == "Likes tea"
    with pytest.raises(Invalid):
        decide_note(known, " ", STEP, "n")
    assert isinstance(noted, ContactEvent)
