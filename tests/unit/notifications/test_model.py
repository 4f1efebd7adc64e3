"""Intent, attempts and retries of a delivery, as tables."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.model import (
    RETRY_AFTER_S,
    Delivery,
    Outcome,
    Refusal,
    hold,
    intend,
    must_hold,
    outbound,
    record,
    refuse_all,
    retry,
)
from shared.contracts.common import Actor, Address
from shared.contracts.conversations import ConversationEvent, ConversationStarted, CustomerReplied, NoteAdded, ReplySent
from shared.contracts.deliveries import DeliveryEvent, DeliveryFailed, DeliverySent
from shared.errors import Conflict
from tests.unit.notifications.examples import (
    AT,
    BRAND,
    CONVERSATION,
    CUSTOMER,
    ENTRY,
    MAYA,
    chat_head,
    delivery,
    head,
    mail,
    message,
)

COMMON: dict[str, Any] = {"conversation_id": CONVERSATION, "seq": 2, "at": AT, "by": MAYA}
SAM = "sam@customer.example"


def reply(**changes: Any) -> ReplySent:
    return ReplySent(**({**COMMON, "head": head(), "message": message()} | changes))


def intent(event: ConversationEvent, **changes: Any) -> tuple[Delivery, tuple[DeliveryEvent, ...]]:
    found = outbound(event)
    assert found
    given = {"sender": BRAND, "message_id": "<made@x>", "correlation_id": "input-1", "traceparent": "", "now": AT}
    return intend(*found, **(given | changes))


@pytest.mark.parametrize(
    ("event", "ours"),
    [
        (reply(), True),
        (ConversationStarted(**COMMON, head=head(), message=message()), True),
        (ConversationStarted(**COMMON, head=head(), message=message(direction="in")), False),
        (ConversationStarted(**COMMON, head=head()), False),
        (reply(imported=True), False),
        (CustomerReplied(**COMMON, head=head(), message=message(direction="in")), False),
        (NoteAdded(**COMMON, head=head(), entry_id=ENTRY, text="secret", html="secret"), False),
    ],
)
def test_only_our_own_new_messages_are_delivered(event: ConversationEvent, ours: bool) -> None:
    assert (outbound(event) is not None) is ours


def test_an_email_is_queued_for_every_recipient_once() -> None:
    sam = Address(address=SAM)
    queued, events = intent(reply(message=message(cc=(sam,), bcc=(sam, Address(address="boss@desk.example")))))
    assert (queued.state, queued.due_at, queued.pending) == ("queued", AT, (CUSTOMER.address, SAM, "boss@desk.example"))
    assert queued.mail is not None
    assert (queued.mail.sender, queued.mail.bcc[1].address) == (BRAND, "boss@desk.example")
    assert events == ()


def test_a_mail_that_names_nobody_goes_to_the_customer() -> None:
    queued, _ = intent(reply(message=message(to=())))
    assert queued.pending == (CUSTOMER.address,)


def test_the_message_id_of_the_log_is_used_as_it_is() -> None:
    assert intent(reply(message=message(message_id="<tickets@x>")))[0].message_id == "<tickets@x>"
    assert intent(reply())[0].message_id == "<made@x>"


@pytest.mark.parametrize("channel", ["chat", "custom", "phone"])
def test_other_channels_are_sent_by_the_event_itself(channel: str) -> None:
    done, (event,) = intent(reply(head=chat_head(channel=channel)))
    assert (done.state, done.due_at, done.mail) == ("sent", None, None)
    assert isinstance(event, DeliverySent)
    assert (event.entry_id, event.seq, event.attempt) == (ENTRY, 1, 1)


@pytest.mark.parametrize(("author", "automatic"), [(MAYA, False), (Actor(kind="rule", id="r1"), True)])
def test_only_what_no_person_wrote_is_marked_automatic(author: Actor, automatic: bool) -> None:
    queued, _ = intent(reply(message=message(author=author)))
    assert queued.mail is not None
    assert queued.mail.automatic is automatic


def no(address: str, *, final: bool, reason: str = "550 no") -> Refusal:
    return Refusal(address=address, reason=reason, final=final)


@pytest.mark.parametrize(
    ("outcome", "state", "pending", "told"),
    [
        (Outcome(accepted=(CUSTOMER.address, SAM)), "sent", (), ["DeliverySent"]),
        (
            Outcome(accepted=(CUSTOMER.address,), refusals=(no(SAM, final=True),)),
            "failed",
            (),
            ["DeliverySent", "DeliveryFailed"],
        ),
        (
            Outcome(accepted=(CUSTOMER.address,), refusals=(no(SAM, final=False),)),
            "queued",
            (SAM,),
            ["DeliverySent", "DeliveryFailed"],
        ),
        (
            Outcome(refusals=(no(CUSTOMER.address, final=True), no(SAM, final=False))),
            "queued",
            (SAM,),
            ["DeliveryFailed"],
        ),
        (Outcome(refusals=(no(CUSTOMER.address, final=True), no(SAM, final=True))), "failed", (), ["DeliveryFailed"]),
    ],
)
def test_an_attempt_ends_by_recipient(outcome: Outcome, state: str, pending: tuple[str, ...], told: list[str]) -> None:
    after, events = record(delivery(CUSTOMER.address, SAM), outcome, now=AT, chance=0)
    assert (after.state, after.pending, after.attempt, after.seq) == (state, pending, 1, 2)
    assert [type(event).__name__ for event in events] == told
    assert [event.seq for event in events] == list(range(1, len(told) + 1))
    assert (after.mail is None) is (state == "sent")
    assert (after.due_at is None) is (state != "queued")


def test_the_reason_names_who_was_refused_and_who_has_it() -> None:
    outcome = Outcome(accepted=(CUSTOMER.address,), refusals=(no(SAM, final=True, reason="550 no such user"),))
    after, _ = record(delivery(CUSTOMER.address, SAM), outcome, now=AT, chance=0)
    assert after.reason == f"{SAM}: 550 no such user The other recipients have it."


def test_a_server_that_stays_away_is_tried_eight_times_then_given_up() -> None:
    row, now, pauses, finals = delivery(), AT, [], []
    while row.state == "queued":
        row, (event,) = record(row, refuse_all(row, "away", final=False), now=now, chance=0)
        assert isinstance(event, DeliveryFailed)
        finals.append(event.final)
        if row.due_at:
            pauses.append((row.due_at - now).total_seconds())
            now = row.due_at
    assert tuple(pauses) == RETRY_AFTER_S
    assert finals == [False] * 7 + [True]
    assert (row.state, row.attempt, row.said, row.due_at) == ("failed", 8, 8, None)
    assert row.mail is not None


@given(tries=st.integers(0, 6), chance=st.floats(0, 1, exclude_max=True))
def test_jitter_only_lengthens_and_by_a_fifth_at_most(tries: int, chance: float) -> None:
    row = delivery(tries=tries)
    after, _ = record(row, refuse_all(row, "away", final=False), now=AT, chance=chance)
    assert after.due_at is not None
    base = timedelta(seconds=RETRY_AFTER_S[tries])
    assert base <= after.due_at - AT <= base * 1.2 + timedelta(milliseconds=1)


def test_retry_starts_the_schedule_anew_for_those_without_the_mail() -> None:
    outcome = Outcome(accepted=(CUSTOMER.address,), refusals=(no(SAM, final=True),))
    failed, _ = record(delivery(CUSTOMER.address, SAM, tries=5, attempt=5), outcome, now=AT, chance=0)
    again = retry(failed, now=AT)
    assert (again.state, again.pending, again.tries, again.attempt, again.due_at) == ("queued", (SAM,), 0, 6, AT)
    sent, events = record(again, Outcome(accepted=(SAM,)), now=AT, chance=0)
    assert (sent.state, sent.accepted, sent.reason) == ("sent", (CUSTOMER.address, SAM), "")
    assert [event.seq for event in events] == [3]


def test_what_was_sent_is_not_sent_again() -> None:
    with pytest.raises(Conflict):
        retry(delivery(state="sent", mail=None), now=AT)
    with pytest.raises(Conflict):
        retry(delivery(state="sent", mail=mail()), now=AT)


ADDRESSES = st.lists(st.sampled_from([f"a{n}@x.example" for n in range(6)]), unique=True, min_size=1)


@given(
    recipients=ADDRESSES,
    verdicts=st.lists(st.lists(st.sampled_from(["yes", "later", "never"]), min_size=6, max_size=6), max_size=12),
)
def test_nobody_is_tried_after_their_answer_and_nobody_is_forgotten(
    recipients: list[str], verdicts: list[list[str]]
) -> None:
    row, said = delivery(*recipients), 0
    for verdict in verdicts:
        if row.state != "queued":
            break
        assert not set(row.pending) & ({*row.accepted} | {one.address for one in row.refused})
        by_answer = dict(zip(row.pending, verdict, strict=False))
        outcome = Outcome(
            accepted=tuple(one for one, said_ in by_answer.items() if said_ == "yes"),
            refusals=tuple(no(one, final=said_ == "never") for one, said_ in by_answer.items() if said_ != "yes"),
        )
        row, events = record(row, outcome, now=AT, chance=0)
        assert [event.seq for event in events] == list(range(said + 1, said + 1 + len(events)))
        said = row.said
        everybody = {*row.pending, *row.accepted} | {one.address for one in row.refused}
        assert everybody == set(recipients)
    assert row.state == "queued" or not row.pending


@pytest.mark.parametrize(
    ("restored_at", "changes", "held"),
    [
        (None, {}, False),
        (AT, {}, True),
        (AT - timedelta(seconds=1), {}, False),  # written after it was loaded
        (AT, {"held": True}, False),  # a person asked for it
        (AT, {"mail": None}, False),
    ],
)
def test_what_was_written_before_a_restore_is_held_once(
    restored_at: datetime | None, changes: dict[str, Any], held: bool
) -> None:
    queued, _ = intent(reply())
    assert must_hold(queued.model_copy(update=changes), restored_at) is held


def test_what_is_held_has_failed_and_can_be_sent() -> None:
    queued, _ = intent(reply())
    after, events = record(*hold(queued, AT), now=AT, chance=0)
    assert [type(one) for one in events] == [DeliveryFailed]
    assert (after.state, after.due_at, after.pending) == ("failed", None, ())
    again = retry(after, now=AT)
    assert (again.state, again.pending, must_hold(again, AT)) == ("queued", queued.pending, False)
