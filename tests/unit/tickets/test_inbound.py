"""Customers' messages, calls, bounces and deliveries: what each does to a conversation."""

from __future__ import annotations

from itertools import permutations

import pytest

from services.tickets.model.calls import merge
from services.tickets.model.changes import decide_close, decide_snooze
from services.tickets.model.commands import Reply, decide_reply
from services.tickets.model.evolve import evolve
from services.tickets.model.inbound import decide_bounce, decide_call, decide_delivery, decide_message
from services.tickets.model.state import SYSTEM, Conversation
from shared.contracts.common import Address, Handle
from shared.contracts.contacts import Block
from shared.contracts.deliveries import DeliveryFailed, DeliverySent
from shared.contracts.ingest import BounceReceived, CallProgressed
from tests.unit.tickets.examples import (
    ADA,
    CONVERSATION,
    DESK,
    call_step,
    contact,
    context,
    mail,
    message_id,
    minute,
    started,
)


def after(state: Conversation, events: object) -> Conversation:
    for event in events:  # type: ignore[attr-defined]
        state = evolve(state, event)
    return state


def hear(state: Conversation | None, n: float, **kind: object) -> Conversation:
    outcome = decide_message(state, mail(n, **kind), context(n, SYSTEM), contact(), DESK)  # type: ignore[arg-type]
    assert outcome.state is not None
    return outcome.state


def answered(state: Conversation, n: float) -> Conversation:
    reply = Reply(entry_id="00000000-0000-0000-0000-000000000001", text="On its way.", html=None)
    return after(state, decide_reply(state, reply, context(n), DESK, message_id))


def test_first_mail_starts_an_open_unassigned_conversation_that_waits() -> None:
    head = started().head
    assert (head.seq, head.status, head.assignee_id, head.team_id) == (1, "open", None, None)
    assert (head.waiting_since, head.started_at, head.contact_name) == (minute(0), minute(0), "Ada Byron")
    assert (head.last_message_id, head.references) == ("<0@example.org>", ("<0@example.org>",))
    assert (head.description, head.preview, head.preview_from, head.message_count) == (
        "Where is my order?",
        "Where is my order?",
        "customer",
        1,
    )


def test_waiting_counts_from_the_first_unanswered_message() -> None:
    state = hear(hear(started(0), 5), 9)
    assert state.head.waiting_since == minute(0)
    state = answered(state, 10)
    assert state.head.waiting_since is None
    assert hear(state, 20).head.waiting_since == minute(20)


@pytest.mark.parametrize("kind", ["auto_reply", "mailing_list", "bounce", "delivery_report", "loop", "bulk"])
def test_automatic_mail_neither_waits_nor_reopens(kind: str) -> None:
    state = after(started(), decide_close(started(), context(1)))
    heard = hear(state, 2, automatic=kind)
    assert (heard.head.status, heard.head.waiting_since) == ("closed", None)
    assert heard.head.last_message_id == "<0@example.org>"
    assert hear(None, 0, automatic=kind).head.waiting_since is None


def test_customer_reopens_closed_and_wakes_snoozed() -> None:
    closed = after(started(), decide_close(started(), context(1)))
    assert (closed.head.closed_at, closed.head.waiting_since) == (minute(1), None)
    heard = hear(closed, 2)
    assert (heard.head.status, heard.head.closed_at, heard.head.waiting_since) == ("open", None, minute(2))
    asleep = after(started(), decide_snooze(started(), context(1), until=minute(60)))
    heard = hear(asleep, 2)
    assert (heard.head.status, heard.head.snoozed_until) == ("open", None)


def test_clear_spam_goes_to_spam_with_its_reason_and_doubtful_mail_does_not() -> None:
    outcome = decide_message(None, mail(spam=0.95), context(0, SYSTEM), contact(), DESK)
    assert [type(one).__name__ for one in outcome.events] == ["ConversationStarted", "SpamMarked"]
    assert outcome.events[1].reason == "It sells pills."  # type: ignore[attr-defined]
    assert hear(None, 0, spam=0.95).head.spam
    assert not hear(None, 0, spam=0.5).head.spam


def test_a_blocked_sender_wakes_nobody_and_goes_to_spam_with_the_reason() -> None:
    eve = contact().model_copy(update={"blocked": Block(reason="Threats", at=minute(0))})
    new = decide_message(None, mail(1), context(1, SYSTEM), eve, DESK)
    assert [type(event).__name__ for event in new.events] == ["ConversationStarted", "SpamMarked"]
    assert [event.head.spam for event in new.events] == [True, True]
    assert new.state
    assert new.state.head.waiting_since is None
    assert new.events[1].model_dump()["reason"] == "The sender is blocked: Threats"
    [closed] = decide_close(started(), context(1))
    again = decide_message(after(started(), [closed]), mail(2), context(2, SYSTEM), eve, DESK)
    assert [type(event).__name__ for event in again.events] == ["SpamMarked", "CustomerReplied"]
    assert again.state
    head = again.state.head
    assert (head.status, head.spam, head.waiting_since, head.message_count) == ("closed", True, None, 2)


def test_a_blocked_sender_moves_no_conversation_of_somebody_else() -> None:
    eve = contact().model_copy(update={"id": "eve", "blocked": Block(reason="Threats", at=minute(0))})
    theirs = decide_message(started(), mail(2), context(2, SYSTEM), eve, DESK)
    assert [(type(event).__name__, event.head.spam) for event in theirs.events] == [("CustomerReplied", False)]
    duplicate = eve.model_copy(update={"merged_ids": (started().head.contact_id,)})
    own = decide_message(started(), mail(2), context(2, SYSTEM), duplicate, DESK)
    assert own.events[0].head.spam


def test_answer_goes_to_reply_to_and_copies_others_but_never_ourselves() -> None:
    cc = (
        Address(address="bob@example.org"),
        Address(address="support+x@paleohacks.example"),
        Address(address="ada@example.org"),
    )
    head = hear(None, 0, cc=cc, reply_to=Address(address="ada@work.example")).head
    assert [one.address for one in head.participants.to] == ["ada@work.example"]
    assert [one.address for one in head.participants.cc] == ["bob@example.org"]


def test_references_stay_bounded_and_end_with_the_last_message() -> None:
    state = started()
    for n in range(1, 40):
        state = hear(state, n, references=state.head.references)
    assert len(state.head.references) == 20
    assert state.head.references[0] == "<0@example.org>"
    assert state.head.references[-1] == state.head.last_message_id == "<39@example.org>"


def test_nameless_contact_gets_its_name_when_it_tells() -> None:
    nameless = Handle(kind="email", value=ADA.value)
    state = decide_message(None, mail(sender=nameless), context(0, SYSTEM), contact(nameless), DESK).state
    assert state is not None
    assert state.head.contact_name == "ada@example.org"
    assert hear(state, 1).head.contact_name == "Ada Byron"


STEPS = [
    call_step("created", 0),
    call_step("ringing", 0.1),
    call_step("answered", 1, answered_at=minute(1), agent_name="Leo", agent_email="leo@x.example"),
    call_step("transferred", 2, answered_at=minute(1), agent_name="Maya", agent_email="maya@x.example"),
    call_step(
        "ended",
        5,
        answered_at=minute(1),
        ended_at=minute(5),
        duration_s=240,
        agent_name="Maya",
        agent_email="maya@x.example",
        recording_url="https://r.example/1.mp3",
    ),
    call_step("tagged", 6, answered_at=minute(1), ended_at=minute(5), duration_s=240, tags=("vip", "refund")),
]


def play(steps: list[CallProgressed] | tuple[CallProgressed, ...]) -> Conversation:
    state: Conversation | None = None
    for heard in steps:
        outcome = decide_call(state, heard, context(10, SYSTEM), contact(heard.caller))
        state = outcome.state or state
    assert state is not None
    return state


def test_webhooks_in_any_order_and_twice_make_the_same_call() -> None:
    wanted = play(STEPS).head.call
    assert wanted is not None
    assert (wanted.state, wanted.agent_name, wanted.duration_s, wanted.tags) == (
        "ended",
        "Maya",
        240,
        ("refund", "vip"),
    )
    for order in permutations(STEPS):
        assert play(order).head.call == wanted
        assert play(order + order).head.call == wanted


def test_a_step_that_says_nothing_new_makes_no_event() -> None:
    state = play(STEPS)
    outcome = decide_call(state, STEPS[0], context(20, SYSTEM), contact(STEPS[0].caller))
    assert (outcome.events, outcome.ignored) == ((), ("nothing_new",))


def test_merge_never_regresses() -> None:
    full = STEPS[4].call
    for step in STEPS:
        merged = merge(full, step.step, step.call)
        assert (merged.state, merged.ended_at, merged.recording_url) == ("ended", minute(5), full.recording_url)


def test_missed_call_waits_and_an_answered_one_does_not() -> None:
    missed = play([STEPS[0], call_step("ended", 1, ended_at=minute(1), missed_reason="no_available_agent")])
    assert (missed.head.waiting_since, missed.head.preview) == (minute(1), "Missed call")
    assert play(STEPS).head.waiting_since is None
    voicemail = play([*STEPS[:2], call_step("voicemail", 2, voicemail_url="https://v.example/1", ended_at=minute(2))])
    assert (voicemail.head.waiting_since, voicemail.head.preview) == (minute(2), "Voicemail")
    assert voicemail.head.contact_name == "+15551234567"


def sent(n: float) -> DeliverySent:
    return DeliverySent(delivery_id="d", conversation_id=CONVERSATION, entry_id="e", seq=1, at=minute(n))


def failed(n: float, *, final: bool) -> DeliveryFailed:
    return DeliveryFailed(
        delivery_id="d", conversation_id=CONVERSATION, entry_id="e", seq=1, at=minute(n), final=final, reason="550 no"
    )


def bounce(*, permanent: bool = True, recipient: str = "ada@example.org") -> BounceReceived:
    return BounceReceived(
        input_id="b",
        conversation_id=CONVERSATION,
        entry_id="e",
        recipient=recipient,
        permanent=permanent,
        status="5.1.1",
        at=minute(3),
    )


@pytest.mark.parametrize(
    ("steps", "states"),
    [
        ([sent(1)], ["sent"]),
        ([failed(1, final=False), sent(2)], ["queued", "sent"]),
        ([sent(1), failed(2, final=False)], ["sent"]),
        ([failed(1, final=True), failed(2, final=False), sent(3)], ["failed", "sent"]),
        ([sent(1), bounce()], ["sent", "bounced"]),
        ([bounce(), sent(1)], ["bounced"]),
        ([bounce(), bounce()], ["bounced"]),
        ([bounce(), bounce(recipient="bob@example.org")], ["bounced", "bounced"]),
        ([sent(1), bounce(permanent=False)], ["sent", "sent"]),
    ],
)
def test_a_delivery_never_goes_back(steps: list[object], states: list[str]) -> None:
    state = started()
    seen = []
    for step in steps:
        outcome = (
            decide_bounce(state, step, context(4, SYSTEM))
            if isinstance(step, BounceReceived)
            else decide_delivery(state, step, context(4, SYSTEM))  # type: ignore[arg-type]
        )
        seen += [event.state for event in outcome.events]  # type: ignore[attr-defined]
        state = outcome.state or state
    assert seen == states


def test_good_news_of_a_delivery_leaves_the_activity_and_bad_news_shows() -> None:
    state = decide_delivery(started(), sent(1), context(9, SYSTEM)).state
    assert state is not None
    assert (state.head.activity, state.head.last_activity_at) == ("ConversationStarted", minute(0))
    state = decide_bounce(state, bounce(), context(9, SYSTEM)).state
    assert state is not None
    assert (state.head.activity, state.head.last_activity_at) == ("DeliveryUpdated", minute(9))


def test_news_of_a_conversation_that_is_not_there_is_left_out_and_said() -> None:
    assert decide_delivery(None, sent(1), context()).ignored == ("unknown_conversation",)
    assert decide_bounce(None, bounce(), context()).ignored == ("unknown_conversation",)
