"""Rules from people who mean harm: patterns that take years elsewhere, trees as large as allowed, texts to match."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from services.routing.rules.compile import MAX_CONDITIONS, MAX_DEPTH, check
from services.routing.rules.evaluate import RuleSet
from services.routing.rules.facts import Facts
from services.routing.rules.fields import FIELDS
from services.routing.rules.operators import OPERATORS, PATTERN_LIMIT
from services.routing.rules.schema import RuleDraft
from shared.errors import Invalid
from tests.unit.cost import MIB, bounded
from tests.unit.routing.examples import KNOWN, condition, draft, rule, started

EVIL = ["(a+)+$", "(a|aa)+$", "(a|a?)+$", "(.*a){12}$", "^(([a-z])+.)+[A-Z]([a-z])+$", r"(\w+\s?)+!$", "(?i)(x+x+)+y"]
"""Each needs 2^n steps or so in an engine that tries again (https://owasp.org/www-community/attacks/
Regular_expression_Denial_of_Service_-_ReDoS)."""
YEARS_S = 30.0
"""What RE2 does in milliseconds; an engine that tries again would not be through in the age of the universe."""

strange = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=30),
    st.just("x" * 3000),
    st.just({"$gt": ""}),
)
conditions = st.fixed_dictionaries(
    {
        "field": st.sampled_from([*FIELDS, "__class__", "head.__dict__", ""]),
        "operator": st.sampled_from([*{name for one in OPERATORS.values() for name in one}, "$where", "matches"]),
    },
    optional={"value": st.one_of(strange, st.lists(strange, max_size=4)), "surprise": strange},
)
trees = st.recursive(
    conditions,
    lambda inner: st.dictionaries(st.sampled_from(["all", "any", "none", "not"]), st.lists(inner, max_size=4)),
)


def facts(text: str) -> Facts:
    event = started(text=text, subject=text)
    return Facts(event.head, event.message, event, zone=text)


@given(trees, st.text(max_size=200), st.lists(strange | st.dictionaries(st.text(max_size=5), strange), max_size=3))
@settings(max_examples=400, suppress_health_check=list(HealthCheck))
def test_a_definition_is_refused_or_runs(tree: Any, text: str, then: list[Any]) -> None:
    """Refused as one of two errors, and what is taken runs over any text and explains itself, with the work and the
    memory of a rule that large."""
    with bounded(calls=200_000, peak=16 * MIB):
        _refused_or_runs(tree, text, then)


def _refused_or_runs(tree: Any, text: str, then: list[Any]) -> None:
    try:
        made = RuleDraft.model_validate(draft(**{"if": tree, **({"then": then} if then else {})}))
        check(made, KNOWN)
    except (ValidationError, Invalid):
        return
    rules = RuleSet([rule("r", **made.model_dump(by_alias=True, exclude={"name", "when"}))])
    outcome = rules.run("ConversationStarted", facts(text))
    rules.explain("ConversationStarted", "paleo-hacks", outcome.looked_at, outcome.seen)


@pytest.mark.parametrize("pattern", EVIL)
def test_no_pattern_takes_longer_than_its_text_is_long(pattern: str) -> None:
    asked = {
        "any": [condition("message.text", "matches", pattern), condition("message.text", "matches", f"{pattern}!")]
    }
    rules = RuleSet([rule("r", **{"if": asked})])
    began = time.monotonic()
    rules.run("ConversationStarted", facts("a" * 100_000 + "\x00"))
    rules.run("ConversationStarted", facts("aB " * 30_000))
    assert time.monotonic() - began < YEARS_S


@given(st.text(max_size=60))
@settings(max_examples=300)
def test_any_text_is_a_pattern_or_refused_with_its_place(pattern: str) -> None:
    asked = {"all": [condition("message.text", "matches", pattern)]}
    try:
        check(RuleDraft.model_validate(draft(**{"if": asked})), KNOWN)
    except ValidationError:
        return  # text that UTF-8 cannot say
    except Invalid as refused:
        places = {one.path for one in refused.fields}
    else:
        places = {"if.all[0].value"}
        RuleSet([rule("r", **{"if": asked})]).run("ConversationStarted", facts(pattern * 3))
    assert places == {"if.all[0].value"}


@pytest.mark.parametrize("counted", ["a{1000}", "(a{50}){50}", "((a{30}){30}){30}", "(x{0,500}){3}", ".{900}" * 70])
def test_a_pattern_that_would_need_much_memory_is_refused_or_small(counted: str) -> None:
    asked = {"all": [condition("message.text", "matches", counted[:PATTERN_LIMIT])]}
    try:
        check(RuleDraft.model_validate(draft(**{"if": asked})), KNOWN)
    except Invalid:
        return
    RuleSet([rule("r", **{"if": asked})]).run("ConversationStarted", facts("a" * 100_000))


def test_the_largest_tree_is_run_and_one_larger_refused() -> None:
    leaf = condition("message.text", "contains", "needle")
    deep: Any = {"any": [leaf] * (MAX_CONDITIONS // MAX_DEPTH)}
    for _ in range(MAX_DEPTH - 1):
        deep = {"any": [deep, *[leaf] * (MAX_CONDITIONS // MAX_DEPTH - 1)]}
    check(RuleDraft.model_validate(draft(**{"if": deep})), KNOWN)
    began = time.monotonic()
    many = RuleSet([rule(f"r{n}", **{"if": deep}) for n in range(20)])
    many.run("ConversationStarted", facts("hay " * 25_000))
    assert time.monotonic() - began < YEARS_S


@pytest.mark.parametrize("depth", [100, 5_000, 100_000])
def test_a_tree_without_end_is_refused(depth: int) -> None:
    """As bytes, as it comes by HTTP: neither Python's nor pydantic's parser may run out of stack."""
    body = json.dumps(draft()).replace("null", '{"all":[' * depth + "]}" * depth, 1)
    try:
        made = RuleDraft.model_validate(json.loads(body))
        check(made, KNOWN)
    except (ValidationError, Invalid, RecursionError):
        return
    raise AssertionError("a tree of any depth was taken")
