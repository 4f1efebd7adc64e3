"""Rules that act because of each other: as far as that leads somewhere, and never for ever."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.routing.model.conversation import Row, follow
from services.routing.model.decision import decide
from services.routing.model.plan import CHAIN_MAX, Chain, Plan, is_trigger, plan
from services.routing.rules.evaluate import RuleSet
from services.routing.rules.facts import Facts
from services.routing.rules.schema import Rule
from services.tickets.model.decisions import decide_decision
from services.tickets.model.state import SYSTEM, Context, Conversation, Desk
from shared.contracts.conversations import ConversationEvent, LoopStopped
from tests.unit.routing.examples import AT, condition, rule, started

EVENTS_MAX = 2_000


def run(rules: list[Rule], first: Any) -> tuple[list[ConversationEvent], list[Plan]]:
    """Routing and tickets in turns, until nothing follows any more: what happened, and every plan."""
    asked, row, state = RuleSet(rules), None, Conversation(first.head)
    todo: list[tuple[ConversationEvent, Chain]] = [(first, ())]
    happened: list[ConversationEvent] = []
    plans: list[Plan] = []
    while todo:
        event, chain = todo.pop(0)
        happened.append(event)
        assert len(happened) < EVENTS_MAX, "it goes on and on"
        id_ = f"e{event.seq}"
        row = follow(row, id_, event)
        if not is_trigger(event):
            continue
        outcome = asked.run(type(event).__name__, Facts(event.head, None, event))
        row, made = _planned(row, event, outcome.matched, chain)
        plans.append(made)
        row, decided = decide(row, made, None, trigger=row.last, now=AT)
        if decided is None:
            continue
        context = Context(AT + timedelta(seconds=len(happened)), SYSTEM)
        result = decide_decision(state, decided, context, Desk())
        state = result.state or state
        todo += [(one, made.chain) for one in result.events]
    return happened, plans


def _planned(row: Row, event: ConversationEvent, matched: Any, chain: Chain) -> tuple[Row, Plan]:
    return plan(
        row,
        event,
        matched,
        decision_id=f"d{event.seq}",
        correlation_id="k",
        is_member=lambda agent, team: False,
        now=AT,
        chain=chain,
    )


def names(happened: list[ConversationEvent]) -> list[str]:
    return [type(one).__name__ for one in happened]


def test_a_rule_acts_on_what_another_did() -> None:
    rules = [
        rule("first", then=[{"kind": "set_priority", "priority": True}]),
        rule("second", when=["PriorityChanged"], then=[{"kind": "add_tags", "tags": ["urgent"]}]),
        rule("third", when=["Tagged"], then=[{"kind": "add_note", "text": "Look & see"}]),
    ]
    happened, plans = run(rules, started())
    assert names(happened) == ["ConversationStarted", "PriorityChanged", "Tagged", "NoteAdded"]
    assert plans[-1].chain == ("first", "second", "third")
    assert (happened[-1].by.kind, happened[-1].by.id) == ("rule", "third")


def test_two_that_undo_each_other_are_cut_and_that_is_said_once() -> None:
    on = condition("conversation.priority", "changed_to", True)
    off = condition("conversation.priority", "changed_to", False)
    high, low = ({"kind": "set_priority", "priority": one} for one in (True, False))
    rules = [
        rule("start", then=[high]),
        rule("off", when=["PriorityChanged"], **{"if": {"all": [on]}, "then": [low]}),
        rule("on", when=["PriorityChanged"], **{"if": {"all": [off]}, "then": [high]}),
    ]
    happened, _ = run(rules, started())
    assert names(happened) == ["ConversationStarted", *["PriorityChanged"] * 3, "LoopStopped"]
    told = happened[-1]
    assert isinstance(told, LoopStopped)
    assert (told.rule.id, told.chain, told.head.priority) == ("off", ("start", "off", "on"), True)


def test_a_rule_that_comes_round_and_has_nothing_to_do_is_no_loop() -> None:
    rules = [rule("tags", when=["ConversationStarted", "Tagged"], then=[{"kind": "add_tags", "tags": ["seen"]}])]
    assert names(run(rules, started())[0]) == ["ConversationStarted", "Tagged"]


def test_a_rule_that_notes_every_note_is_cut() -> None:
    rules = [rule("chatter", when=["ConversationStarted", "NoteAdded"], then=[{"kind": "add_note", "text": "Again"}])]
    assert names(run(rules, started())[0]) == ["ConversationStarted", "NoteAdded", "LoopStopped"]


def test_a_chain_of_different_rules_has_an_end_too() -> None:
    rules = [rule("r0", then=[{"kind": "add_tags", "tags": ["t0"]}])]
    for n in range(1, 40):
        due = {"all": [condition("conversation.tags_added", "contains", f"t{n - 1}")]}
        rules.append(rule(f"r{n}", when=["Tagged"], **{"if": due}, then=[{"kind": "add_tags", "tags": [f"t{n}"]}]))
    happened, plans = run(rules, started())
    assert names(happened) == ["ConversationStarted", *["Tagged"] * CHAIN_MAX, "LoopStopped"]
    assert len(plans[-1].chain) == CHAIN_MAX


acts = st.sampled_from(
    [
        {"kind": "set_priority", "priority": True},
        {"kind": "set_priority", "priority": False},
        {"kind": "add_tags", "tags": ["a"]},
        {"kind": "remove_tags", "tags": ["a"]},
        {"kind": "add_note", "text": "n"},
        {"kind": "close"},
        {"kind": "reopen"},
        {"kind": "snooze", "for": "PT1H"},
        {"kind": "mark_spam"},
        {"kind": "assign", "team_id": "email-support", "strategy": "none"},
        {"kind": "unassign"},
        {"kind": "follow", "agent_ids": ["maya"]},
    ]
)
heard = st.sampled_from(
    [
        "ConversationStarted",
        "Assigned",
        "PriorityChanged",
        "Tagged",
        "NoteAdded",
        "Closed",
        "Reopened",
        "Snoozed",
        "Woken",
        "SpamMarked",
    ]
)
wild = st.lists(st.tuples(st.lists(heard, min_size=1, max_size=4), st.lists(acts, min_size=1, max_size=3)), max_size=5)


@given(wild)
@settings(max_examples=60)
def test_no_set_of_rules_runs_for_ever(made: list[tuple[list[str], list[dict[str, Any]]]]) -> None:
    happened, plans = run([rule(f"r{n}", when=when, then=then) for n, (when, then) in enumerate(made)], started())
    assert [one.seq for one in happened] == list(range(1, len(happened) + 1))
    assert all(len(set(one.chain)) == len(one.chain) for one in plans), "a rule acts once in a chain"
