"""Rules while some are rolled out: each conversation is asked by one version, and the explanation says by which."""

from __future__ import annotations

from collections.abc import Sized

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.model.later import time_passed
from services.routing.rules import evaluate
from services.routing.rules.evaluate import RuleSet
from services.routing.rules.facts import Facts
from services.routing.rules.schema import Rule
from services.routing.rules.staged import StagedRules
from services.routing.sla.policies import PolicySet
from services.routing.sla.schema import Policy
from shared.contracts.governance import Rollout
from shared.governance.stages import Member, takes, version_id
from tests.unit.routing.examples import AT, head, message, rule

NAME = "ConversationStarted"
HALF = Rollout(percentage=50)
REFUND = {"all": [{"field": "message.text", "operator": "contains", "value": "refund"}]}
CONVERSATIONS = [f"c{n}" for n in range(40)]


def version(number: int, **changes: object) -> Rule:
    return rule("r", **changes).model_copy(update={"version": number})


def facts(conversation_id: str, **on_head: object) -> Facts:
    return Facts(head(id=conversation_id, **on_head), message())


def test_each_conversation_is_asked_by_its_version_and_told_so() -> None:
    new, old = version(2), version(1)
    rules = StagedRules([Member(rule("first")), Member(new, old, HALF), Member(rule("last"))])
    for id_ in CONVERSATIONS:
        mine = 2 if takes(HALF, "r", head(id=id_)) else 1
        outcome = rules.run(NAME, facts(id_))
        assert [(one.id, one.version) for one in outcome.matched] == [("first", 1), ("r", mine), ("last", 1)]
        traces = rules.explain(NAME, "paleo-hacks", outcome.looked_at, outcome.seen, outcome.left_out)
        assert [(one.rule_id, one.version) for one in traces] == [("first", 1), ("r", mine), ("last", 1)]


def test_a_stop_in_one_version_is_no_stop_for_the_others() -> None:
    rules = StagedRules([Member(version(2, stop=True), version(1), HALF), Member(rule("last"))])
    for id_ in CONVERSATIONS:
        outcome = rules.run(NAME, facts(id_))
        stopped = takes(HALF, "r", head(id=id_))
        assert [one.id for one in outcome.matched] == (["r"] if stopped else ["r", "last"])


def test_a_first_version_rolled_out_to_a_team_asks_nobody_else() -> None:
    rules = StagedRules([Member(rule("r"), None, Rollout(team_ids=("vip",)))])
    assert rules.run(NAME, facts("c1", team_id="vip")).matched
    outcome = rules.run(NAME, facts("c1", team_id="email-support"))
    assert not outcome.matched
    assert rules.explain(NAME, "paleo-hacks", outcome.looked_at, outcome.seen, outcome.left_out) == ()


@given(st.lists(st.sampled_from(["contains", "is_set"]), min_size=1, max_size=4), st.sampled_from(CONVERSATIONS))
def test_it_says_what_a_set_of_only_its_versions_would(operators: list[str], conversation: str) -> None:
    """The gates that several rules share, both versions among them, change nothing."""
    members, alone = [], []
    for n, operator in enumerate(operators):
        asks = {"all": [*REFUND["all"], {"field": "message.text", "operator": operator, "value": None}]}
        asks = REFUND if operator == "contains" else asks
        old = rule(f"r{n}", **{"if": REFUND})
        new = rule(f"r{n}", **{"if": asks}).model_copy(update={"version": 2})
        members.append(Member(new, old, HALF))
        alone.append(new if takes(HALF, f"r{n}", head(id=conversation)) else old)
    found = StagedRules(members).run(NAME, facts(conversation)).matched
    assert found == RuleSet(alone).run(NAME, facts(conversation)).matched


def test_a_policy_that_is_rolled_out_is_each_conversations_own() -> None:
    def policy(number: int, goal_s: int) -> Policy:
        written = {"name": "All", "conditions": None, "first_response_s": goal_s}
        return Policy(id="p", version=number, saved_at=AT, **written)  # type: ignore[arg-type]

    policies = PolicySet([Member(policy(2, 60), policy(1, 3600), HALF)])
    for id_ in CONVERSATIONS:
        for applied in (None, "p"):
            found = policies.of(head(id=id_, sla_policy_id=applied))
            assert found
            assert found.version == (2 if takes(HALF, "p", head(id=id_)) else 1)


def test_a_rule_asked_by_itself_is_the_conversations_own_version() -> None:
    new, old = version(2, when=["TimePassed"]), version(1, when=["TimePassed"])
    rules = StagedRules([Member(new, old, HALF, since=AT), Member(rule("part"), None, Rollout(team_ids=("vip",)))])
    for id_ in CONVERSATIONS:
        left_out = version_id(old if takes(HALF, "r", head(id=id_)) else new)
        mine = rules.of(head(id=id_))
        kept = mine.rule("r")
        assert kept
        assert version_id(kept) != left_out
        assert mine.rule("part") is None
        assert rules.of(head(id=id_, team_id="vip")).rule("part")
        outcome = mine.one("r", facts(id_))
        assert outcome
        assert (outcome.matched, outcome.left_out) == ((kept,), frozenset({left_out, "part:1"}))
        (timed,) = mine.timed(Facts(head(id=id_), event=time_passed(head(id=id_), AT)))
        assert (timed.rule, timed.since) == (kept, AT if kept is new else None)
        (trace,) = rules.without(outcome.left_out).explain_one("r", outcome.seen)
        assert trace.version == kept.version


def test_while_many_are_rolled_out_nothing_is_compiled_for_each_conversation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twelve make 4,096 sets of versions, nearly one for each conversation."""
    members = [Member(rule(f"r{n}").model_copy(update={"version": 2}), rule(f"r{n}"), HALF) for n in range(12)]
    rules = StagedRules(members)
    made = list[object]()
    monkeypatch.setattr(evaluate, "compile_rule", lambda *asked: made.append(asked))
    before = {name: len(kept) for name, kept in vars(rules).items() if isinstance(kept, Sized)}
    seen = set()
    for n in range(2000):
        mine = rules.of(head(id=f"c{n}"))
        seen.add(tuple(one.version for k in range(12) if (one := mine.rule(f"r{k}"))))
    assert len(seen) > 1000
    assert made == []
    assert {name: len(kept) for name, kept in vars(rules).items() if isinstance(kept, Sized)} == before


def test_rolling_out_further_is_a_change_for_what_is_asked_later() -> None:
    new, old = version(2, after="PT1H"), version(1, after="PT1H")
    more = Rollout(percentage=60)
    assert StagedRules([Member(new, old, HALF)]).later != StagedRules([Member(new, old, more)]).later
    assert StagedRules([Member(version(2), version(1), HALF)]).later == ()
