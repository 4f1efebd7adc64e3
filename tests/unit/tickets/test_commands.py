"""Agents' commands: what they do, what they refuse, and that they may be sent twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from services.tickets.model import changes
from services.tickets.model.commands import AddNote, Compose, Reply, decide_compose, decide_note, decide_reply
from services.tickets.model.evolve import evolve
from services.tickets.model.inbound import decide_call, decide_message
from services.tickets.model.state import SYSTEM, Context, Conversation
from shared import ids
from shared.contracts.common import Address, Attachment
from shared.contracts.conversations import ConversationEvent, NoteAdded
from shared.errors import DomainError
from tests.unit.tickets.examples import (
    DESK,
    LEO,
    MAYA,
    call_step,
    contact,
    context,
    mail,
    message_id,
    minute,
    started,
)

ENTRY = ids.derived("entry", "reply")
BOB = Address(address="bob@example.org", name="Bob")


def after(state: Conversation, events: Sequence[ConversationEvent]) -> Conversation:
    for event in events:
        state = evolve(state, event)
    return state


def reply(**fields: object) -> Reply:
    return Reply(**{"entry_id": ENTRY, "text": "On its way.", "html": "<p>On its way.</p>", **fields})  # type: ignore[arg-type]


def do_reply(state: Conversation, command: Reply, n: float = 1) -> Sequence[ConversationEvent]:
    return decide_reply(state, command, context(n), DESK, message_id)


def test_reply_quotes_the_customers_mail_and_ends_the_wait() -> None:
    [sent] = do_reply(started(), reply())
    message = sent.message  # type: ignore[attr-defined]
    assert (message.in_reply_to, message.references) == ("<0@example.org>", ("<0@example.org>",))
    assert message.message_id.endswith("@paleohacks.example>")
    assert (message.subject, [one.address for one in message.to]) == ("Re: My order", ["ada@example.org"])
    assert (sent.head.waiting_since, sent.head.first_reply_at, sent.head.preview_from) == (None, minute(1), "agent")
    again = do_reply(after(started(), [sent]), reply(), 5)
    assert again[0].head.first_reply_at == minute(1)
    assert again[0].message.in_reply_to == "<0@example.org>"  # type: ignore[attr-defined]


def test_recipients_of_a_reply_become_the_participants() -> None:
    [sent] = do_reply(started(), reply(cc=(BOB,), bcc=(Address(address="boss@example.org"),)))
    assert sent.head.participants.cc == (BOB,)


def test_a_picture_alone_is_a_message() -> None:
    assert do_reply(started(), reply(text="", html='<img src="cid:1">'))


def test_send_and_close_and_send_and_snooze() -> None:
    events = do_reply(started(), reply(then_close=True))
    assert [type(one).__name__ for one in events] == ["ReplySent", "Closed"]
    events = do_reply(started(), reply(then_snooze_until=minute(60)))
    assert events[-1].head.snoozed_until == minute(60)
    assert [one.seq for one in events] == [2, 3]


def test_reply_to_an_unseen_message_is_refused_until_it_was_seen() -> None:
    state = decide_message(started(), mail(3), context(3, SYSTEM), contact(), DESK).state
    assert state is not None
    with pytest.raises(DomainError) as refused:
        do_reply(state, reply(seen_seq=1))
    assert refused.value.code == "newer_message"
    assert do_reply(state, reply(seen_seq=2))


def spam() -> Conversation:
    return after(started(), changes.decide_spam(started(), context(), spam=True))


def phone() -> Conversation:
    outcome = decide_call(None, call_step("created", 0), context(), contact(call_step("created", 0).caller))
    assert outcome.state is not None
    return outcome.state


def closed() -> Conversation:
    return after(started(), changes.decide_close(started(), context()))


def snoozed() -> Conversation:
    return after(started(), changes.decide_snooze(started(), context(), until=minute(60)))


def assigned(agent_id: str) -> Conversation:
    return after(started(), assign(started(), context(), assignee_id=agent_id, lead=True))


def assign(
    state: Conversation, by: Context, *, assignee_id: str | None, team_id: str | None = None, lead: bool = False
) -> Sequence[ConversationEvent]:
    return changes.decide_assign(state, by, DESK, team_id=team_id, assignee_id=assignee_id, may_assign_others=lead)


REFUSED: list[tuple[str, Callable[[], object]]] = [
    ("channel_cannot_reply", lambda: do_reply(phone(), reply())),
    ("is_spam", lambda: do_reply(spam(), reply())),
    ("empty_message", lambda: do_reply(started(), reply(text=" ", html=None))),
    ("no_recipient", lambda: do_reply(started(), reply(to=()))),
    ("too_many_recipients", lambda: do_reply(started(), reply(cc=(BOB,) * 60))),
    ("bad_snooze_time", lambda: do_reply(started(), reply(then_snooze_until=minute(-1)))),
    ("empty_note", lambda: decide_note(started(), AddNote(ENTRY, "", ""), context(), DESK)),
    ("unknown_agent", lambda: decide_note(started(), AddNote(ENTRY, "x", "x", ("nobody",)), context(), DESK)),
    ("unknown_team", lambda: decide_note(started(), AddNote(ENTRY, "x", "x", (), ("nobody",)), context(), DESK)),
    ("unknown_agent", lambda: decide_note(started(), AddNote(ENTRY, "x", "x", ("other-brand",)), context(), DESK)),
    ("bad_snooze_time", lambda: changes.decide_snooze(started(), context(5), until=minute(5))),
    ("bad_snooze_time", lambda: changes.decide_snooze(started(), context(), until=minute(0) + timedelta(days=800))),
    ("closed", lambda: changes.decide_snooze(closed(), context(), until=minute(60))),
    ("snoozed", lambda: changes.decide_reopen(snoozed(), context())),
    ("bad_tag", lambda: changes.decide_tags(started(), context(), add=[" "], remove=[])),
    ("bad_tag", lambda: changes.decide_tags(started(), context(), add=["a\u202eb"], remove=[])),
    ("bad_tag", lambda: changes.decide_tags(started(), context(), add=["x" * 51], remove=[])),
    ("too_many_tags", lambda: changes.decide_tags(started(), context(), add=[str(n) for n in range(51)], remove=[])),
    ("unknown_topic", lambda: changes.decide_topic(started(), context(), DESK, topic="Weather")),
    ("assigned_to_other", lambda: assign(assigned("leo"), context(), assignee_id="maya")),
    ("assigned_to_other", lambda: assign(assigned("leo"), context(), assignee_id=None)),
    ("may_only_take", lambda: assign(started(), context(), assignee_id="leo")),
    ("may_only_take", lambda: assign(started(), context(), assignee_id=None, team_id="email")),
    ("unknown_agent", lambda: assign(started(), context(), assignee_id="gone", lead=True)),
    ("agent_outside_brand", lambda: assign(started(), context(), assignee_id="other-brand", lead=True)),
    ("unknown_team", lambda: assign(started(), context(), assignee_id="maya", team_id="none")),
]


@pytest.mark.parametrize(("code", "command"), REFUSED, ids=[f"{n}-{one[0]}" for n, one in enumerate(REFUSED)])
def test_what_is_not_possible_is_refused_with_a_code_and_a_sentence(code: str, command: Callable[[], object]) -> None:
    with pytest.raises(DomainError) as refused:
        command()
    assert refused.value.code == code
    assert refused.value.message.endswith(".")


def test_agents_take_what_nobody_has_hand_over_their_own_and_leads_do_anything() -> None:
    assert assign(started(), context(by=MAYA), assignee_id="maya")[0].head.assignee_id == "maya"
    assert assign(assigned("maya"), context(by=MAYA), assignee_id="leo", team_id="phone")[0].head.team_id == "phone"
    assert assign(assigned("maya"), context(by=MAYA), assignee_id=None)[0].head.assignee_id is None
    assert assign(assigned("maya"), context(by=LEO), assignee_id="priya", lead=True)[0].head.assignee_id == "priya"
    assert assign(assigned("leo"), context(by=MAYA), assignee_id="leo") == []


SAME = [
    lambda state: changes.decide_close(state, context(9)),
    lambda state: changes.decide_snooze(state, context(9), until=minute(60)),
    lambda state: changes.decide_priority(state, context(9), priority=True),
    lambda state: changes.decide_spam(state, context(9), spam=True),
    lambda state: changes.decide_tags(state, context(9), add=["Refund "], remove=["none"]),
    lambda state: changes.decide_topic(state, context(9), DESK, topic="Billing"),
]


@pytest.mark.parametrize("command", SAME)
def test_the_same_command_again_makes_no_event(
    command: Callable[[Conversation], Sequence[ConversationEvent]],
) -> None:
    state = after(started(), command(started()))
    assert state.head.seq == 2
    assert command(state) == []


def test_tags_are_kept_plain_and_once() -> None:
    [event] = changes.decide_tags(started(), context(), add=["  Late   Parcel ", "late parcel", "VIP"], remove=[])
    assert event.head.tags == ("late parcel", "vip")
    state = after(started(), [event])
    [event] = changes.decide_tags(state, context(), add=["new"], remove=["VIP"])
    assert event.head.tags == ("late parcel", "new")


def test_snooze_wakes_at_its_time_and_not_before_or_after_it_was_moved() -> None:
    assert changes.decide_due(snoozed(), context(59)) == []
    [woken] = changes.decide_due(snoozed(), context(60))
    assert (woken.head.status, woken.by, woken.reason) == ("open", SYSTEM, "time")  # type: ignore[attr-defined]
    assert changes.decide_due(after(snoozed(), [woken]), context(61)) == []


def test_a_colleagues_newer_reply_is_read_before_one_answers_as_well() -> None:
    first = Reply(ENTRY, "By Leo", None, seen_seq=1)
    state = after(started(), decide_reply(started(), first, context(1, LEO), DESK, message_id))
    second = Reply(ids.derived("entry", "second"), "By Maya", None, seen_seq=1)
    with pytest.raises(DomainError, match="Leo has answered meanwhile"):
        decide_reply(state, second, context(2, MAYA), DESK, message_id)
    for command, by in ((replace(second, seen_seq=2), MAYA), (replace(second, seen_seq=None), MAYA), (second, LEO)):
        assert decide_reply(state, command, context(2, by), DESK, message_id)


def test_a_note_for_a_team_is_for_those_of_it_who_see_the_conversation() -> None:
    agents = {
        id_: one.model_copy(update={"team_ids": ("email",)}) for id_, one in DESK.agents.items() if id_ != "priya"
    }
    desk = replace(DESK, agents={**DESK.agents, **agents})
    [noted] = decide_note(started(), AddNote(ENTRY, "Look", "<p>Look</p>", ("leo",), ("email",)), context(), desk)
    assert isinstance(noted, NoteAdded)
    assert (noted.mentions, noted.teams) == (("leo", "maya"), ("email",)), "gone and other-brand do not see it"


def test_a_note_may_be_a_file_alone() -> None:
    file = Attachment(id="f", name="a.png", content_type="image/png", size_bytes=3)
    [noted] = decide_note(started(), AddNote(ENTRY, "", "", attachments=(file,)), context(), DESK)
    assert isinstance(noted, NoteAdded)
    assert noted.attachments == (file,)


def test_notes_mention_and_never_count_as_messages() -> None:
    [noted] = decide_note(started(), AddNote(ENTRY, "Look", "<p>Look</p>", ("leo", "leo")), context(), DESK)
    assert (noted.head.mentioned, noted.head.preview_from, noted.head.message_count) == (("leo",), "note", 1)
    assert noted.head.waiting_since == minute(0)


def test_composed_conversation_is_its_authors_and_waits_for_nobody() -> None:
    command = Compose(
        conversation_id=ids.derived("compose", "1"),
        entry_id=ENTRY,
        brand_id="paleo-hacks",
        subject="Your parcel",
        text="",
        html=None,
        to=(BOB,),
        attachments=(Attachment(id="a", name="label.pdf", content_type="application/pdf", size_bytes=3),),
    )
    [event] = decide_compose(command, context(), contact(), DESK, message_id)
    head = event.head
    assert (head.created_by, head.assignee_id, head.waiting_since) == ("maya", "maya", None)
    assert head.last_message_id == event.message.message_id  # type: ignore[attr-defined]
    assert head.preview == "Attachment: label.pdf"
    assert head.handle.value == "bob@example.org"
