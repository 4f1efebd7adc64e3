"""What becomes of targets as a conversation goes on: the cases one by one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.routing.sla.policies import PolicySet
from services.routing.sla.targets import follow
from shared.governance.stages import Member
from tests.unit.routing.examples import AT, closed, head, note, snoozed, started
from tests.unit.routing.sla.story import Story, again, answered, in_force, policy, prioritised, table


def test_the_first_answer_is_due_and_met() -> None:
    story = Story(policy())
    story.go(started, 0)
    assert story.due_in == [60]
    story.go(answered, 30)
    assert story.told == [("Started", "first_response"), ("Met", "first_response")]
    story.go(again, 40, waits=40)
    assert story.told[2:] == [("Started", "next_response")]
    assert story.due_in == [160]


def test_what_is_done_in_the_moment_that_it_is_due_is_in_time() -> None:
    story = Story(policy())
    story.go(started, 0)
    assert story.go(answered, 60)
    assert story.told[-1] == ("Met", "first_response")
    assert ("Breached", "first_response") not in story.told


def test_a_warning_and_a_breach_come_once_and_a_late_answer_says_so() -> None:
    story = Story(policy(warn_percent=20))
    story.go(started, 0)
    for minute in (47, 48, 49, 60, 61):
        story.due(minute)
    assert story.told[1:] == [("Warned", "first_response"), ("Breached", "first_response")]
    following = story.go(answered, 70)
    assert following
    assert following.events[-1].late  # type: ignore[attr-defined]
    assert story.row
    assert story.row.due_at is None


def test_who_was_down_all_the_time_tells_the_breach_and_no_warning() -> None:
    story = Story(policy())
    story.go(started, 0)
    story.due(500)
    assert story.told[1:] == [("Breached", "first_response")]


def test_an_answer_that_came_too_late_is_a_breach_even_when_no_timer_fired() -> None:
    story = Story(policy())
    story.go(started, 0)
    story.go(answered, 61)
    assert story.told[1:] == [("Breached", "first_response"), ("Met", "first_response")]


def test_it_stands_still_while_snoozed() -> None:
    story = Story(policy())
    story.go(started, 0)
    story.go(snoozed, 10)
    assert story.due_in == [None]
    assert story.row
    assert story.row.due_at is None
    story.due(10_000)
    story.go(note, 100)
    assert story.told[1:] == [("Moved", "first_response"), ("Moved", "first_response")]
    assert story.due_in == [150]


def test_a_policy_may_go_on_while_snoozed() -> None:
    story = Story(policy(pauses=()))
    story.go(started, 0)
    story.go(snoozed, 10)
    assert story.due_in == [60]


def test_the_time_to_close_stands_still_while_we_wait_for_the_customer() -> None:
    story = Story(policy(close_s=6000, first_response_s=None, next_response_s=None))
    story.go(started, 0)
    story.go(answered, 10)
    assert story.due_in == [None]
    story.go(again, 200, waits=200)
    assert story.due_in == [290]
    story.go(closed, 250)
    assert story.told[-1] == ("Met", "close")


def test_closed_without_an_answer_nobody_waits_any_more() -> None:
    story = Story(policy(close_s=6000))
    story.go(started, 0)
    story.go(closed, 10, waiting_since=None)
    assert story.told[2:] == [("Ended", "first_response"), ("Met", "close")]
    story.go(again, 1000, waits=1000)
    assert story.due_in == [1000 + 120, 1000 + 100]


def test_spam_has_no_targets() -> None:
    story = Story(policy())
    story.go(started, 0)
    story.go(note, 5, spam=True)
    assert story.told[1:] == [("Ended", "first_response")]


def test_another_policy_midway_counts_from_the_beginning() -> None:
    story = Story(policy())
    story.go(started, 0)
    story.go(snoozed, 10)
    story.go(note, 40)
    story.under = policy("vip", first_response_s=1800)
    story.go(prioritised, 45)
    # 10 minutes before the pause are spent, so 20 are left from its end.
    assert story.due_in == [60]
    assert story.told[-1] == ("Moved", "first_response")


def test_another_policy_whose_time_is_over_already_is_a_breach_at_once() -> None:
    story = Story(policy())
    story.go(started, 0)
    story.under = policy("vip", first_response_s=600)
    story.go(prioritised, 30)
    assert story.told[1:] == [("Moved", "first_response"), ("Breached", "first_response")]


def test_another_policy_may_give_more_time_and_warns_again() -> None:
    story = Story(policy())
    story.go(started, 0)
    story.due(50)
    story.under = policy("slow", first_response_s=7200)
    story.go(note, 55)
    story.due(100)
    assert story.told[1:] == [("Warned", "first_response"), ("Moved", "first_response"), ("Warned", "first_response")]


def test_what_was_missed_stays_missed_under_another_policy() -> None:
    story = Story(policy())
    story.go(started, 0)
    story.due(61)
    story.under = policy("slow", first_response_s=7200)
    story.go(note, 65)
    story.go(answered, 70)
    assert story.told[-1] == ("Met", "first_response")
    assert story.told.count(("Breached", "first_response")) == 1


def test_a_new_version_of_the_policy_leaves_a_running_target_as_it_is() -> None:
    story = Story(policy())
    story.go(started, 0)
    story.under = policy(version=2, first_response_s=60)
    story.go(note, 5)
    assert story.due_in == [60]
    story.go(answered, 10)
    story.under = policy(version=2, next_response_s=600)
    story.go(again, 20, waits=20)
    assert story.due_in == [30]
    assert story.row
    assert story.row.targets[0].policy.version == 2


def test_a_conversation_that_comes_under_no_policy_has_no_targets() -> None:
    story = Story(policy())
    story.go(started, 0)
    story.under = None
    story.go(note, 5)
    assert story.told[1:] == [("Ended", "first_response")]


def test_who_waited_before_there_was_a_policy_is_not_late_at_once() -> None:
    story = Story(None)
    story.go(note, 0, waiting_since=AT - timedelta(days=30))
    story.under = policy()
    story.go(note, 10, waiting_since=AT - timedelta(days=30))
    assert story.due_in == [60]


def test_an_event_seen_before_changes_nothing() -> None:
    story = Story(policy())
    story.go(started, 0)
    assert story.row
    assert follow(story.row, started(), policy(), table, in_force) is None


def test_more_pauses_than_are_kept_are_still_counted() -> None:
    story = Story(policy(first_response_s=60 * 200))
    story.go(started, 0)
    for n in range(70):
        story.go(snoozed, 2 * n + 1)
        story.go(note, 2 * n + 2)
    assert story.due_in == [200 + 70]


def test_a_clock_that_jumps_back_gives_no_time_away() -> None:
    story = Story(policy())
    story.go(started, 0)
    story.go(snoozed, -30)
    story.go(note, 10)
    assert story.due_in == [70]


@pytest.mark.parametrize(("applied", "expected"), [("slow", "slow"), ("gone", "all"), (None, "all"), ("off", "all")])
def test_the_policy_that_a_rule_applied_comes_first(applied: str | None, expected: str) -> None:
    off = policy("off", enabled=False)
    never = {"all": [{"field": "conversation.priority", "operator": "is", "value": True}]}
    found = PolicySet([Member(one) for one in (off, policy("vip", **{"if": never}), policy("all"), policy("slow"))])
    chosen = found.of(head(sla_policy_id=applied))
    assert chosen
    assert chosen.id == expected


def test_what_was_merged_into_another_was_not_dealt_with() -> None:
    story = Story(policy(first_response_s=None, close_s=7200))
    story.go(started, 0)
    story.go(closed, 10, merged_into="c2")
    assert story.told == [("Started", "close"), ("Ended", "close")]
    story.go(note, 20)
    assert story.told[-1] == ("Started", "close")
