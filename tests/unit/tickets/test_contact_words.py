"""People are found however their name, address or number is written."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.tickets.model.contact_words import LAST, TERMS_MAX, alike, fold, name_key, prefixes, terms
from shared.contracts.contacts import Contact
from tests.unit.tickets.examples import START


def person(**fields: object) -> Contact:
    return Contact.model_validate({"id": "c", "seq": 1, "created_at": START, "updated_at": START, **fields})


SIOBHAN = person(
    name="Siobhán Ní Dhomhnaill",
    emails=("siobhan.nd@example.ie", "Søren+shop@work.example"),
    phones=("+13105550142", "+493012345678"),
    external_ids=("paleo-hacks:U-5512",),
)


def finds(text: str, who: Contact = SIOBHAN) -> bool:
    """As the query of `store.contacts` does: of each group, one beginning of a term."""
    groups = prefixes(text)
    return bool(groups) and all(any(term.startswith(one) for one in group for term in terms(who)) for group in groups)


@pytest.mark.parametrize(
    "text",
    [
        "siobhan",
        "SIOBHÁN ní",
        "dhom sio",
        "ni-dhomh",
        "siobhan.nd@exam",
        "nd",
        "@example.ie",
        "soren",
        "u-5512",
        "+1 (310) 555-0142",
        "001 310 555 0142",
        "310-555-0142",
        "555 0142",
        "+49 (0)30 123",
        "030/12345678",
        "٠٣٠ ١٢٣٤٥٦٧٨",
        "+1310",
    ],
)
def test_it_is_found(text: str) -> None:
    assert finds(text)


@pytest.mark.parametrize("text", ["", "  ", "siobhan jones", "+44", "5550143", ".*", "^", "@", "example.ie@", "12"])
def test_it_is_not_found(text: str) -> None:
    assert not finds(text)


@given(st.text(max_size=50))
@example("🄐")
def test_any_text_is_taken(text: str) -> None:
    for group in prefixes(text):
        assert all(group)
    assert fold(fold(text)) == fold(text)


@given(st.text(min_size=1, max_size=40).filter(lambda text: any(one.isalpha() and one.isascii() for one in text)))
@example("A໐")
def test_whoever_has_a_name_is_found_by_it(name: str) -> None:
    assert finds(name, person(name=name)) or prefixes(name) == () or "@" in fold(name)


def test_the_nameless_come_after_every_name_and_terms_are_bounded() -> None:
    by_key = sorted([person(phones=("+13105550142",)), person(), person(name="Zoë"), person(name="ada")], key=name_key)
    assert [one.name for one in by_key] == ["ada", "Zoë", "", ""]
    assert name_key(person()).startswith(LAST)
    many = person(emails=tuple(f"a{n}.b.c.d@x{n}.example" for n in range(50)))
    assert len(terms(many)) == TERMS_MAX


def test_addresses_of_one_person_are_alike() -> None:
    assert alike("Ada.Lovelace+shop@x.example") == alike("ada_lovelace@y.example") == "=adalovelace"
