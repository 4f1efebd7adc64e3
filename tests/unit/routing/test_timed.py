"""Rules about time: asked at their moment, once for it, and never for ever; and what can't be asked later."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.routing.rules.compile import check
from services.routing.rules.schema import RuleDraft
from services.routing.sla.hours import OpeningHours
from services.routing.sla.timetable import WorkingHours
from shared.contracts.conversations import Tagged
from shared.errors import Invalid
from tests.unit.routing.examples import (
    AT,
    KNOWN,
    changed,
    closed,
    condition,
    draft,
    replied,
    rule,
    started,
)
from tests.unit.routing.sla.test_timetable import calendar
from tests.unit.routing.waiting_rules import (
    IN_2H,
    NOTE,
    REPLY,
    WAITED_4H,
    World,
    ago,
    answered,
    by_rule,
    later,
    noted,
    timed,
)


# ── rules about time ─────────────────────────────────────────────────────────────────────────────
def test_a_rule_about_time_acts_once_at_its_moment() -> None:
    world = World(timed())
    world.hear(started())
    world.pass_(hours=3, minutes=59)
    assert world.done == []
    world.pass_(hours=100)
    assert world.by == ["slow"]
    assert world.row is not None
    assert world.row.due_at is None


def test_it_acts_again_only_when_there_is_another_moment() -> None:
    world = World(timed())
    world.hear(started())
    world.pass_(hours=5)
    world.hear(later(noted(2), hours=5))
    for _ in range(5):
        world.ask(at_all=True)
    assert world.by == ["slow"]
    world.hear(later(answered(3), hours=6))
    world.pass_(hours=10)
    assert world.by == ["slow"]
    world.hear(later(replied(4, waiting_since=AT + timedelta(hours=20)), hours=20))
    world.pass_(hours=10)
    assert world.by == ["slow", "slow"]


def test_a_rule_about_time_reaches_what_was_there_before_it() -> None:
    world = World()
    world.hear(started())
    world.pass_(hours=10)
    world.change(timed())
    assert world.by == ["slow"]
    world.change(timed(conditions=ago("conversation.waiting_since", "PT8H")))
    world.pass_(hours=10)
    assert world.by == ["slow"], "changed, it does not act again on what it acted on"


def test_a_new_rule_writes_to_no_customer_for_what_was_so_before_it() -> None:
    world = World()
    world.hear(started())
    world.pass_(hours=10)
    world.change(timed(then=REPLY))
    world.pass_(days=10)
    assert world.done == []
    world.hear(later(replied(2, waiting_since=AT + timedelta(days=11)), days=11))
    world.pass_(hours=5)
    assert world.by == ["slow"], "what begins after it is the rule's"


def test_what_comes_true_after_a_new_rule_is_answered() -> None:
    world = World()
    world.hear(started())
    world.pass_(hours=3)
    world.change(timed(then=REPLY))
    assert world.done == []
    world.pass_(hours=2)
    assert world.by == ["slow"]


def test_a_closed_conversation_is_asked_about_after_the_rule_and_not_before() -> None:
    asks = timed(conditions=ago("conversation.closed_at", "P7D"), then=REPLY)
    for closed_first in (True, False):
        world = World()
        world.hear(started())
        if closed_first:
            world.hear(later(closed(2), hours=1))
        world.pass_(days=30)
        world.change(asks)
        if not closed_first:
            world.hear(later(closed(2), days=31))
        world.pass_(days=8)
        assert world.by == ([] if closed_first else ["slow"])


def test_it_acts_when_what_else_it_asks_comes_true_after_its_moment() -> None:
    both = {"all": [*WAITED_4H["all"], condition("conversation.tags", "contains", "vip")]}
    world = World(timed(conditions=both))
    world.hear(started())
    world.pass_(hours=6)
    assert world.done == []
    world.hear(later(changed(Tagged, {"added": ["vip"]}, tags=("vip",)), hours=7))
    world.pass_(minutes=1)
    assert world.by == ["slow"]


@pytest.mark.parametrize(
    ("field", "event"),
    [
        ("conversation.customer_replied_at", started()),
        ("conversation.agent_replied_at", answered(2)),
        ("conversation.state_changed_at", closed(2)),
        ("conversation.started_at", started()),
        ("conversation.closed_at", closed(2)),
    ],
)
def test_hours_since_anything(field: str, event: Any) -> None:
    world = World(timed(conditions=ago(field, "PT1H")))
    if event.seq > 1:
        world.hear(started())
    world.hear(event)
    world.pass_(minutes=59)
    assert world.done == []
    world.pass_(minutes=2)
    assert world.by == ["slow"]


def test_ahead_of_a_time_too() -> None:
    soon = {"all": [{"field": "conversation.next_sla_at", "operator": "within_next", "value": "PT30M"}]}
    world = World(timed(conditions=soon))
    world.hear(started(next_sla_at=AT + timedelta(hours=2)))
    world.pass_(minutes=89)
    assert world.done == []
    world.pass_(minutes=2)
    assert world.by == ["slow"]


def test_history_is_not_acted_on_however_old_it_is() -> None:
    world = World(timed(conditions=ago("conversation.started_at", "PT1H")))
    world.hear(started(imported=True))
    world.pass_(hours=10)
    assert world.done == []


def test_a_clock_that_jumps_back_and_forth_acts_once() -> None:
    world = World(timed(), rule("r", **IN_2H))
    world.hear(started())
    for hours in (5, -4, 6, -7, 9):
        world.now += timedelta(hours=hours)
        world.ask(at_all=True)
    assert sorted(world.by) == ["r", "slow"]


def test_one_that_brings_about_its_own_next_moment_is_cut() -> None:
    """A note is an activity: without a person's doing it would note every hour for ever."""
    world = World(timed("nag", ago("conversation.last_activity_at", "PT1H")))
    world.hear(started())
    world.pass_(hours=2)
    own = noted(2, last_activity_at=AT + timedelta(hours=2))
    world.hear(later(by_rule(own, 2), hours=2), chain=("nag",))
    world.pass_(hours=10)
    assert [one.kind for one in world.actions] == ["write_note", "report_loop"]


def test_a_person_who_does_something_begins_a_new_chain() -> None:
    world = World(timed("nag", ago("conversation.last_activity_at", "PT1H")))
    world.hear(started())
    world.pass_(hours=2)
    again = later(replied(2, last_activity_at=AT + timedelta(hours=3)), hours=3)
    world.hear(again)
    world.pass_(hours=10)
    assert world.by == ["nag", "nag"]


# ── working hours ────────────────────────────────────────────────────────────────────────────────
IN_HOURS = condition("event.calendars", "contains", "desk")
AFTER_HOURS = condition("event.calendars", "not_contains", "desk")
WEEKDAYS = OpeningHours({"desk": WorkingHours(calendar("UTC"))})
"""Nine to five on weekdays; AT is a Friday at nine."""


def test_after_hours_is_a_question_that_any_rule_may_ask() -> None:
    world = World(rule("late", **{"if": {"all": [AFTER_HOURS]}}, then=NOTE), hours=WEEKDAYS)
    world.hear(started())
    assert world.by == []
    world = World(rule("late", **{"if": {"all": [AFTER_HOURS]}}, then=NOTE), hours=WEEKDAYS)
    world.hear(later(started(), hours=9))
    assert world.by == ["late"]


def test_what_comes_true_out_of_hours_is_done_when_they_begin() -> None:
    both = {"all": [*ago("conversation.waiting_since", "PT10H")["all"], IN_HOURS]}
    world = World(timed(conditions=both), hours=WEEKDAYS)
    world.hear(started())
    world.pass_(hours=71)
    assert world.done == [], "it is Monday, before nine"
    world.pass_(hours=1, minutes=1)
    assert world.by == ["slow"]


def test_one_that_does_not_qualify_otherwise_does_not_wait_for_the_hours() -> None:
    vip = condition("conversation.tags", "contains", "vip")
    three = {"all": [*ago("conversation.waiting_since", "PT10H")["all"], IN_HOURS, vip]}
    world = World(timed(conditions=three), hours=WEEKDAYS)
    world.hear(started())
    world.pass_(hours=11)
    assert world.row is not None
    assert world.row.due_at is None


# ── refusals ─────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"after": "two hours"}, "after"),
        ({"after": "PT10S"}, "after"),
        ({"after": "P1D", "stop": True}, "stop"),
        ({"when": ["TimePassed"], "if": WAITED_4H, "after": "P1D"}, "after"),
        ({"when": ["TimePassed"], "if": WAITED_4H, "stop": True}, "stop"),
        ({"when": ["TimePassed", "Closed"], "if": WAITED_4H}, "when"),
        ({"when": ["TimePassed"]}, "if"),
        ({"when": ["TimePassed"], "if": {"all": [condition("conversation.priority", "is", True)]}}, "if"),
        ({"when": ["TimePassed"], "if": {"all": [condition("message.text", "is", "x")]}}, "if.all[0].field"),
        ({"if": {"all": [condition("event.calendars", "contains", "none")]}}, "if.all[0].value"),
        (
            {"when": ["TimePassed"], "if": {"all": [*WAITED_4H["all"], condition("event.hour", "less", 9)]}},
            "if.all[1].field",
        ),
        (
            {"when": ["TimePassed"], "if": {"all": [*WAITED_4H["all"], condition("conversation.closed_at", "today")]}},
            "if.all[1].operator",
        ),
        (
            {"when": ["TimePassed"], "if": {"all": [*WAITED_4H["all"], condition("sla.target", "is", "close")]}},
            "if.all[1].field",
        ),
        (
            {"when": ["TimePassed"], "if": {"all": [*WAITED_4H["all"], condition("conversation.team", "changed")]}},
            "if.all[1].operator",
        ),
    ],
)
def test_what_cannot_be_asked_later_is_refused_with_its_place(changes: dict[str, Any], place: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(RuleDraft.model_validate(draft(**changes)), KNOWN)
    assert place in [one.path for one in refused.value.fields]


def test_one_that_waits_and_one_about_time_can_be_saved() -> None:
    check(RuleDraft.model_validate(draft(after="P3D")), KNOWN)
    check(RuleDraft.model_validate(draft(when=["TimePassed"], **{"if": WAITED_4H})), KNOWN)
