"""Two contacts become one and two again, and nothing of either is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.model.contact import handle_key, handle_keys
from services.tickets.model.merge import UNDO_FOR, Merge, absorbed, decide_merge, decide_unmerge
from services.tickets.model.profile import Step
from shared.contracts.contacts import AttributeValue, Block, Contact, Money
from shared.errors import Conflict, Invalid
from tests.unit.tickets.examples import MAYA, START, minute

STEP, LATER = Step(minute(1), MAYA), Step(minute(2), MAYA)


def person(id_: str, **fields: object) -> Contact:
    return Contact.model_validate({"id": id_, "seq": 3, "created_at": START, "updated_at": START, **fields})


def people(id_: str) -> st.SearchStrategy[Contact]:
    """Handles of their own; everything else may be the same as the other's."""
    word = st.sampled_from(["", "x", "y"])
    money = st.builds(Money, currency=st.sampled_from(["USD", "EUR"]), minor=st.integers(0, 10_000))
    return st.builds(
        Contact,
        id=st.just(id_),
        seq=st.just(3),
        name=word,
        emails=st.sets(st.sampled_from([f"{n}@{id_}.example" for n in range(3)])).map(sorted).map(tuple),
        phones=st.sets(st.sampled_from([f"+1310555{n}{len(id_)}" for n in range(3)])).map(sorted).map(tuple),
        brand_ids=st.sets(st.sampled_from(["a", "b", "c"])).map(sorted).map(tuple),
        kind=st.sampled_from(["lead", "user"]),
        language=word,
        time_zone=word,
        location=word,
        attributes=st.dictionaries(st.sampled_from(["p", "q", "r"]), word).map(
            lambda found: tuple(AttributeValue(id=key, value=found[key]) for key in sorted(found))
        ),
        lifetime_revenue=st.none() | money,
        last_purchase_at=st.none() | st.integers(0, 5).map(minute),
        blocked=st.none() | st.just(Block(reason="x", at=START)),
        created_at=st.just(START),
        updated_at=st.just(START),
    )


def plain(contact: Contact) -> Contact:
    return contact.model_copy(update={"seq": 0, "updated_at": START})


def merged(kept: Contact, other: Contact) -> tuple[Contact, Contact]:
    gone, whole = (event.contact for event in decide_merge(kept, other, STEP))
    return whole, gone


@given(people("kept"), people("duplicate"))
def test_undone_at_once_both_are_as_before(kept: Contact, other: Contact) -> None:
    whole, gone = merged(kept, other)
    assert set(handle_keys(whole)) == {*handle_keys(kept), *handle_keys(other)}
    assert (handle_keys(gone), gone.merged_into, whole.merged_ids) == ((), "kept", ("duplicate",))
    taken = dict.fromkeys(handle_keys(other), whole)
    events = decide_unmerge(whole, gone, Merge(kept, other, STEP.now), taken, LATER)
    assert [plain(event.contact) for event in events] == [plain(kept), plain(other)]
    assert [event.seq for event in events] == [whole.seq + 1, gone.seq + 1]


@given(people("kept"), people("duplicate"))
def test_nothing_of_the_kept_one_is_written_over(kept: Contact, other: Contact) -> None:
    whole = absorbed(kept, other)
    for name in ("name", "language", "time_zone", "location", "blocked"):
        assert getattr(whole, name) == (getattr(kept, name) or getattr(other, name))
    mine = {one.id: one.value for one in kept.attributes}
    assert {one.id: one.value for one in whole.attributes if one.id in mine} == mine


def test_what_came_after_the_merge_stays_with_the_kept_one() -> None:
    kept, other = person("k", emails=("k@x.example",)), person("d", emails=("d@x.example",), location="Paris")
    whole, gone = merged(kept, other)
    whole = whole.model_copy(
        update={"location": "Rome", "phones": ("+1310",), "emails": (*whole.emails, "n@x.example")}
    )
    back, again = (e.contact for e in decide_unmerge(whole, gone, Merge(kept, other, STEP.now), {}, LATER))
    assert (back.location, back.phones, back.emails) == ("Rome", ("+1310",), ("k@x.example", "n@x.example"))
    assert (again.location, again.emails) == ("Paris", ("d@x.example",))


def test_a_handle_that_went_to_a_third_stays_there() -> None:
    kept, other, third = person("k"), person("d", emails=("d@x.example",)), person("t", emails=("d@x.example",))
    whole, gone = merged(kept, other)
    whole = whole.model_copy(update={"emails": ()})
    taken = {handle_key("email", "d@x.example"): third}
    _, again = decide_unmerge(whole, gone, Merge(kept, other, STEP.now), taken, LATER)
    assert again.contact.emails == ()


def test_a_contact_stands_for_all_that_were_merged_into_what_it_took() -> None:
    first, second, third = person("a"), person("b"), person("c")
    two, gone_third = merged(second, third)
    whole, gone_two = merged(first, two)
    assert whole.merged_ids == ("b", "c")
    with pytest.raises(Conflict):
        decide_unmerge(gone_two, gone_third, Merge(second, third, STEP.now), {}, LATER)
    back, again = decide_unmerge(whole, gone_two, Merge(first, two, STEP.now), {}, LATER)
    assert (back.contact.merged_ids, again.contact.merged_ids) == ((), ("c",))


def test_refusals() -> None:
    kept, other = person("k"), person("d")
    with pytest.raises(Invalid):
        decide_merge(kept, kept, STEP)
    whole, gone = merged(kept, other)
    for pair in ((gone, person("x")), (person("x"), gone)):
        with pytest.raises(Conflict):
            decide_merge(*pair, STEP)
    late = Step(STEP.now + UNDO_FOR + timedelta(seconds=1), MAYA)
    with pytest.raises(Conflict):
        decide_unmerge(whole, gone, Merge(kept, other, STEP.now), {}, late)
