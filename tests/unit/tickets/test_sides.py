"""Side conversations: who they reach, where answers come to, and that the customer is nowhere in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from services.tickets.model.evolve import evolve
from services.tickets.model.sides import (
    SideMail,
    customers_addresses,
    decide_side,
    decide_side_heard,
    decide_side_reply,
)
from services.tickets.model.state import Conversation
from shared import ids
from shared.contracts.beside import SideReplyReceived, SideStarted
from shared.contracts.common import Actor, Address, AutomaticKind, Handle, Message
from shared.contracts.conversations import ConversationEvent
from shared.contracts.ingest import SideMessageReceived
from shared.errors import Conflict, Invalid, NotFound
from shared.signing import Signer
from tests.unit.tickets.examples import ADA, CONVERSATION, DESK, contact, context, minute, started

SIGNER = Signer("a secret of at least thirty-two characters")
SIDE = ids.derived("side", "one")
DOCK = Address(address="dock@warehouse.example", name="Dock 4")
SHIFT = Address(address="shift@warehouse.example")
ADAS = Address(address="ada@example.org")


def letter(**fields: Any) -> SideMail:
    known = {"side_id": SIDE, "entry_id": ids.derived("entry", "s1"), "text": "Where?", "html": "<p>Where?</p>"}
    return SideMail(**{**known, "customer": customers_addresses(started().head, contact()), **fields})


def first(**fields: Any) -> SideMail:
    return letter(**{"subject": "Parcel 2231", "to": (DOCK,), **fields})


def after(state: Conversation, events: Sequence[ConversationEvent]) -> Conversation:
    for event in events:
        state = evolve(state, event)
    return state


def begun() -> Conversation:
    state = started()
    return after(state, decide_side(state, first(cc=(SHIFT,)), context(1), DESK, SIGNER.side_message_id_of))


def answer(
    n: float = 2, *, automatic: AutomaticKind | None = None, cc: tuple[Address, ...] = ()
) -> SideMessageReceived:
    sender = Handle(kind="email", value=DOCK.address, name=DOCK.name)
    return SideMessageReceived(
        input_id=ids.derived("mail", str(n)),
        conversation_id=CONVERSATION,
        side_id=SIDE,
        brand_id="paleo-hacks",
        account="support@paleohacks.example",
        sender=sender,
        message=Message(
            entry_id=ids.derived("entry", f"s{n}"),
            direction="in",
            author=Actor(kind="outside", name=DOCK.name),
            sender=sender,
            subject="Re: Parcel 2231",
            text="On Friday.",
            to=(Address(address="support@paleohacks.example"),),
            cc=cc,
            message_id=f"<{n}@warehouse.example>",
            automatic=automatic,
            received_at=minute(n),
        ),
    )


def heard(state: Conversation, mail: SideMessageReceived) -> Conversation:
    return after(state, decide_side_heard(state, mail, context(3), DESK, contact()).events)


def test_a_side_mail_is_signed_for_its_side_conversation() -> None:
    [event] = decide_side(started(), first(), context(1), DESK, SIGNER.side_message_id_of)
    assert isinstance(event, SideStarted)
    ref = SIGNER.read_message_id(event.mail.message_id or "")
    assert ref
    assert (ref.conversation_id, ref.side_id, ref.entry_id) == (CONVERSATION, SIDE, event.mail.entry_id)


def test_nothing_of_the_customers_thread_leaves_with_it() -> None:
    state = started()
    [event] = decide_side(state, first(), context(1), DESK, SIGNER.side_message_id_of)
    assert isinstance(event, SideStarted)
    said = event.mail.model_dump_json()
    for known in (state.head.last_message_id, state.head.subject, ADA.value, state.head.description):
        assert known
        assert known not in said
    assert (event.mail.in_reply_to, event.mail.references) == (None, ())


def test_the_customers_thread_is_as_it_was() -> None:
    before, now = started().head, heard(begun(), answer()).head
    for name in ("participants", "last_message_id", "references", "waiting_since", "message_count", "first_reply_at"):
        assert getattr(before, name) == getattr(now, name), name
    assert heard(begun(), answer()).customer_seq == started().customer_seq


@pytest.mark.parametrize("name", ["to", "cc"])
def test_the_customer_is_refused_as_a_recipient(name: str) -> None:
    command = first(**{"to": (DOCK,), name: (Address(address="ADA@example.org"),)})
    with pytest.raises(Invalid) as refused:
        decide_side(started(), command, context(1), DESK, SIGNER.side_message_id_of)
    assert (refused.value.code, refused.value.fields[0].path) == ("is_the_customer", f"body.{name}.0")


def test_so_are_their_other_addresses_and_our_own_mailboxes() -> None:
    person = contact().model_copy(update={"emails": ("ada@example.org", "ada@work.example")})
    customer = customers_addresses(started().head, person)
    for address, code in (("ada@work.example", "is_the_customer"), ("support+x@paleohacks.example", "is_our_own")):
        command = first(customer=customer, to=(Address(address=address),))
        with pytest.raises(Invalid) as refused:
            decide_side(started(), command, context(1), DESK, SIGNER.side_message_id_of)
        assert refused.value.code == code


@pytest.mark.parametrize(
    ("command", "code"),
    [(first(to=()), "no_recipient"), (first(subject=""), "no_subject"), (first(text=" ", html=None), "empty_message")],
)
def test_what_is_missing_is_said(command: SideMail, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        decide_side(started(), command, context(1), DESK, SIGNER.side_message_id_of)
    assert refused.value.code == code


def test_nobody_writes_about_spam() -> None:
    state = started()
    spam = replace(state, head=state.head.model_copy(update={"spam": True}))
    with pytest.raises(Conflict):
        decide_side(spam, first(), context(1), DESK, SIGNER.side_message_id_of)


def test_an_answer_goes_into_its_side_and_opens_the_conversation() -> None:
    closed = begun()
    resting = {"status": "closed", "closed_at": minute(1), "waiting_since": None}
    head = heard(replace(closed, head=closed.head.model_copy(update=resting)), answer()).head
    [side] = head.sides
    assert (side.message_count, side.last_from, side.last_message_id) == (2, "them", "<2@warehouse.example>")
    assert (head.status, head.waiting_since, head.preview_from) == ("open", None, "side")


def test_an_automatic_answer_opens_nothing() -> None:
    state = begun()
    closed = replace(state, head=state.head.model_copy(update={"status": "closed"}))
    head = heard(closed, answer(automatic="auto_reply")).head
    assert (head.status, head.sides[0].last_from, head.sides[0].message_count) == ("closed", "us", 2)


def test_our_next_mail_goes_to_whoever_wrote_and_never_to_a_customer_in_copy() -> None:
    state = heard(begun(), answer(cc=(ADAS, SHIFT)))
    [event] = decide_side_reply(state, letter(entry_id="e2"), context(4), DESK, lambda *_: "<x@y>")
    mail = event.mail  # type: ignore[attr-defined]
    assert (mail.to, mail.cc) == ((DOCK,), (SHIFT,))
    assert (mail.in_reply_to, mail.subject) == ("<2@warehouse.example>", "Re: Parcel 2231")


def test_a_customer_cannot_be_slipped_in_by_answering_to_all() -> None:
    [event] = decide_side_heard(begun(), answer(cc=(ADAS,)), context(3), DESK, contact()).events
    assert isinstance(event, SideReplyReceived)
    assert ADAS.address not in {one.address for one in (*event.answer_to.to, *event.answer_to.cc)}


def test_a_side_that_is_not_there_is_not_answered() -> None:
    with pytest.raises(NotFound):
        decide_side_reply(started(), letter(), context(4), DESK, SIGNER.side_message_id_of)


def test_an_answer_is_kept_though_the_side_was_forgotten() -> None:
    """A database that was restored knows the conversation, and not what was written in it since."""
    [side] = heard(started(), answer()).head.sides
    assert (side.id, side.subject, side.to) == (SIDE, "Re: Parcel 2231", (DOCK,))


def test_an_answer_of_a_conversation_that_is_not_there_is_counted() -> None:
    assert decide_side_heard(None, answer(), context(3), DESK, None).ignored == ("unknown_conversation",)
