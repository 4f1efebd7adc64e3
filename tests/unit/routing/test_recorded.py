"""What is known of a conversation from records alone, as when rules look back, is what routing knew at the time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from services.routing.model.conversation import Row, follow
from services.routing.recorded import Followed, Glance
from services.routing.rules.facts import Moments
from shared.contracts.conversations import ConversationEvent, ConversationStarted, ReplySent
from tests.unit.routing.examples import AGENT, AT, closed, message, note, replied, snoozed, started

MACHINE = replied(2).model_copy(update={"message": message(automatic="auto_reply")})


def answered(seq: int) -> ConversationEvent:
    at = AT + timedelta(seconds=seq)
    said = message(direction="out", author=AGENT)
    return ReplySent(conversation_id="c1", seq=seq, at=at, by=AGENT, head=note(seq).head, message=said)


@pytest.mark.parametrize(
    "story",
    [
        [started(), answered(2), note(3), replied(4)],
        [started(), MACHINE, snoozed(3), replied(4), closed(5)],
        [started(by=AGENT), snoozed(2), note(3, status="snoozed")],
    ],
)
@pytest.mark.parametrize("glanced", [True, False])
def test_records_say_the_moments_that_a_row_has(story: Sequence[ConversationEvent], glanced: bool) -> None:
    row: Row | None = None
    followed = Followed()
    for n, event in enumerate(story):
        row = follow(row, f"e{n}", event)
        seen = Glance.model_validate_json(event.model_dump_json()) if glanced else event
        followed = followed.after(seen, began=isinstance(event, ConversationStarted))
        assert (followed.status, followed.moments) == (row.status, row.moments)


def test_where_the_beginning_was_not_read_nothing_is_made_up() -> None:
    followed = Followed().after(snoozed(7), began=False)
    assert (followed.status, followed.moments) == ("snoozed", Moments())


def test_what_has_not_been_since_was_the_same_then() -> None:
    now = Moments(customer_at=AT, agent_at=AT + timedelta(hours=2))
    then = now.then(AT + timedelta(hours=1), Moments(agent_at=AT - timedelta(hours=1), state_at=AT))
    assert then == Moments(customer_at=AT, agent_at=AT - timedelta(hours=1), state_at=AT)
