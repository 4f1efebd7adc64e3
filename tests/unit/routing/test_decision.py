"""From matched rules to a decision: what overrides what, what is left out, what waits."""

from __future__ import annotations

from typing import Any

import pytest

from services.routing.model.conversation import Row, Want, follow
from services.routing.model.decision import Seat, decide, decide_waiting
from services.routing.model.handover import hand_over, may_hand_over
from services.routing.model.plan import Plan, is_trigger, plan
from services.routing.rules.schema import Rule
from shared.contracts.conversations import LoopStopped
from shared.contracts.routing import Action
from tests.unit.routing.examples import AGENT, AT, RULE, SYSTEM, assigned, changed, closed, note, replied, rule, started

ASSIGN = {"kind": "assign", "team_id": "email-support", "strategy": "balanced"}
PHONE = {"kind": "assign", "team_id": "phone-support"}
TO_MAYA = {"kind": "assign_to", "agent_id": "maya"}


def planned(*thens: Any, event: Any = None, before: Row | None = None) -> tuple[Row, Plan]:
    event = event or started()
    row = follow(before, "e1", event)
    rules = [rule(f"r{n}", then=[then]) for n, then in enumerate(thens)]
    return _plan(row, event, rules)


def _plan(row: Row, event: Any, rules: list[Rule]) -> tuple[Row, Plan]:
    return plan(
        row,
        event,
        rules,
        decision_id="d1",
        correlation_id="k",
        is_member=lambda agent, team: (agent, team) == ("maya", "email-support"),
        now=AT,
    )


def told(actions: tuple[Action, ...]) -> list[dict[str, Any]]:
    return [action.model_dump(exclude={"rule"}, exclude_defaults=False) for action in actions]


def kinds(made: Plan) -> list[str]:
    return [action.kind for action in made.actions]


def test_later_rules_override_earlier_ones_and_tags_add_up() -> None:
    _, made = planned(
        {"kind": "set_topic", "topic": "One"},
        {"kind": "add_tags", "tags": ["a", "b"]},
        {"kind": "set_priority", "priority": False},
        {"kind": "set_topic", "topic": "Two"},
        {"kind": "add_tags", "tags": ["b", "c", "c"]},
        {"kind": "set_priority", "priority": True},
        {"kind": "apply_sla", "policy_id": "gold"},
    )
    assert told(made.actions) == [
        {"kind": "set_topic", "topic": "Two"},
        {"kind": "set_priority", "priority": True},
        {"kind": "apply_sla", "policy_id": "gold"},
        {"kind": "add_tags", "tags": ("a", "b")},
        {"kind": "add_tags", "tags": ("c",)},
    ]
    assert [action.rule.id for action in made.actions if action.rule] == ["r3", "r5", "r6", "r1", "r4"]
    assert [ref.id for ref in made.matched] == [f"r{n}" for n in range(7)]


def test_what_is_so_already_is_left_out() -> None:
    event = started(
        tags=("a",), priority=True, topic="One", team_id="email-support", assignee_id="maya", sla_policy_id="gold"
    )
    _, made = planned(
        {"kind": "apply_sla", "policy_id": "gold"},
        {"kind": "add_tags", "tags": ["a"]},
        {"kind": "set_priority", "priority": True},
        {"kind": "set_topic", "topic": "One"},
        ASSIGN,
        event=event,
    )
    assert made.actions == ()
    assert made.want is None


def test_assigning_names_the_team_and_wants_an_agent() -> None:
    row, made = planned(PHONE, ASSIGN)
    assert told(made.actions) == [{"kind": "assign_team", "team_id": "email-support"}]
    assert made.want is not None
    assert (made.want.queue, made.want.strategy, made.want.ready) == ("email-support", "balanced", False)
    assert row.want == made.want


def test_a_team_alone_wants_no_agent() -> None:
    row, made = planned({**ASSIGN, "strategy": "none"})
    assert kinds(made) == ["assign_team"]
    assert made.want is row.want is None


def test_an_agent_of_another_team_gives_it_up() -> None:
    _, made = planned(ASSIGN, event=started(team_id="phone-support", assignee_id="leo"))
    assert kinds(made) == ["assign_team"]
    assert made.want is not None


def test_what_waits_for_the_team_already_is_not_asked_for_twice() -> None:
    row, made = planned(ASSIGN)
    event = replied(2)
    again, second = _plan(follow(row, "e2", event), event, [rule(then=[ASSIGN])])
    assert second.actions == ()
    assert second.want is None
    assert again.want is not None
    assert again.want.decision_id == made.decision_id


@pytest.mark.parametrize("event", [closed(1), note(1, spam=True)])
def test_nobody_is_wanted_for_what_is_closed_or_spam(event: Any) -> None:
    row, made = planned(ASSIGN, TO_MAYA, event=event)
    assert made.actions == ()
    assert row.want is None


def test_what_is_marked_as_spam_goes_to_nobody() -> None:
    row, made = planned(ASSIGN, {"kind": "mark_spam", "reason": "gibberish"})
    assert kinds(made) == ["mark_spam"]
    assert row.want is None


def gone(row_rules: list[dict[str, Any]], row: Row | None = None, event: Any = None) -> tuple[Row, Plan]:
    """Maya has left."""
    event = event or started()
    return plan(
        row or follow(None, "e1", event),
        event,
        [rule(f"r{n}", then=[then]) for n, then in enumerate(row_rules)],
        decision_id="d1",
        correlation_id="k",
        is_member=lambda *_: False,
        now=AT,
        why_gone=lambda agent, _brand: "Maya is not with us any more" if agent == "maya" else None,
    )


def test_who_has_left_is_not_wanted_and_it_is_said() -> None:
    row, made = gone([TO_MAYA, {"kind": "add_tags", "tags": ["a"]}])
    assert row.want is None
    after, decided = decide(row, made, None, trigger=row.last, now=AT)
    assert decided is not None
    assert [one.kind for one in decided.actions] == ["add_tags"]
    assert (decided.waiting, after.want) == ("Maya is not with us any more", None)


@pytest.mark.parametrize("rules", [[ASSIGN, TO_MAYA], [PHONE, ASSIGN, TO_MAYA, TO_MAYA]])
def test_the_rule_before_who_has_left_has_its_way(rules: list[dict[str, Any]]) -> None:
    row, made = gone(rules)
    assert row.want is not None
    assert (row.want.queue, kinds(made)) == ("email-support", ["assign_team"])
    decided = decide(row, made, Seat("leo", "Least busy"), trigger=row.last, now=AT)[1]
    assert decided is not None
    assert decided.actions[-1].reason == "Maya is not with us any more. Least busy"  # type: ignore[union-attr]
    decided = decide(row, made, Seat(None, "Nobody is online"), trigger=row.last, now=AT)[1]
    assert decided is not None
    assert decided.waiting == "Maya is not with us any more. Nobody is online"


def test_a_rule_after_who_has_left_is_not_touched_by_it() -> None:
    _, made = gone([TO_MAYA, ASSIGN])
    assert (made.gone, made.want is not None) == ((), True)


def test_a_seat_becomes_an_assignment_and_no_seat_a_reason() -> None:
    row, made = planned(ASSIGN)
    after, decided = decide(row, made, Seat("maya", "Least busy"), trigger=row.last, now=AT)
    assert decided is not None
    assert told(decided.actions)[1] == {
        "kind": "assign_agent",
        "agent_id": "maya",
        "team_id": "email-support",
        "reason": "Least busy",
    }
    assert (after.agent_id, after.want, after.decided_seq, after.pending_decision) == ("maya", None, 1, "d1")
    after, decided = decide(row, made, Seat(None, "Nobody is online"), trigger=row.last, now=AT)
    assert decided is not None
    assert decided.waiting == "Nobody is online"
    assert after.want == made.want


def test_nothing_to_do_is_no_decision() -> None:
    row, made = planned({"kind": "set_priority", "priority": False})
    assert decide(row, made, None, trigger=row.last, now=AT) == (row, None)


def test_a_waiting_one_that_found_its_agent_names_no_rule() -> None:
    row, made = planned(TO_MAYA)
    after, decided = decide_waiting(row, Seat("maya", "Maya is online"), decision_id="d2", now=AT)
    (action,) = decided.actions
    assert action.rule is None
    assert told((action,)) == [
        {"kind": "assign_agent", "agent_id": "maya", "team_id": None, "reason": "Maya is online"}
    ]
    assert (after.agent_id, after.want) == ("maya", None)
    with pytest.raises(ValueError, match="does not wait"):
        decide_waiting(after, Seat("maya", ""), decision_id="d3", now=AT)
    assert isinstance(made.want, Want)


def test_history_and_the_blocked_trigger_nothing() -> None:
    assert is_trigger(started())
    assert is_trigger(note(2))
    assert not is_trigger(started(imported=True))
    assert not is_trigger(started().model_copy(update={"quiet": True})), "its sender is blocked"
    assert not is_trigger(replied(2).model_copy(update={"quiet": True}))
    assert is_trigger(replied(2, by=RULE))
    assert is_trigger(note(2).model_copy(update={"decision_id": "d"}))
    assert not is_trigger(changed(LoopStopped, {"rule": {"id": "r", "name": "R", "version": 1}}))
    assert is_trigger(closed(2).model_copy(update={"by": AGENT}))


HELD = {"team_id": "email-support", "assignee_id": "maya", "assigned_seq": 1}


def handed_over() -> tuple[Row, Plan]:
    event = replied(2, **HELD)
    row = follow(follow(None, "e1", started(**HELD)), "e2", event)
    assert may_hand_over(row, event, None)
    return hand_over(row, event, None, decision_id="d2", correlation_id="k", now=AT)


def test_a_new_reply_to_who_is_away_wants_somebody_else_of_the_team() -> None:
    row, made = handed_over()
    assert row.want
    assert (row.want.queue, row.want.instead_of, row.want.ready) == ("email-support", "maya", True)
    assert row.agent_id is None
    row, decided = decide(row, made, Seat("jonas", "Least busy"), trigger=row.last, now=AT)
    assert decided
    assert told(decided.actions) == [
        {
            "kind": "assign_agent",
            "agent_id": "jonas",
            "team_id": "email-support",
            "reason": "Its agent is away. Least busy",
        }
    ]
    assert (row.agent_id, row.want) == ("jonas", None)


def test_who_is_away_and_leaves_the_desk_does_not_end_the_search() -> None:
    row, _ = handed_over()
    gone = assigned(3, "email-support", None, by=SYSTEM)
    row = follow(row, "e3", gone)
    assert row.want
    assert (row.want.queue, row.want.instead_of, row.want.ready) == ("email-support", None, True)
    assert row.agent_id is None
    row, decided = decide_waiting(row, Seat("jonas", "Least busy"), decision_id="d3", now=AT)
    assert (told(decided.actions)[0]["agent_id"], row.agent_id) == ("jonas", "jonas")
    elsewhere = assigned(3, "phone-support", None, by=SYSTEM)
    assert follow(handed_over()[0], "e3", elsewhere).want is None, "it is another team's"


def test_it_waits_for_somebody_else_until_it_is_assigned_answered_or_closed() -> None:
    row, _ = handed_over()
    waiting = follow(row, "e3", note(3, **HELD))
    assert waiting.want == row.want
    assert waiting.agent_id is None
    for event in (closed(4, **HELD), assigned(4, "email-support", "maya", by=AGENT)):
        after = follow(waiting, "e4", event)
        assert after.want is None
    elsewhere = follow(waiting, "e5", note(4, **HELD | {"assignee_id": "jonas"}))
    assert (elsewhere.want, elsewhere.agent_id) == (None, "jonas")


@pytest.mark.parametrize(
    "event",
    [
        replied(2, **HELD | {"team_id": None}),
        replied(2, **HELD | {"assignee_id": None}),
        replied(2, **HELD, spam=True),
        note(2, **HELD),
    ],
)
def test_what_is_in_no_team_or_nobodys_or_no_reply_stays(event: Any) -> None:
    assert not may_hand_over(follow(None, "e2", event), event, None)


def test_where_a_rule_moves_it_the_rule_decides() -> None:
    event = replied(2, **HELD)
    row, made = planned({"kind": "assign", "team_id": "phone-support", "strategy": "none"}, event=event)
    assert not may_hand_over(row, event, made)


def test_where_a_rule_closes_it_nobody_is_wanted() -> None:
    event = replied(2, **HELD)
    row, made = planned({"kind": "close"}, event=event)
    assert not may_hand_over(row, event, made)


def test_what_led_to_a_hand_over_is_kept_with_it() -> None:
    event = replied(2, **HELD)
    row, made = planned({"kind": "add_tags", "tags": ["late"]}, event=event)
    assert may_hand_over(row, event, made)
    row, after = hand_over(row, event, made, decision_id=made.decision_id, correlation_id="k", now=AT)
    assert row.want
    assert made.chain
    assert row.want.chain == after.chain == made.chain
    assert (after.actions, after.matched) == (made.actions, made.matched)
    row, after = hand_over(row, event, None, decision_id="d3", correlation_id="k", now=AT, chain=("r1",))
    assert after.chain == ("r1",)


def test_what_somebody_has_waits_for_nobody_though_a_rule_names_who_has_left() -> None:
    event = started()
    row = follow(None, "e1", event)
    held = event.model_copy(update={"head": event.head.model_copy(update={"assignee_id": "leo"})})
    for rules, before, happened in (([TO_MAYA], row, held), ([ASSIGN, TO_MAYA], gone([ASSIGN])[0], event)):
        _, made = gone(rules, before, happened)
        assert (made.gone, made.want) == ((), None)


def test_a_rule_that_names_who_has_left_goes_round_in_no_circle() -> None:
    event = started()
    for why, cut in ((None, 1), ("Maya is not with us any more", 0)):
        _, made = plan(
            follow(None, "e1", event),
            event,
            [rule("r1", then=[TO_MAYA])],
            decision_id="d2",
            correlation_id="k",
            is_member=lambda *_: False,
            now=AT,
            chain=("r1",),
            why_gone=lambda _agent, _brand, why=why: why,
        )
        assert len(made.cut) == cut
