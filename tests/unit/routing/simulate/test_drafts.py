"""Where a draft stands among the rules in force."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.rules.schema import Rule
from services.routing.simulate.drafts import drafted, instead
from tests.unit.routing.examples import AT, rule
from tests.unit.routing.examples import drafted as draft_of


def ids(rules: list[Rule]) -> str:
    return " ".join(one.id for one in rules)


@pytest.mark.parametrize(
    ("drafts", "retired", "then"),
    [
        ("", "", "a b c"),
        ("b", "", "a b c"),
        ("draft:0", "", "a b c draft:0"),
        ("", "b", "a c"),
        ("off", "", "a b off c"),  # switched off now, its place is between b and c
        ("first", "a", "first b c"),
    ],
)
def test_each_draft_has_its_place(drafts: str, retired: str, then: str) -> None:
    published = [rule(one) for one in "abc"]
    changed = [rule(one) for one in drafts.split()]
    order = ["first", "a", "b", "off", "c"]
    assert ids(instead(published, changed, retired.split(), order)) == then


def test_a_draft_is_the_next_version_of_what_it_replaces() -> None:
    kept = rule("r1").model_copy(update={"version": 4})
    made = drafted(0, draft_of(None), kept, (), "lead", AT)
    assert (made.id, made.version, made.name) == ("r1", 5, "A rule")
    new = drafted(3, draft_of(None), None, (), "lead", AT)
    assert (new.id, new.version) == ("draft:3", 1)


@given(st.lists(st.sampled_from("abcdefgh"), unique=True), st.sets(st.sampled_from("abcdefgh")), st.data())
def test_nothing_is_lost_twice_or_out_of_order(published: list[str], drafts: set[str], data: st.DataObject) -> None:
    retired = data.draw(st.sets(st.sampled_from("abcdefgh"))) - drafts
    order = sorted(published)
    there = instead([rule(one) for one in order], [rule(one) for one in sorted(drafts)], retired, list("abcdefgh"))
    assert [one.id for one in there] == sorted((set(order) - retired) | drafts)
