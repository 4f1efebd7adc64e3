"""Targets of service levels, taken back to what tickets knows of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from deploy.backup.agree import rewind_targets, rewind_ticket_targets
from services.routing.sla.targets import Following, Row
from services.routing.sla.tickets import TicketFollowing, TicketRow
from tests.unit.routing.examples import AT, head, note, snoozed, started
from tests.unit.routing.sla.story import MINUTE, Story, answered, policy, table
from tests.unit.routing.sla.ticket_story import TicketStory, resolving

STARTED, SNOOZED, ON_AGAIN, ANSWERED = "started", "snoozed", "on again", "answered"
WARNED, BREACHED, LATER = "warned", "breached", "later"


def told(steps: Sequence[str]) -> Story:
    story = Story(policy(next_response_s=None))
    for step in steps:
        go(story, step)
    return story


def go(story: Story, step: str) -> None:
    match step:
        case "started":
            story.go(started, 0)
        case "snoozed":
            story.go(snoozed, 10)
        case "on again":
            story.go(note, 20)
        case "answered":
            story.go(answered, 40)
        case _:
            story.due({WARNED: 50, BREACHED: 90, LATER: 300}[step])


def row(story: Story) -> dict[str, Any]:
    assert story.row
    document = story.row.model_dump()
    document["_id"] = document.pop("id")
    return document


def known(story: Story, **changes: Any) -> dict[str, Any]:
    """tickets' conversation, as it is after the story."""
    assert story.row
    shown = Following(story.row, AT, table)
    sla = [shown.seen(one) for one in story.row.targets]
    return head(seq=story.row.head_seq, sla_seq=story.row.told, sla=sla, **changes).model_dump()


@pytest.mark.parametrize(
    ("kept", "lost"),
    [
        ([STARTED], [WARNED]),
        ([STARTED], [WARNED, BREACHED]),
        ([STARTED, WARNED], [BREACHED]),
        ([STARTED], [SNOOZED]),
        ([STARTED, SNOOZED], [ON_AGAIN]),
        ([STARTED, SNOOZED], [ON_AGAIN, BREACHED]),
    ],
)
def test_they_are_as_they_were_and_are_told_on_from_there(kept: list[str], lost: list[str]) -> None:
    then = told(kept)
    back = rewind_targets(row(told([*kept, *lost])), known(then))
    assert back is not None
    assert then.row
    assert _read(back) == then.row.model_copy(update={"seq": 1})
    # What was told since is told again, under the numbers that tickets waits for.
    before = len(then.told)
    then.row = _read(back)
    go(then, LATER)
    assert then.told[before:] == told([*kept, LATER]).told[before:]


def test_what_was_met_since_begins_again_when_something_happens() -> None:
    then = told([STARTED])
    back = rewind_targets(row(told([STARTED, ANSWERED])), known(then))
    assert back is not None
    assert (back["targets"], back["due_at"], back["answered"], back["head_seq"], back["told"]) == (
        [],
        None,
        False,
        1,
        1,
    )
    then.row = _read(back)
    then.go(note, 30)
    assert then.told[-1] == ("Started", "first_response")
    assert then.due_in == [60]


def test_a_conversation_that_tickets_does_not_know_is_forgotten() -> None:
    assert rewind_targets(row(told([STARTED])), None) is None


@pytest.mark.parametrize("resolved_after", [None, 45])
def test_a_tickets_time_is_as_it_was_and_goes_on_from_there(resolved_after: int | None) -> None:
    then, later = TicketStory(resolving(minutes=60)), TicketStory(resolving(minutes=60))
    for story in (then, later):
        story.begin(state_since=AT)
        story.move("waiting_on_customer", 20)
        story.head = story.head.model_copy(update={"state_since": AT + 20 * MINUTE})
    later.move("in_progress", 40)
    if resolved_after:
        later.move("resolved", resolved_after)
    assert then.row
    assert later.row
    shown = TicketFollowing(then.row, AT, table).seen(then.row.targets[0])
    known = then.head.model_copy(update={"sla": shown, "sla_seq": then.row.told}).model_dump()
    document = later.row.model_dump()
    document["_id"] = document.pop("id")
    back = rewind_ticket_targets(document, known)
    assert back is not None
    fields = {name: value for name, value in back.items() if name != "_id"}
    assert TicketRow.model_validate({**fields, "id": back["_id"]}) == then.row.model_copy(update={"seq": 1})
    assert rewind_ticket_targets(document, None) is None


def _read(document: dict[str, Any]) -> Row:
    fields = {name: value for name, value in document.items() if name != "_id"}
    return Row.model_validate({**fields, "id": document["_id"]})
