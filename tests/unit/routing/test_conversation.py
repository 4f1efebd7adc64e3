"""How routing follows a conversation by its heads, and what becomes of our own choice on the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.model.conversation import PENDING, Row, Want, follow, frees, holder
from services.routing.model.move import Move
from services.routing.store.conversations import _document, _row
from shared.contracts.automation import ActionRefused
from shared.contracts.common import Actor
from tests.unit.routing.examples import AGENT, AT, RULE, assigned, changed, closed, note, replied, snoozed, started

WANT = Want(decision_id="d0", queue="email-support", since=AT, correlation_id="x")


def row(**changes: object) -> Row:
    return follow(None, "e1", started()).model_copy(update=changes)


def ours(**changes: object) -> Row:
    """Maya was chosen by decision d1, and the head does not show it yet."""
    moves = (Move(decision_id="d1", of_team=True, team_id="email-support", of_agent=True, agent_id="maya"),)
    return row(agent_id="maya", pending_at=AT, pending_decision="d1", moves=moves, **changes)


def waiting() -> Row:
    """Somebody of the team is wanted by decision d0, and the head does not show the team yet."""
    return row(want=WANT, moves=(Move(decision_id="d0", of_team=True, team_id="email-support"),))


def refused(action: str, decision_id: str) -> Any:
    event = changed(ActionRefused, {"action": action, "code": "no", "reason": "No."})
    return event.model_copy(update={"decision_id": decision_id})


def test_a_new_conversation_is_open_and_nobodys() -> None:
    made = row()
    assert (made.open, made.agent_id, made.head_seq, made.seq) == (True, None, 1, 0)
    assert made.last.event == "ConversationStarted"


def test_an_event_that_is_not_newer_changes_nothing() -> None:
    before = follow(row(), "e3", replied(3))
    assert follow(before, "e2", closed(2)) is before
    assert follow(before, "e3", closed(3)) is before


def test_closed_snoozed_and_spam_count_to_nobodys_load() -> None:
    held = follow(row(), "e2", assigned(2, "email-support", "maya"))
    assert holder(held) == "maya"
    for event in (
        closed(3, assignee_id="maya", assigned_seq=2),
        snoozed(3, assignee_id="maya", assigned_seq=2),
        note(3, spam=True, assignee_id="maya", assigned_seq=2),
    ):
        after = follow(held, "e3", event)
        assert holder(after) is None
        assert frees(held, after)


def test_our_choice_stands_until_the_head_shows_it() -> None:
    made = follow(ours(), "e2", note(2))
    assert made.agent_id == "maya"
    made = follow(made, "e3", assigned(3, "email-support", None, decision_id="d1"))
    assert (made.agent_id, made.pending_at) == ("maya", AT)
    made = follow(made, "e4", assigned(4, "email-support", "maya", decision_id="d1"))
    assert (made.agent_id, made.pending_at) == ("maya", None)


def test_a_persons_choice_replaces_ours() -> None:
    assert follow(ours(), "e2", assigned(2, "email-support", "lead", by=AGENT)).agent_id == "lead"
    assert follow(ours(), "e2", assigned(2, "email-support", None, by=AGENT)).agent_id is None


def test_our_choice_that_was_never_applied_is_given_up_in_time() -> None:
    late = note(2).model_copy(update={"at": AT + PENDING + timedelta(seconds=1)})
    assert follow(ours(), "e2", late).agent_id is None
    assert follow(ours(), "e2", closed(2)).pending_at is None


def test_what_waits_is_ready_once_its_team_is_shown() -> None:
    made = follow(waiting(), "e2", note(2))
    assert made.want is not None
    assert not made.want.ready
    made = follow(made, "e3", assigned(3, "email-support", None, by=RULE))
    assert made.want is not None
    assert made.want.ready
    assert frees(row(), made)


def test_what_waits_stops_waiting_when_it_ends_or_a_person_decides() -> None:
    for event in (
        closed(2),
        note(2, spam=True),
        assigned(2, "email-support", "lead", by=AGENT),
        assigned(2, "phone-support", None, by=AGENT),
    ):
        assert follow(waiting(), "e2", event).want is None
    assert follow(waiting(), "e2", snoozed(2)).want is not None


@given(st.permutations([2, 3, 4, 5]))
def test_deliveries_in_any_order_end_at_the_newest_head(order: list[int]) -> None:
    made = row()
    for seq in order:
        made = follow(made, f"e{seq}", note(seq, assignee_id=f"agent {seq}", assigned_seq=seq))
    assert (made.head_seq, made.agent_id) == (5, "agent 5")


@pytest.mark.parametrize("before", [ours(), waiting()], ids=["somebody on the way", "a team on the way"])
def test_what_the_release_before_had_on_its_way_is_on_its_way_still(before: Row) -> None:
    old = {name: value for name, value in _document(before).items() if name != "moves"}
    read = _row(old)
    made = follow(follow(read, "e2", note(2)), "e3", assigned(3, "email-support", read.agent_id, decision_id="d1"))
    assert (made.agent_id, made.want is not None) == (before.agent_id, before.want is not None)
    assert made.want is None or made.want.ready


EMAIL = "email-support"
GAVE_BACK: dict[str, Any] = {"by": Actor(kind="system")}


@pytest.mark.parametrize(
    ("event", "waits"),
    [
        # What people did came first, so that tickets drops the decision with the team.
        (assigned(2, "phone-support", None, by=AGENT), False),
        (assigned(2, None, None, by=AGENT), False),
        (assigned(2, None, None, by=Actor(kind="integration", id="i")), False),
        (note(2, team_id="phone-support", assigned_seq=2), False),
        (assigned(2, EMAIL, None, by=AGENT), True),
        # Its team is not there any more.
        (refused("assign_team", "d0"), False),
        (refused("add_tags", "d0"), True),
        # Decisions before it, and who left, do not keep tickets from it.
        (assigned(2, "phone-support", None, decision_id="earlier"), True),
        (assigned(2, "phone-support", "jonas", decision_id="earlier"), True),
        (refused("assign_team", "earlier"), True),
        (assigned(2, None, None, **GAVE_BACK), True),
    ],
)
def test_what_waits_for_a_team_waits_only_while_that_is_on_its_way(event: Any, waits: bool) -> None:
    made = follow(waiting(), "e2", event)
    assert (made.want is not None, bool(made.moves)) == (waits, waits and event.head.team_id != EMAIL)
    made = follow(made, "e3", assigned(3, EMAIL, None, decision_id="d0"))
    assert (made.want is not None and made.want.ready) is waits


def test_what_waits_for_an_agent_who_was_given_it_meanwhile_waits_no_more() -> None:
    before = row(want=WANT.model_copy(update={"queue": "maya", "one_agent": True, "ready": True}))
    assert follow(before, "e2", assigned(2, None, "maya", decision_id="earlier")).want is None
    assert follow(before, "e2", assigned(2, None, "jonas", decision_id="earlier")).want is not None
