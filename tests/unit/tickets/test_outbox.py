"""Held replies: what leaves when the seconds are over, and what does not."""

from __future__ import annotations

from datetime import datetime

import pytest

from services.tickets.model.bulk import Doer
from services.tickets.model.changes import decide_spam
from services.tickets.model.commands import Reply
from services.tickets.model.evolve import evolve
from services.tickets.model.inbound import decide_message
from services.tickets.model.outbox import Held, decide_held, hold
from services.tickets.model.state import SYSTEM, Conversation
from shared.contracts.common import Address
from shared.contracts.conversations import ConversationEvent, ReplySent
from shared.errors import Conflict, DomainError
from shared.scope import Scope
from tests.unit.tickets.examples import DESK, MAYA, contact, context, mail, message_id, minute, started

MAYA_NOW = Doer(Scope("maya"), frozenset({"conversations.reply"}))


def held(state: Conversation, **fields: object) -> Held:
    command = Reply(entry_id="entry", text="Hello", html="<p>Hello</p>", **fields)  # type: ignore[arg-type]
    return hold(state, command, MAYA, "input", minute(1), 5)


def send(
    one: Held, state: Conversation | None, doer: Doer | None = MAYA_NOW, as_of: datetime | None = None
) -> list[ConversationEvent]:
    return list(decide_held(one, state, minute(1.1), DESK, doer, message_id, as_of))


def names(events: list[ConversationEvent]) -> list[str]:
    return [type(one).__name__ for one in events]


def wrote_again(state: Conversation) -> Conversation:
    outcome = decide_message(state, mail(2, "One more thing"), context(1.05, SYSTEM), contact(), DESK)
    assert outcome.state is not None
    return outcome.state


def test_it_leaves_as_its_author_wrote_it() -> None:
    people = (Address(address="ada@example.org"),)
    [sent, closed] = send(held(started(), to=people, then_close=True), started())
    assert isinstance(sent, ReplySent)
    assert (sent.message.entry_id, sent.message.html, sent.message.to) == ("entry", "<p>Hello</p>", people)
    assert (sent.by, sent.at, type(closed).__name__) == (MAYA, minute(1.1), "Closed")


def test_it_is_due_after_its_seconds() -> None:
    one = held(started())
    assert one.due_at is not None
    assert (one.due_at - one.written_at).total_seconds() == 5


def test_when_the_customer_writes_meanwhile_it_leaves_and_closes_nothing() -> None:
    assert names(send(held(started(), then_close=True), wrote_again(started()))) == ["ReplySent"]
    assert names(send(held(started(), then_snooze_until=minute(60)), wrote_again(started()))) == ["ReplySent"]


def test_it_snoozes_unless_somebody_has_closed_it() -> None:
    one = held(started(), then_snooze_until=minute(60))
    assert names(send(one, started())) == ["ReplySent", "Snoozed"]
    closed = started()
    for event in send(held(started(), then_close=True), started()):
        closed = evolve(closed, event)
    assert names(send(one, closed)) == ["ReplySent"]


def test_what_became_spam_is_not_answered() -> None:
    spam = started()
    for event in decide_spam(spam, context(1), spam=True):
        spam = evolve(spam, event)
    with pytest.raises(Conflict, match="spam"):
        send(held(started()), spam)


@pytest.mark.parametrize(
    ("doer", "gone"),
    [
        (None, False),
        (Doer(Scope("maya"), frozenset()), False),
        (Doer(Scope("maya", frozenset({"earth-echo"})), frozenset({"conversations.reply"})), False),
        (MAYA_NOW, True),
    ],
)
def test_who_may_not_answer_any_more_sends_nothing(doer: Doer | None, gone: bool) -> None:
    with pytest.raises(DomainError):
        send(held(started()), None if gone else started(), doer)


def test_after_a_restore_what_was_held_before_is_looked_at_first() -> None:
    with pytest.raises(Conflict, match="may have been sent"):
        send(held(started()), started(), as_of=minute(2))
    assert names(send(held(started()), started(), as_of=minute(0))) == ["ReplySent"]


def test_taken_back_it_is_the_letter_that_was_written() -> None:
    people = (Address(address="ada@example.org"),)
    draft = held(started(), to=people).draft
    assert draft.html == "<p>Hello</p>"
    assert draft.recipients is not None
    assert draft.recipients.to == people
    assert held(started()).draft.recipients is None
