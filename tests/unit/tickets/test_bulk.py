"""One action on many: decided as the single one, refused as the single one, and taken back to where it was."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.model.bulk import Action, Doer, decide_bulk, doer_of, undo_of
from services.tickets.model.evolve import evolve
from services.tickets.model.state import Conversation, Desk
from shared.contracts.conversations import Head
from shared.contracts.directory import Permission, RoleChanged
from shared.errors import DomainError
from shared.scope import Scope
from tests.unit.tickets.examples import DESK, context, minute, started

EDITS: frozenset[Permission] = frozenset({"conversations.edit"})
LEADS: frozenset[Permission] = EDITS | {"conversations.assign_others"}
LEAD, AGENT = Doer(Scope("maya"), LEADS), Doer(Scope("maya"), EDITS)

some = st.sampled_from
actions = st.one_of(
    st.builds(lambda kind: {"kind": kind}, some(["close", "reopen", "wake"])),
    st.builds(lambda n: {"kind": "snooze", "until": minute(n)}, some([60, 120])),
    st.builds(
        lambda add, remove: {"kind": "tags", "add": add, "remove": remove},
        st.lists(some(["x", "y"]), max_size=2),
        st.lists(some(["x", "z"]), max_size=2),
    ),
    st.builds(lambda on: {"kind": "priority", "priority": on}, st.booleans()),
    st.builds(lambda on: {"kind": "spam", "spam": on}, st.booleans()),
    st.builds(lambda who: {"kind": "assign", "assignee_id": who}, some(["maya", "leo", None])),
    st.builds(lambda team: {"kind": "assign", "team_id": team}, some(["email", "phone", None])),
)


def after(state: Conversation, action: Action, doer: Doer = LEAD) -> tuple[Conversation, Action | None]:
    events = decide_bulk(state, context(5), DESK, doer, action)
    undo = undo_of(state.head, events)
    for event in events:
        state = evolve(state, event)
    return state, undo


STANDING = ("status", "snoozed_until", "priority", "spam", "team_id", "assignee_id")


def standing(head: Head) -> dict[str, Any]:
    return {name: getattr(head, name) for name in STANDING} | {"tags": set(head.tags)}


@given(st.lists(actions, max_size=4), actions)
def test_undo_takes_back_what_was_changed_whatever_was_done_before(before: list[Action], action: Action) -> None:
    state = started()
    for one in before:
        try:
            state, _ = after(state, one)
        except DomainError:
            continue
    try:
        changed, undo = after(state, action)
    except DomainError:
        return
    if undo is None:
        assert changed == state
        return
    back, _ = after(changed, undo)
    wanted = standing(state.head)
    if action["kind"] == "close" and state.head.snoozed_until is not None:
        # As the single action's undo: it is open again, the sleep is over.
        wanted |= {"status": "open", "snoozed_until": None}
    assert standing(back.head) == wanted


@pytest.mark.parametrize(
    ("doer", "code"),
    [
        (None, "account_ended"),
        (Doer(Scope("maya"), frozenset()), "not_permitted"),
        (Doer(Scope("maya", brands=frozenset({"earth-echo"})), LEADS), "unknown_conversation"),
    ],
)
def test_who_may_not_changes_nothing(doer: Doer | None, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        decide_bulk(started(), context(), DESK, doer, {"kind": "close"})
    assert refused.value.code == code


def test_one_that_is_not_there_is_told_like_one_out_of_sight() -> None:
    with pytest.raises(DomainError) as refused:
        decide_bulk(None, context(), DESK, LEAD, {"kind": "close"})
    assert refused.value.code == "unknown_conversation"


def test_what_is_not_named_stays_when_many_are_assigned() -> None:
    in_team, _ = after(started(), {"kind": "assign", "team_id": "email"})
    mine, undo = after(in_team, {"kind": "assign", "assignee_id": "leo"})
    assert (mine.head.team_id, mine.head.assignee_id) == ("email", "leo")
    assert undo == {"kind": "assign", "team_id": "email", "assignee_id": None}


def test_an_agent_may_not_take_what_is_anothers() -> None:
    theirs, _ = after(started(), {"kind": "assign", "assignee_id": "leo"})
    with pytest.raises(DomainError) as refused:
        after(theirs, {"kind": "assign", "assignee_id": "maya"}, AGENT)
    assert refused.value.code == "assigned_to_other"


def test_whoever_asked_is_looked_up_as_they_are_now() -> None:
    role = RoleChanged(role_id="agent", seq=1, name="Agent", permissions=("conversations.edit",), own_teams_only=True)
    desk = Desk(agents=DESK.agents, teams=DESK.teams, brands=DESK.brands, roles={"agent": role})
    assert doer_of(desk, "maya") == Doer(Scope("maya", teams=frozenset()), EDITS)
    assert doer_of(desk, "gone") is None
    assert doer_of(desk, "nobody") is None
    assert doer_of(DESK, "maya") == Doer(Scope("maya"), frozenset())
