"""What is refused when a rule is saved, and what the refusal names."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.routing.rules.compile import MAX_CONDITIONS, MAX_DEPTH, Slots, check, compile_rule
from services.routing.rules.fields import FIELDS
from services.routing.rules.operators import OPERATORS
from services.routing.rules.schema import Rule, RuleDraft
from shared.errors import Invalid
from tests.unit.routing.examples import AT, KNOWN, condition, draft, drafted

OK = condition("conversation.subject", "contains", "x")

REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"if": {"all": []}}, "if.all", "at least one condition"),
    ({"if": {"any": []}}, "if.any", "at least one condition"),
    ({"if": {"all": [OK, {"none": []}]}}, "if.all[1].none", "at least one condition"),
    ({"if": {"all": [OK], "any": [OK]}}, "if", "exactly one"),
    ({"if": {"all": [condition("subject", "is", "x")]}}, "if.all[0].field", 'no field "subject"'),
    (
        {"if": {"all": [OK, {"any": [condition("conversation.subject", "greater", 1)]}]}},
        "if.all[1].any[0].operator",
        "it has is, is_not, contains",
    ),
    ({"if": {"all": [condition("message.spam_score", "is", "high")]}}, "if.all[0].value", "a number"),
    ({"if": {"all": [condition("message.spam_score", "is", True)]}}, "if.all[0].value", "a number"),
    ({"if": {"all": [condition("message.spam_score", "less", float("nan"))]}}, "if.all[0].value", "a number"),
    ({"if": {"all": [condition("conversation.priority", "is", "yes")]}}, "if.all[0].value", "true or false"),
    ({"if": {"all": [condition("conversation.subject", "is", 1)]}}, "if.all[0].value", "a text"),
    ({"if": {"all": [condition("conversation.subject", "contains", "")]}}, "if.all[0].value", "not empty"),
    ({"if": {"all": [condition("conversation.subject", "is", ["x"])]}}, "if.all[0].value", "a text"),
    ({"if": {"all": [condition("conversation.subject", "in", "x")]}}, "if.all[0].value", "a list"),
    ({"if": {"all": [condition("conversation.subject", "in", [])]}}, "if.all[0].value", "a list"),
    ({"if": {"all": [condition("conversation.subject", "in", ["x", 1])]}}, "if.all[0].value[1]", "a text"),
    ({"if": {"all": [condition("conversation.subject", "is_set", "x")]}}, "if.all[0].value", "no value"),
    ({"if": {"all": [condition("conversation.subject", "matches", "(")]}}, "if.all[0].value", "missing )"),
    ({"if": {"all": [condition("conversation.subject", "matches", r"(a)\1")]}}, "if.all[0].value", "can't be read"),
    ({"if": {"all": [condition("conversation.subject", "matches", "x" * 501)]}}, "if.all[0].value", "at most 500"),
    ({"if": {"all": [condition("conversation.channel", "is", "fax")]}}, "if.all[0].value", "email, chat, phone"),
    ({"if": {"all": [condition("conversation.team", "in", ["a-team"])]}}, "if.all[0].value[0]", 'no team "a-team"'),
    ({"if": {"all": [condition("conversation.brand", "is", "x")]}}, "if.all[0].value", 'no brand "x"'),
    ({"if": {"all": [condition("conversation.assignee", "is", "x")]}}, "if.all[0].value", 'no agent "x"'),
    (
        {"if": {"all": [condition("conversation.started_at", "before", "2026-05-01T09:00:00")]}},
        "if.all[0].value",
        "with a zone",
    ),
    (
        {"if": {"all": [condition("conversation.started_at", "before", "0001-01-01T00:00:00+23:59")]}},
        "if.all[0].value",
        "with a zone",
    ),
    ({"if": {"all": [OK] * 100, "any": None, "none": None}, "brand_ids": ["nope"]}, "brand_ids[0]", "no brand"),
    ({"then": [{"kind": "assign", "team_id": "a-team"}]}, "then[0].team_id", 'no team "a-team"'),
    ({"then": [{"kind": "assign_to", "agent_id": "x"}]}, "then[0].agent_id", 'no agent "x"'),
    (
        {"then": [{"kind": "set_topic", "topic": "Refund"}], "brand_ids": ["earth-echo"]},
        "then[0].topic",
        'the topic "Refund"',
    ),
    ({"then": []}, "then", "something to do"),
]


@pytest.mark.parametrize(("changes", "place", "says"), REFUSED)
def test_a_rule_that_cannot_be_read_is_refused_with_the_place_named(
    changes: dict[str, Any], place: str, says: str
) -> None:
    with pytest.raises(Invalid) as refused:
        check(RuleDraft.model_validate(draft(**changes)), KNOWN)
    found = {one.path: one.message for one in refused.value.fields}
    assert says in found[place]
    assert refused.value.code == "invalid_rule"
    assert refused.value.fields[0].path in refused.value.message


def test_everything_that_is_wrong_is_named_at_once() -> None:
    conditions = {"all": [condition("x", "is", "y"), condition("conversation.subject", "is", 1)]}
    with pytest.raises(Invalid) as refused:
        check(RuleDraft.model_validate(draft(**{"if": conditions, "brand_ids": ["x"]})), KNOWN)
    assert [one.path for one in refused.value.fields] == ["if.all[0].field", "if.all[1].value", "brand_ids[0]"]


@pytest.mark.parametrize(
    "changes",
    [
        {"when": []},
        {"when": ["SomethingElse"]},
        {"then": [{"kind": "explode"}]},
        {"if": {"every": [OK]}},
        {"if": {"all": OK}},
        {"surprise": 1},
        {"name": " "},
    ],
)
def test_a_rule_of_another_shape_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RuleDraft.model_validate(draft(**changes))


def test_conditions_must_be_given_though_they_may_be_null() -> None:
    written = draft()
    del written["if"]
    with pytest.raises(ValidationError):
        RuleDraft.model_validate(written)
    check(drafted(None), KNOWN)


def test_too_many_or_too_deep_is_refused() -> None:
    wide = {"all": [{"any": [OK] * 100}, {"any": [OK] * (MAX_CONDITIONS - 100)}, OK]}
    deep: dict[str, Any] = {"all": [OK]}
    for _ in range(MAX_DEPTH):
        deep = {"all": [deep]}
    for conditions in (wide, deep):
        with pytest.raises(Invalid):
            check(drafted(conditions), KNOWN)


def test_hundreds_of_nested_groups_are_refused_and_crash_nothing() -> None:
    deep: dict[str, Any] = {"all": [OK]}
    for _ in range(300):
        deep = {"none": [deep]}
    with pytest.raises((Invalid, ValidationError)):
        check(drafted(deep), KNOWN)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
some_condition = st.fixed_dictionaries(
    {
        "field": st.sampled_from([*FIELDS, "nothing"]),
        "operator": st.sampled_from([*sorted({name for one in OPERATORS.values() for name in one}), "like"]),
        "value": anything,
    }
)
some_group = st.recursive(
    some_condition,
    lambda inner: st.dictionaries(
        st.sampled_from(["all", "any", "none"]), st.lists(inner, max_size=3), min_size=1, max_size=2
    ),
    max_leaves=5,
)


@given(some_group | anything, anything)
def test_garbage_is_refused_and_never_crashes(conditions: Any, then: Any) -> None:
    try:
        made = RuleDraft.model_validate(draft(**{"if": conditions}))
        check(made, KNOWN)
    except (ValidationError, Invalid):
        pass
    else:
        kept = Rule.model_validate({**made.model_dump(), "id": "r", "version": 1, "saved_at": AT})
        compile_rule(kept, Slots())
    with pytest.raises(ValidationError):
        RuleDraft.model_validate(draft(then=[then]))


def test_a_kept_rule_reads_back_as_it_was() -> None:
    written = draft(**{"if": {"all": [OK, {"none": [condition("message.attachments", "greater", 2)]}]}})
    made = Rule.model_validate({**written, "id": "r", "version": 1, "saved_at": AT})
    assert Rule.model_validate(made.model_dump()) == made
    assert Rule.model_validate_json(made.model_dump_json()) == made
    assert "if" in made.model_dump()
