"""What a conversation was before an event changed it: asked of the event, and the same when a rule waited since."""

from __future__ import annotations

from typing import Any

import pytest

from services.routing.rules.facts import Facts
from services.routing.simulate.compare import Sides
from shared.contracts.conversations import Assigned, Closed, CustomerReplied, NoteAdded
from tests.unit.routing.examples import assigned, changed, condition, message, rule, started
from tests.unit.routing.linked_tickets import moved
from tests.unit.routing.test_facts import after, holds
from tests.unit.routing.waiting_rules import IN_2H, World

TO_JONAS = {"team_id": "email-support", "assignee_id": "jonas", "previous_team_id": "email-support"}
TAKEN_OVER = after(changed(Assigned, {**TO_JONAS, "previous_assignee_id": "maya"}, assignee_id="jonas"))
TAKEN_UP = after(changed(Assigned, {**TO_JONAS, "previous_assignee_id": None}, assignee_id="jonas"))
CLOSED = after(changed(Closed, {}, status="closed"), status_before="snoozed")
WOKE_IT = after(changed(CustomerReplied, {"message": message()}), status_before="closed")
NOTED = after(changed(NoteAdded, {"entry_id": "n", "text": "", "html": ""}), status_before="open")
BEGAN = after(started())
RESOLVED = after(moved("resolved", previous="in_progress"))
NEWS = after(moved("resolved", previous=None, text="Fixed"))

BEFORE: list[tuple[Facts, str, str, Any, bool]] = [
    (TAKEN_OVER, "event.assignee_before", "is", "maya", True),
    (TAKEN_OVER, "event.assignee_before", "is", "jonas", False),
    (TAKEN_OVER, "event.assignee_before", "in", ["jonas", "maya"], True),
    (TAKEN_OVER, "event.team_before", "is", "email-support", True),
    (TAKEN_UP, "event.assignee_before", "is_not_set", None, True),
    (TAKEN_UP, "event.assignee_before", "is_not", "maya", True),
    (NOTED, "event.assignee_before", "is_set", None, False),
    (NOTED, "event.team_before", "is_set", None, False),
    (CLOSED, "event.status_before", "is", "snoozed", True),
    (CLOSED, "event.status_before", "is", "closed", False),
    (WOKE_IT, "event.status_before", "is", "closed", True),
    (NOTED, "event.status_before", "is", "open", True),
    (BEGAN, "event.status_before", "is_not_set", None, True),
    (BEGAN, "event.status_before", "is", "open", False),
    (RESOLVED, "ticket.state_before", "is", "in_progress", True),
    (RESOLVED, "ticket.state_before", "is", "resolved", False),
    (NEWS, "ticket.state_before", "is_not_set", None, True),
    (NOTED, "ticket.state_before", "is_set", None, False),
]


@pytest.mark.parametrize(("facts", "field", "operator", "value", "expected"), BEFORE)
def test_what_was_before_an_event(facts: Facts, field: str, operator: str, value: Any, expected: bool) -> None:
    assert holds(condition(field, operator, value), facts) is expected


def asking(*asked: dict[str, Any]) -> Any:
    return rule(when=["Assigned", "ConversationStarted"], **{**IN_2H, "if": {"all": list(asked)}})


def test_a_rule_that_waited_is_told_who_had_it_before_the_event_that_it_waited_from() -> None:
    world = World(asking(condition("event.assignee_before", "is", "maya")))
    world.hear(started())
    world.hear(changed(Assigned, {**TO_JONAS, "previous_assignee_id": "maya"}, assignee_id="jonas"))
    world.hear(assigned(3, "email-support", "lead"))
    world.pass_(hours=3)
    assert world.by == ["r1"], "the later assignment has another assignee before it"


def test_a_conversation_that_began_had_no_status_before_however_long_a_rule_waited() -> None:
    world = World(asking(condition("event.status_before", "is_not_set")))
    world.hear(started())
    world.pass_(hours=3)
    assert world.by == ["r1"]


def test_a_simulation_follows_the_status_for_who_asks_what_it_was_before() -> None:
    asks = rule(**{"if": {"all": [condition("event.status_before", "is", "closed")]}})
    assert Sides([], [asks]).ask_changes
    assert not Sides([], [rule()]).ask_changes
