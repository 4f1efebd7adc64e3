"""Two versions held against each other: every difference, at its place, and no other."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.governance.diff import diff

A = {"field": "message.text", "operator": "contains", "value": "refund"}
B = {"field": "conversation.channel", "operator": "is", "value": "email"}
C = {"field": "conversation.priority", "operator": "is", "value": True}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=4),
    max_leaves=12,
)


def told(before: Any, after: Any) -> list[tuple[str, str, Any, Any]]:
    return [(one.place, one.kind, one.before, one.after) for one in diff(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"name": "x"}, {"name": "x"}, []),
        ({"name": "x"}, {"name": "y"}, [("name", "changed", "x", "y")]),
        ({"stop": True}, {"stop": 1}, [("stop", "changed", True, 1)]),
        ({"if": None}, {"if": {"all": [A]}}, [("if", "added", None, {"all": [A]})]),
        ({"if": {"all": [A]}}, {"if": None}, [("if", "removed", {"all": [A]}, None)]),
        ({}, {"then": []}, [("then", "added", None, [])]),
        (
            {"if": {"all": [A, B]}},
            {"if": {"all": [{**A, "value": "money"}, B]}},
            [("if.all.0.value", "changed", "refund", "money")],
        ),
        ({"if": {"all": [A, B]}}, {"if": {"all": [A, C, B]}}, [("if.all.1", "added", None, C)]),
        ({"if": {"all": [A, C, B]}}, {"if": {"all": [A, B]}}, [("if.all.1", "removed", C, None)]),
        (
            {"tags": ["a", "b"]},
            {"tags": ["b", "a"]},
            [("tags.0", "added", None, "b"), ("tags.1", "removed", "b", None)],
        ),
    ],
)
def test_every_difference_is_told_at_its_place(before: Any, after: Any, expected: Any) -> None:
    assert told(before, after) == expected


@given(JSON, JSON)
def test_nothing_is_told_of_what_says_the_same_and_something_of_what_does_not(before: Any, after: Any) -> None:
    same = json.dumps(before, sort_keys=True) == json.dumps(after, sort_keys=True)
    assert (not diff(before, after)) == same
    assert diff(before, before) == ()
