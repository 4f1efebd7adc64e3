"""Two sets of rules on one event: what counts as a difference, and what explains it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.rules.facts import Facts
from services.routing.rules.schema import Rule
from services.routing.simulate.attempt import Attempt
from services.routing.simulate.compare import Compared, Sides, effects, why
from services.routing.simulate.job import World
from shared.contracts.common import Actor
from shared.contracts.contacts import Block, Contact
from shared.contracts.conversations import ConversationEvent
from shared.contracts.routing import EmitEvent
from tests.unit.routing.examples import AT, closed, condition, replied, rule, started

REFUND = {"all": [condition("message.text", "contains", "refund")]}


def tag(*tags: str) -> list[dict[str, Any]]:
    return [{"kind": "add_tags", "tags": list(tags)}]


def agent(id_: str) -> list[dict[str, Any]]:
    return [{"kind": "assign_to", "agent_id": id_}]


def team(id_: str, strategy: str = "round_robin") -> list[dict[str, Any]]:
    return [{"kind": "assign", "team_id": id_, "strategy": strategy}]


NOTE = [{"kind": "add_note", "text": "n"}]
HERE = World(teams={"maya": ("care",), "jonas": ()}, narrow={"jonas": ("paleo-hacks",)})


def compare(before: list[Rule], after: list[Rule], event: ConversationEvent) -> Compared | None:
    facts = Facts(event.head, getattr(event, "message", None), event)
    return Sides(before, after).compare("e1", event, facts, HERE)


@pytest.mark.parametrize(
    ("before", "after", "differs"),
    [
        ([rule("a")], [rule("a")], False),
        ([rule("a")], [], True),
        ([], [rule("a")], True),
        ([rule("a", then=tag("x"))], [rule("b", then=tag("x"))], False),  # who does it is the same to a customer
        ([rule("a", then=tag("x", "y"))], [rule("b", then=tag("y")), rule("c", then=tag("x"))], False),
        ([rule("a", then=tag("x"))], [rule("a", then=tag("x", "y"))], True),
        ([rule("a", then=NOTE)], [rule("b", then=NOTE)], False),
        ([rule("a")], [rule("a"), rule("b", **{"if": REFUND})], False),  # "hello" does not contain it
        ([rule("a")], [rule("s", then=[], stop=True), rule("a")], True),
        ([rule("a")], [rule("a", enabled=False)], True),
        ([rule("a", brand_ids=["earth-echo"])], [], False),
        ([rule("a", then=agent("maya"))], [rule("a", then=agent("jonas"))], True),
        ([rule("a", then=team("t1"))], [rule("a", then=team("t2"))], True),
        ([rule("a", then=team("t1", "balanced"))], [rule("a", then=team("t1"))], False),  # who of them, nobody knows
        ([rule("a", then=[{"kind": "set_priority", "priority": False}])], [], False),  # it is so already
    ],
)
def test_effects_are_compared_and_not_who_brings_them_about(
    before: list[Rule], after: list[Rule], differs: bool
) -> None:
    compared = compare(before, after, started())
    assert (compared is not None and compared.differs) is differs


def test_what_no_rule_acts_on_is_not_looked_at() -> None:
    assert compare([rule()], [rule("b")], closed(2)) is None
    assert compare([rule()], [rule("b")], started(imported=True)) is None


def test_a_rule_is_not_set_off_by_what_it_did_itself() -> None:
    mine = rule("a", when=["CustomerReplied"], then=tag("x"))
    by_itself, by_another = (replied(2, by=Actor(kind="rule", id=id_)) for id_ in ("a", "b"))
    assert not compare([], [mine], by_itself).differs  # type: ignore[union-attr]
    assert compare([], [mine], by_another).differs  # type: ignore[union-attr]


def test_the_traces_that_explain_come_first_and_others_not_at_all() -> None:
    event = started(text="a refund, please")
    same, gone = rule("same"), rule("gone", then=tag("gone"))
    new = rule("new", **{"if": REFUND}, then=tag("new"))
    quiet = rule("quiet", **{"if": {"all": [condition("message.text", "contains", "lawyer")]}})
    before, after = [same, gone], [same, new, quiet]
    compared, sides = compare(before, after, event), Sides(before, after)
    assert compared is not None
    told = why(sides, event, compared, frozenset({"quiet"}))
    assert [(one.rule_id, one.matched) for one in told] == [("new", True), ("gone", True), ("quiet", False)]
    assert {one for one, _ in compared.gone}, {one for one, _ in compared.new} == ({"add_tags"}, {"add_tags"})


def test_a_long_explanation_is_cut() -> None:
    asked = condition("message.text", "contains", "hello")
    many = {"all": [*[asked] * 90, {"any": [asked] * 60}]}
    after = [rule(id_, **{"if": many}, then=tag(id_)) for id_ in "abc"]
    event = started()
    compared = compare([], after, event)
    assert compared is not None
    assert [one.rule_id for one in why(Sides([], after), event, compared, frozenset())] == ["a"]


def test_a_draft_is_tried_alone_and_switched_on() -> None:
    event = started(text="Refund!")
    facts = Facts(event.head, event.message, event)
    attempt = Attempt(rule("d", enabled=False, **{"if": REFUND}, then=tag("x")))
    tried = attempt.run("e1", event, facts, HERE)
    assert tried is not None
    assert tried.trace.matched
    assert effects(tried.actions) == {("add_tags", "x"): 1}
    other_brand = Attempt(rule("d", brand_ids=["earth-echo"]))
    assert other_brand.run("e1", event, facts, HERE) is None


RULES = st.lists(
    st.builds(
        lambda id_, tags, stop, asks: rule(id_, then=tag(*tags), stop=stop, **{"if": REFUND if asks else None}),
        st.sampled_from("abc"),
        st.sets(st.sampled_from("xyz"), min_size=1),
        st.booleans(),
        st.booleans(),
    ),
    max_size=5,
    unique_by=lambda one: one.id,
)


@given(RULES, RULES, st.sampled_from(["a refund", "hello"]))
def test_it_differs_exactly_where_the_tags_do(before: list[Rule], after: list[Rule], text: str) -> None:
    """Beside the plainest way to run rules that there is."""

    def tags_of(rules: list[Rule]) -> set[str]:
        found: set[str] = set()
        for one in rules:
            if one.conditions is None or "refund" in text:
                found.update(tag for action in one.then for tag in getattr(action, "tags", ()))
                if one.stop:
                    break
        return found

    compared = compare(before, after, started(text=text))
    assert (compared is not None and compared.differs) is (tags_of(before) != tags_of(after))


@given(RULES, st.sampled_from(["a refund", "hello"]))
def test_the_same_rules_never_differ(rules: list[Rule], text: str) -> None:
    again = [one.model_copy(update={"version": 2}) for one in rules]
    compared = compare(rules, again, started(text=text))
    assert compared is None or not compared.differs


def test_what_rules_do_goes_by_all_that_is_known_of_then() -> None:
    """A value that an action takes, and that the customer is blocked already."""
    names = ("contact.language", "event.open_teams", "event.status_before")
    fills = [{"id": f"f{n}", "field": name} for n, name in enumerate(names)]
    then = [{"kind": "emit_event", "name": "seen", "attributes": fills}, {"kind": "block", "reason": "Threats"}]
    made, event = rule("a", when=["CustomerReplied"], then=then, **{"if": None}), replied(2)
    who = Contact(id="k1", seq=2, created_at=AT, updated_at=AT, language="de", blocked=Block(reason="Threats", at=AT))
    facts = Facts(event.head, event.message, event, "closed", contact=who, open_teams=("email-support",))
    tried = Attempt(made).run("e1", event, facts, World())
    compared = Sides([], [made]).compare("e1", event, facts, World())
    assert tried
    assert compared
    for actions in (tried.actions, compared.would):
        [emitted] = actions
        assert isinstance(emitted, EmitEvent)
        assert [one.value for one in emitted.attributes] == ["de", "email-support", "closed"]


def test_what_an_action_takes_is_looked_up_for_it() -> None:
    fills = [{"id": "s", "field": "event.status_before"}, {"id": "p", "field": "message.spam_score"}]
    sides = Sides([], [rule("a", then=[{"kind": "emit_event", "name": "seen", "attributes": fills}])])
    assert (sides.ask_changes, sides.ask_spam) == (True, True)


@pytest.mark.parametrize(
    ("whom", "brand", "then_whom"),
    [("left", "paleo-hacks", "maya"), ("jonas", "paleo-hacks", "jonas"), ("jonas", "earth-echo", "maya")],
)
def test_who_has_left_or_does_not_work_on_the_brand_gets_nothing(whom: str, brand: str, then_whom: str) -> None:
    """As routing does: an assignment before it counts, to who is there."""
    event = started(brand_id=brand)
    rules = [rule("a", then=agent("maya")), rule("b", then=agent(whom))]
    compared = compare([rules[0]], rules, event)
    assert compared is not None
    assert [one.agent_id for one in compared.would if one.kind == "assign_agent"] == [then_whom]
    assert compared.differs is (then_whom != "maya")
