"""Derived ids: stable for ever, and no two inputs share one."""

from __future__ import annotations

from uuid import UUID, uuid5

from hypothesis import assume, example, given
from hypothesis import strategies as st

from shared.ids import NAMESPACE, derived, event_id, random_id

PARTS = st.lists(st.text(alphabet=st.characters(exclude_categories=("Cs",))), max_size=5)


def test_known_ids_never_change() -> None:
    """Written down once: another answer would make every known input look new."""
    assert derived("email", "support@paleohacks.example", "<1@x>") == "b6be62d8-d538-5861-928c-0b2955d317c5"
    assert event_id("cause", 0) == "2e9494fd-13d9-594c-a6c3-953fab5baa70"


@given(PARTS)
def test_an_id_is_a_uuid5_of_the_parts_with_their_lengths(parts: list[str]) -> None:
    assert derived(*parts) == str(uuid5(NAMESPACE, "".join(f"{len(part)}:{part}" for part in parts)))
    assert UUID(derived(*parts)).version == 5


@given(PARTS, PARTS)
@example(["ab", "c"], ["a", "bc"])
@example(["1:a"], ["", "a"])
@example(["a", ""], ["a"])
@example(["2:ab"], ["ab"])
@example(["", "1:"], ["1:", ""])
def test_other_parts_give_another_id(one: list[str], other: list[str]) -> None:
    assume(one != other)
    assert derived(*one) != derived(*other)


def test_events_of_one_cause_differ_from_each_other_and_from_it() -> None:
    made = {event_id("cause", n) for n in range(100)} | {derived("cause"), derived("event", "cause")}
    assert len(made) == 102


def test_random_ids_differ() -> None:
    assert len({random_id() for _ in range(100)}) == 100
