"""Rules run in order; nested groups say what a naive reading says; the trace tells the same story."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.routing.rules.evaluate import ConditionTrace, GroupTrace, RuleSet
from services.routing.rules.facts import Facts
from services.routing.rules.schema import Rule
from tests.unit.routing.examples import condition, head, message, rule

FACTS = Facts(head(), message())
NAME = "ConversationStarted"
YES = condition("conversation.subject", "contains", "order")
NO = condition("conversation.subject", "contains", "banana")


def matched(*rules: Rule, event: str = NAME, facts: Facts = FACTS) -> list[str]:
    return [one.id for one in RuleSet(rules).run(event, facts).matched]


def test_rules_run_in_order_until_one_stops() -> None:
    rules = [
        rule("a", **{"if": {"all": [YES]}}),
        rule("b", stop=True, **{"if": {"all": [NO]}}),
        rule("c", stop=True),
        rule("d"),
    ]
    outcome = RuleSet(rules).run(NAME, FACTS)
    assert [one.id for one in outcome.matched] == ["a", "c"]
    assert outcome.looked_at == 3


def test_only_enabled_rules_of_the_event_and_the_brand_are_asked() -> None:
    rules = [
        rule("off", enabled=False),
        rule("other event", when=["Closed"]),
        rule("other brand", brand_ids=["earth-echo"]),
        rule("this brand", brand_ids=["earth-echo", "paleo-hacks"]),
        rule("any brand"),
    ]
    assert matched(*rules) == ["this brand", "any brand"]
    assert matched(*rules, event="Closed") == ["other event"]
    assert RuleSet([]).run(NAME, FACTS).looked_at == 0


tree = st.recursive(
    st.sampled_from([YES, NO]),
    lambda inner: st.builds(
        lambda word, nodes: {word: nodes},
        st.sampled_from(["all", "any", "none"]),
        st.lists(inner, min_size=1, max_size=4),
    ),
    max_leaves=20,
)


def naive(node: dict[str, Any]) -> bool:
    if "all" in node:
        return all(naive(one) for one in node["all"])
    if "any" in node:
        return any(naive(one) for one in node["any"])
    if "none" in node:
        return not any(naive(one) for one in node["none"])
    return node is YES or node == YES


@given(tree.filter(lambda node: "field" not in node))
def test_nested_groups_say_what_a_naive_reading_says(conditions: dict[str, Any]) -> None:
    rules = RuleSet([rule("r", **{"if": conditions})])
    outcome = rules.run(NAME, FACTS)
    assert bool(outcome.matched) is naive(conditions)
    (trace,) = rules.explain(NAME, "paleo-hacks", outcome.looked_at, outcome.seen)
    assert trace.matched is naive(conditions)
    assert trace.conditions is not None
    _same(conditions, trace.conditions)


def _same(node: dict[str, Any], trace: GroupTrace | ConditionTrace) -> None:
    assert trace.held is naive(node)
    if isinstance(trace, GroupTrace):
        for inner, told in zip(node[trace.joined], trace.children, strict=True):
            _same(inner, told)


def test_the_trace_shows_the_values_seen_and_stops_where_the_rules_stopped() -> None:
    conditions = {"all": [YES, {"any": [condition("message.spam_score", "greater", 0.5), YES]}]}
    rules = RuleSet([rule("a", stop=True, **{"if": conditions}), rule("b")])
    outcome = rules.run(NAME, FACTS)
    (trace,) = rules.explain(NAME, "paleo-hacks", outcome.looked_at, outcome.seen)
    assert trace.stopped
    assert trace.conditions is not None
    subject, group = trace.conditions.children
    assert isinstance(subject, ConditionTrace)
    assert subject.seen == "Where is my Order?"
    assert subject.place == "if.all[0]"
    assert isinstance(group, GroupTrace)
    score = group.children[0]
    assert isinstance(score, ConditionTrace)
    assert (score.place, score.seen, score.held) == ("if.all[1].any[0]", 0.1, False)


def test_a_rule_that_always_holds_has_no_conditions_to_show() -> None:
    rules = RuleSet([rule("a")])
    outcome = rules.run(NAME, FACTS)
    (trace,) = rules.explain(NAME, "paleo-hacks", outcome.looked_at, outcome.seen)
    assert trace.matched
    assert trace.conditions is None


@given(st.lists(st.tuples(tree.filter(lambda node: "field" not in node), st.booleans()), max_size=12))
def test_rules_that_share_conditions_say_what_each_says_alone(rules: list[tuple[dict[str, Any], bool]]) -> None:
    made = [rule(f"r{n}", stop=stop, **{"if": conditions}) for n, (conditions, stop) in enumerate(rules)]
    expected: list[str] = []
    looked_at = 0
    for one, (conditions, stop) in zip(made, rules, strict=True):
        looked_at += 1
        if naive(conditions):
            expected.append(one.id)
            if stop:
                break
    outcome = RuleSet(made).run(NAME, FACTS)
    assert ([one.id for one in outcome.matched], outcome.looked_at) == (expected, looked_at)
