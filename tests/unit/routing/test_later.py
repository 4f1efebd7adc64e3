"""Rules that wait, and escalations: they act once, keep their place, and are over when things have changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.routing.model.later import WAITS_MAX
from shared.contracts.common import Actor
from shared.contracts.conversations import Reopened, Tagged
from shared.contracts.targets import SlaUpdated
from tests.unit.routing.examples import (
    AT,
    changed,
    closed,
    condition,
    message,
    replied,
    rule,
    started,
)
from tests.unit.routing.waiting_rules import (
    IN_2H,
    NOTE,
    World,
    answered,
    by_rule,
    later,
    noted,
    timed,
)


# ── rules that wait ──────────────────────────────────────────────────────────────────────────────
def test_a_rule_waits_and_then_acts_once() -> None:
    world = World(rule("r", **IN_2H))
    world.hear(started())
    assert world.done == []
    assert [(one.rule.id, one.due_at) for one in world.plans[0].waits] == [("r", AT + timedelta(hours=2, seconds=1))]
    world.pass_(hours=1, minutes=59)
    assert world.done == []
    world.pass_(hours=48)
    assert world.by == ["r"]
    assert world.row is not None
    assert (world.row.due_at, world.row.waits) == (None, ())


def test_it_is_asked_again_of_the_conversation_as_it_is_then() -> None:
    still_open = {"all": [condition("conversation.tags", "not_contains", "done")]}
    world = World(rule("r", **IN_2H, **{"if": still_open}))
    world.hear(started())
    world.hear(changed(Tagged, {"added": ["done"]}, tags=("done",)))
    world.pass_(hours=3)
    assert world.done == []


def test_it_asks_about_the_message_that_it_waits_from() -> None:
    refund = {"all": [condition("message.text", "contains", "refund")]}
    world = World(rule("r", **IN_2H, cancel_on=[], **{"if": refund}))
    world.hear(started(text="A refund please"))
    world.hear(later(replied(2).model_copy(update={"message": message(text="Hello?")}), minutes=5))
    world.pass_(hours=3)
    assert world.by == ["r"]


@pytest.mark.parametrize(
    ("end", "cancel_on", "acts"),
    [
        (replied(2), ["customer_replied"], False),
        (replied(2), ["agent_replied", "closed"], True),
        (answered(2), ["agent_replied"], False),
        (answered(2), ["closed"], True),
        (closed(2), ["closed"], False),
        (closed(2), [], True),
        (changed(Tagged, {"added": ["x"]}, spam=True), [], False),
        (replied(2).model_copy(update={"message": message(automatic="auto_reply")}), ["customer_replied"], True),
    ],
)
def test_what_ends_the_waiting(end: Any, cancel_on: list[str], acts: bool) -> None:
    world = World(rule("r", **IN_2H, cancel_on=cancel_on))
    world.hear(started())
    world.hear(end)
    world.pass_(hours=3)
    assert bool(world.done) is acts


def test_by_default_an_answer_a_reply_and_a_close_end_it() -> None:
    assert rule("r", **IN_2H).cancel_on == ("customer_replied", "agent_replied", "closed")


def test_a_rule_that_is_changed_keeps_its_place() -> None:
    """Counted from the same event: a longer wait is longer, a shorter one shorter, and nothing begins anew."""
    world = World(rule("r", **IN_2H))
    world.hear(started())
    world.pass_(hours=1)
    world.change(rule("r", **{**IN_2H, "after": "PT4H"}))
    world.pass_(hours=2, minutes=50)
    assert world.done == []
    world.pass_(minutes=11)
    assert world.by == ["r"]
    world = World(rule("r", **{**IN_2H, "after": "P1D"}))
    world.hear(started())
    world.pass_(hours=1)
    world.change(rule("r", **{**IN_2H, "after": "PT30M"}))
    assert world.by == ["r"]


def test_a_rule_that_is_off_when_its_time_comes_does_nothing() -> None:
    world = World(rule("r", **IN_2H))
    world.hear(started())
    world.change(rule("r", **IN_2H, enabled=False))
    world.pass_(hours=3)
    assert world.done == []
    assert world.row is not None
    assert world.row.waits == ()


def test_not_more_than_some_wait_on_one_conversation() -> None:
    world = World(rule("r", when=["NoteAdded"], cancel_on=[], **IN_2H))
    world.hear(started())
    for seq in range(2, WAITS_MAX + 20):
        world.hear(noted(seq))
    assert world.row is not None
    assert len(world.row.waits) == WAITS_MAX


def test_the_decision_says_which_rules_wait_and_which_found_no_room() -> None:
    rules = [rule(f"r{n}", when=["NoteAdded"], cancel_on=[], **IN_2H) for n in range(WAITS_MAX - 10)]
    world = World(*rules)
    world.hear(started())
    world.hear(noted(2))
    world.hear(noted(3))
    world.hear(noted(4))
    assert world.row is not None
    said = [one for made in world.plans for one in made.waits]
    assert [(one.rule.id, one.due_at) for one in said] == [(one.rule_id, one.due_at) for one in world.row.waits]
    assert [len(made.waits) for made in world.plans] == [0, WAITS_MAX - 10, 10, 0]
    assert [ref.id for ref in world.plans[2].crowded] == [one.id for one in rules[10:]]
    assert [ref.id for ref in world.plans[3].crowded] == [one.id for one in rules]


def test_two_that_undo_each_other_with_a_pause_are_cut_too() -> None:
    up = rule("up", when=["Closed"], after="PT1M", cancel_on=[], then=[{"kind": "reopen"}])
    down = rule("down", when=["Reopened"], after="PT1M", cancel_on=[], then=[{"kind": "close"}])
    world = World(up, down)
    world.hear(started())
    world.hear(closed(2))
    world.pass_(minutes=2)
    world.hear(by_rule(changed(Reopened, {}), 3), chain=("up",))
    world.pass_(minutes=2)
    world.hear(by_rule(closed(4), 4), chain=("up", "down"))
    world.pass_(minutes=2)
    assert [one.kind for one in world.actions] == ["set_state", "set_state", "report_loop"]


# ── service levels ───────────────────────────────────────────────────────────────────────────────
def target(change: str, seq: int, kind: str = "first_response", **by: float) -> Any:
    missed = {
        "kind": kind,
        "state": "breached",
        "policy": {"id": "gold", "name": "Gold", "version": 1},
        "goal_s": 3600,
        "started_at": AT,
    }
    event = changed(SlaUpdated, {"change": change, "target": missed, "sla_seq": seq})
    return event.model_copy(update={"seq": seq, "at": AT + timedelta(**by), "by": Actor(kind="system")})


def test_an_escalation_goes_step_by_step() -> None:
    """Told at the warning; the lead at the breach; somebody else an hour later, unless it was answered."""
    steps = (
        rule("remind", when=["SlaWarned"], then=[{"kind": "notify", "text": "Soon", "to": ["assignee"]}]),
        rule("lead", when=["SlaBreached"], then=[{"kind": "notify", "text": "Late", "to": ["leads"]}]),
        rule("raise", when=["SlaBreached"], after="PT1H", then=[{"kind": "set_priority", "priority": True}]),
    )
    world = World(*steps)
    world.hear(started())
    world.hear(target("warned", 2, minutes=50))
    assert world.by == ["remind"]
    world.hear(target("breached", 3, minutes=60))
    assert world.by == ["remind", "lead"]
    world.pass_(hours=2)
    assert world.by == ["remind", "lead", "raise"]
    world = World(*steps)
    world.hear(started())
    world.hear(target("breached", 2, minutes=60))
    world.hear(later(answered(3), minutes=70))
    world.pass_(hours=2)
    assert world.by == ["lead"]


def test_a_step_is_for_some_targets_only() -> None:
    first = {"all": [condition("sla.target", "is", "first_response"), condition("sla.policy", "is", "gold")]}
    world = World(rule("r", when=["SlaBreached"], **{"if": first}, then=NOTE))
    world.hear(started())
    world.hear(target("breached", 2, "close", minutes=60))
    assert world.by == []
    world.hear(target("breached", 3, minutes=61))
    assert world.by == ["r"]


def test_what_begins_or_moves_is_no_ones_trigger() -> None:
    world = World(rule("r", when=["SlaWarned", "SlaBreached", "SlaMet"], then=NOTE))
    world.hear(started())
    for seq, change in enumerate(("started", "paused", "resumed", "policy", "ended"), 2):
        world.hear(target(change, seq, minutes=seq))
    assert world.by == []
    world.hear(target("met", 9, minutes=9))
    assert world.by == ["r"]


def test_rules_that_meet_a_target_and_undo_that_are_cut() -> None:
    world = World(rule("again", when=["SlaMet"], then=[{"kind": "reopen"}]))
    world.hear(started())
    world.hear(by_rule(closed(2), 2), chain=("again", "close"))
    met = target("met", 3, "close", minutes=3)
    world.hear(met.model_copy(update={"head": met.head.model_copy(update={"status": "closed"})}))
    assert [one.kind for one in world.actions] == ["report_loop"]


# ── whatever happens ─────────────────────────────────────────────────────────────────────────────
steps = st.one_of(
    st.tuples(st.just("pass"), st.integers(-120, 600)),
    st.tuples(st.just("ask"), st.just(0)),
    st.tuples(st.just("note"), st.just(0)),
    st.tuples(st.just("again"), st.just(0)),
    st.tuples(st.just("edit"), st.sampled_from([60, 120, 300])),
)


@settings(max_examples=150)
@given(st.lists(steps, max_size=25))
def test_each_acts_at_most_once_for_what_it_is_about(todo: list[tuple[str, int]]) -> None:
    """Whatever the clock, the deliveries and the editors do. In the end, when all time has passed, exactly once."""
    world = World(timed(), rule("r", cancel_on=[], **IN_2H))
    first, seq = started(), 1
    world.hear(first)
    for what, minutes in todo:
        match what:
            case "pass":
                world.now += timedelta(minutes=minutes)
                world.ask()
            case "ask":
                world.ask(at_all=True)
            case "note":
                seq += 1
                world.hear(noted(seq).model_copy(update={"at": world.now}))
            case "again":
                world.hear(first)
            case "edit":
                world.change(timed(), rule("r", cancel_on=[], **{**IN_2H, "after": f"PT{minutes}M"}))
        assert len(world.by) == len(set(world.by))
    world.now = max(world.now, AT)
    world.pass_(days=30)
    assert sorted(world.by) == ["r", "slow"]
