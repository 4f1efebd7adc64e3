"""What customers did in a product: whose it is, what the profile learns, which conversation hears of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.model.activity import (
    NEWS_FOR,
    TOLD_ALL,
    TOLD_EVERY,
    TOLD_MAX,
    KnownUser,
    Told,
    decide_told,
    decide_user,
    facts_of,
    keys_of,
    still_told,
)
from services.tickets.model.state import CUSTOMER, Context, Conversation
from services.tickets.model.talks import ALL, DID_MAX, Talks, brings_nothing, joined
from shared.contracts.acted import CustomerActed
from shared.contracts.activity import Activity, ActivityRecorded
from shared.contracts.contacts import Contact
from tests.unit.tickets.examples import minute, started

NOW = minute(60)
HEAD = started().head
BRAND = HEAD.brand_id


def recorded(**more: Any) -> ActivityRecorded:
    activity = Activity(name=more.pop("name", "Paid"), at=more.pop("at", NOW))
    said = {"input_id": "i-1", "brand_id": BRAND, "external_id": "u-1", "received_at": NOW, "activity": activity}
    return ActivityRecorded.model_validate(said | more)


def somebody(id_: str = "c-1", **more: Any) -> Contact:
    said = {"id": id_, "seq": 3, "created_at": NOW, "updated_at": NOW, "brand_ids": (BRAND,), "kind": "user"}
    return Contact.model_validate(said | more)


# ── whose it is ──────────────────────────────────────────────────────────────────────────────────
def test_a_user_nobody_knows_becomes_a_contact_with_all_that_was_said() -> None:
    said = recorded(email="ann@shop.example", phone="+13105550142", person="Ann Lee")
    [event] = decide_user(KnownUser(), said, NOW, "new")
    found = event.contact
    assert (found.id, found.seq, found.name, found.kind) == ("new", 1, "Ann Lee", "user")
    assert (found.external_ids, found.emails, found.phones) == (
        (f"{BRAND}:u-1",),
        ("ann@shop.example",),
        ("+13105550142",),
    )
    assert found.brand_ids == (BRAND,)


def test_of_a_known_user_nothing_is_told_anew() -> None:
    known = somebody(external_ids=(f"{BRAND}:u-1",), name="Ann")
    assert decide_user(KnownUser(by_external=known), recorded(person="Another"), NOW, "") == []


def test_who_wrote_before_becomes_the_products_user() -> None:
    wrote = somebody(emails=("ann@shop.example",), kind="lead")
    said = recorded(email="ann@shop.example", person="Ann")
    [event] = decide_user(KnownUser(by_email=wrote), said, NOW, "new")
    assert event.contact_id == "c-1"
    assert event.contact.external_ids == (f"{BRAND}:u-1",)
    assert (event.contact.kind, event.contact.name) == ("user", "Ann")


def test_an_address_of_another_user_of_the_product_stays_theirs() -> None:
    other = somebody("c-2", emails=("ann@shop.example",), external_ids=(f"{BRAND}:u-2",))
    [event] = decide_user(KnownUser(by_email=other), recorded(email="ann@shop.example"), NOW, "new")
    assert event.contact_id == "new"
    assert (event.contact.emails, event.contact.external_ids) == ((), (f"{BRAND}:u-1",))


def test_another_products_user_with_the_address_is_the_same_person() -> None:
    other = somebody("c-2", emails=("ann@shop.example",), external_ids=("other:u-9",))
    [event] = decide_user(KnownUser(by_email=other), recorded(email="ann@shop.example"), NOW, "new")
    assert event.contact.external_ids == ("other:u-9", f"{BRAND}:u-1")


def test_by_the_address_alone_it_is_whoever_has_it() -> None:
    other = somebody("c-2", emails=("ann@shop.example",), external_ids=(f"{BRAND}:u-2",))
    assert decide_user(KnownUser(by_email=other), recorded(external_id="", email="ann@shop.example"), NOW, "x") == []


def test_nobody_becomes_the_products_user_by_a_number() -> None:
    """Families share one; who answers it may read nothing that another wrote."""
    called = somebody("c-2", phones=("+13105550142",), kind="lead")
    said = recorded(phone="+13105550142")
    [event] = decide_user(KnownUser(by_phone=called), said, NOW, "new")
    assert (event.contact_id, event.contact.phones) == ("new", ())
    by_number_alone = recorded(external_id="", phone="+13105550142")
    assert decide_user(KnownUser(by_phone=called), by_number_alone, NOW, "new") == []


def test_who_is_named_by_an_address_alone_is_not_known_as_a_user_by_that() -> None:
    wrote = somebody(emails=("ann@shop.example",), kind="lead")
    assert decide_user(KnownUser(by_email=wrote), recorded(external_id="", email="ann@shop.example"), NOW, "new") == []
    [event] = decide_user(KnownUser(), recorded(external_id="", email="bo@shop.example"), NOW, "new")
    assert event.contact.kind == "lead"


def test_what_agents_made_of_a_known_user_stays() -> None:
    known = somebody(external_ids=(f"{BRAND}:u-1",), kind="lead")
    assert decide_user(KnownUser(by_external=known), recorded(), NOW, "") == []


def test_handles_are_looked_up_as_contacts_have_them() -> None:
    said = recorded(email="ann@shop.example")
    assert keys_of(said) == {"external": f"external:{BRAND}:u-1", "email": "email:ann@shop.example"}


# ── which conversation hears of it ───────────────────────────────────────────────────────────────
def told(state: Conversation | None, said: ActivityRecorded, lately: tuple[Told, ...] = ()) -> tuple[Any, ...]:
    outcome = decide_told(state, said, Context(NOW, CUSTOMER), lately)
    return outcome.events or outcome.ignored


def test_the_conversation_hears_of_it_and_stays_where_it_is() -> None:
    state = started()
    [event] = told(state, recorded())
    assert isinstance(event, CustomerActed)
    assert (event.activity.name, event.by.kind, event.at) == ("Paid", "customer", NOW)
    after = event.head.model_copy(update={"seq": state.head.seq})
    assert after == state.head, "it neither wakes it nor moves it up"


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"status": "closed"}, "no_conversation"), ({"spam": True}, "no_conversation"), ({"status": "snoozed"}, None)],
)
def test_only_what_is_not_closed_hears(changes: dict[str, Any], why: str | None) -> None:
    state = Conversation(HEAD.model_copy(update=changes))
    found = told(state, recorded())
    assert found == (why,) if why else isinstance(found[0], CustomerActed)


def test_without_a_conversation_nobody_hears() -> None:
    assert told(None, recorded()) == ("no_conversation",)


def test_history_is_not_news() -> None:
    state = Conversation(HEAD)
    assert told(state, recorded(at=NOW - NEWS_FOR - timedelta(seconds=1))) == ("too_old",)
    assert isinstance(told(state, recorded(at=NOW - NEWS_FOR))[0], CustomerActed)


def test_a_product_that_reports_every_click_does_not_bury_what_was_written() -> None:
    state = Conversation(HEAD)
    clicks = tuple(Told(HEAD.id, "Click", NOW - timedelta(seconds=n)) for n in range(TOLD_MAX))
    assert told(state, recorded(name="Click"), clicks) == ("told_enough",)
    assert isinstance(told(state, recorded(name="Paid"), clicks)[0], CustomerActed)
    assert still_told(clicks, NOW + TOLD_EVERY) == ()
    assert still_told(clicks, NOW) == clicks
    assert still_told(clicks, NOW - timedelta(hours=20)) == (), "a clock was ahead, and is set right"
    elsewhere = tuple(Told("another", one.name, one.at) for one in clicks)
    assert isinstance(told(state, recorded(name="Click"), elsewhere)[0], CustomerActed)


def test_a_product_that_puts_numbers_into_names_does_not_either() -> None:
    many = tuple(Told(HEAD.id, f"Viewed {n}", NOW) for n in range(TOLD_ALL))
    assert told(Conversation(HEAD), recorded(name="Viewed 4711"), many) == ("told_enough",)


# ── what segments know ───────────────────────────────────────────────────────────────────────────
def test_a_second_time_on_a_day_changes_nothing() -> None:
    first = facts_of(recorded(at=minute(0)))
    assert set(first) == {ALL, BRAND}
    assert brings_nothing(first, facts_of(recorded(at=minute(5))))
    assert not brings_nothing(first, facts_of(recorded(at=minute(0) + timedelta(days=1))))
    assert not brings_nothing(first, facts_of(recorded(name="Left", at=minute(0))))


days = st.sampled_from(["2026-03-01", "2026-03-02", "2026-04-01"])
dids = st.dictionaries(st.sampled_from(["Paid", "Left", "Came"]), days)


@given(dids, dids, dids)
def test_what_two_did_together_is_the_latest_of_each(one: dict[str, str], two: dict[str, str], three: Any) -> None:
    a, b, c = ({ALL: Talks(did=each)} for each in (one, two, three))
    assert joined(a, b, c) == joined(c, b, a) == joined(a, joined(b, c))
    both = joined(a, b).get(ALL, Talks()).did
    assert both == {name: max(one.get(name, ""), two.get(name, "")) for name in {**one, **two}}


def test_of_too_many_names_the_latest_are_known() -> None:
    many = {f"name-{n}": f"2026-03-{n % 28 + 1:02}" for n in range(DID_MAX)}
    found = joined({ALL: Talks(did=many)}, {ALL: Talks(did={"new": "2026-05-01"})})[ALL].did
    assert len(found) == DID_MAX
    assert found["new"] == "2026-05-01"
    assert "name-0" not in found
