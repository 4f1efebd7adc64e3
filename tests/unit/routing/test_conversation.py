"""How routing follows a conversation by its heads, and what becomes of our own choice on the way."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.routing.model.conversation import PENDING, Row, Want, follow, frees, holder
from tests.unit.routing.examples import AGENT, AT, RULE, assigned, closed, note, replied, snoozed, started

WANT = Want(decision_id="d0", queue="email-support", since=AT, correlation_id="x")


def row(**changes: object) -> Row:
    return follow(None, "e1", started()).model_copy(update=changes)


def ours(**changes: object) -> Row:
    """Maya was chosen by decision d1, and the head does not show it yet."""
    return row(agent_id="maya", pending_at=AT, pending_decision="d1", **changes)


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
    made = follow(row(want=WANT), "e2", note(2))
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
        assert follow(row(want=WANT), "e2", event).want is None
    assert follow(row(want=WANT), "e2", snoozed(2)).want is not None


@given(st.permutations([2, 3, 4, 5]))
def test_deliveries_in_any_order_end_at_the_newest_head(order: list[int]) -> None:
    made = row()
    for seq in order:
        made = follow(made, f"e{seq}", note(seq, assignee_id=f"agent {seq}", assigned_seq=seq))
    assert (made.head_seq, made.agent_id) == (5, "agent 5")
