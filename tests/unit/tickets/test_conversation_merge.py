"""Two conversations become one and two again: nothing of either is lost, and events alone say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.model.bulk import Doer, decide_bulk
from services.tickets.model.conversation_merge import MERGED_MAX, decide_merge, decide_unmerge
from services.tickets.model.decisions import decide_decision
from services.tickets.model.evolve import evolve
from services.tickets.model.follow import decide_follow
from services.tickets.model.outbox import Held, for_merged
from services.tickets.model.state import SYSTEM, Conversation
from services.tickets.store.documents import (
    boxes,
    conversation_changes,
    conversation_document,
    read_conversation,
)
from shared import ids
from shared.contracts.beside import Merged, MergeReceived
from shared.contracts.common import Address, Handle
from shared.contracts.conversations import ConversationEvent, Link, Participants
from shared.contracts.routing import AddTags, Decided, Trigger
from shared.errors import Conflict, Invalid
from shared.scope import Scope
from tests.unit.tickets.examples import CONVERSATION, DESK, LEO, MAYA, context, minute, started

OTHER = ids.derived("conversation", "other")
EVERYTHING = frozenset({"conversations.edit", "conversations.assign_others"})


def one(id_: str = CONVERSATION, **head: Any) -> Conversation:
    state = started()
    return replace(state, head=state.head.model_copy(update={"id": id_, **head}))


def after(state: Conversation, events: Sequence[ConversationEvent]) -> Conversation:
    for event in events:
        state = evolve(state, event)
    return state


def merged_into(
    kept: Conversation, gone: Conversation, subject: str | None = None, *, later: bool = False
) -> tuple[Conversation, Conversation]:
    """(the kept one, the merged one)"""
    left, right = decide_merge(gone, kept, context(9), subject=subject, merged_is_later=later)
    return after(kept, right), after(gone, left)


def test_the_kept_one_has_what_both_had() -> None:
    link = Link(kind="url", id="u1", title="Tracking", url="https://track.example/1")
    kept = one(tags=("a", "b"), waiting_since=minute(5), message_count=2, mentioned=("maya",))
    gone = one(OTHER, tags=("b", "c"), waiting_since=minute(1), message_count=3, priority=True, links=(link,))
    head = merged_into(kept, gone)[0].head
    assert head.tags == ("a", "b", "c")
    assert (head.waiting_since, head.message_count, head.priority) == (minute(1), 5, True)
    assert (head.links, head.merged_ids, head.mentioned) == ((link,), (OTHER,), ("maya",))


def test_the_subject_is_chosen_in_the_merge_and_stays_otherwise() -> None:
    assert merged_into(one(subject="Mine"), one(OTHER))[0].head.subject == "Mine"
    assert merged_into(one(subject="Mine"), one(OTHER), "  Order\n2231 ")[0].head.subject == "Order 2231"


@pytest.mark.parametrize(
    ("kept", "gone", "status"),
    [
        ("open", "closed", "open"),
        ("closed", "open", "open"),
        ("snoozed", "open", "open"),
        ("closed", "snoozed", "snoozed"),
        ("snoozed", "closed", "snoozed"),
        ("closed", "closed", "closed"),
    ],
)
def test_nobody_who_waits_is_closed_away(kept: str, gone: str, status: str) -> None:
    def resting(status: str) -> dict[str, Any]:
        until = minute(900) if status == "snoozed" else None
        return {"status": status, "snoozed_until": until, "closed_at": minute(1) if status == "closed" else None}

    head = merged_into(one(**resting(kept)), one(OTHER, **resting(gone)))[0].head
    assert head.status == status
    assert (head.snoozed_until is not None) is (status == "snoozed")
    assert (head.closed_at is not None) is (status == "closed")


def test_an_answer_goes_to_whoever_wrote_last() -> None:
    bob = Participants(to=(Address(address="bob@example.org"),))
    gone = one(OTHER, participants=bob, last_message_id="<bob@x>", references=("<bob@x>",))
    assert merged_into(one(), gone, later=True)[0].head.participants == bob
    assert merged_into(one(), gone, later=True)[0].head.last_message_id == "<bob@x>"
    assert merged_into(one(), gone)[0].head.participants == one().head.participants


def test_whoever_had_the_merged_one_has_the_kept_one_when_nobody_had() -> None:
    gone = one(OTHER, team_id="email", assignee_id="leo")
    kept = merged_into(one(), gone)[0]
    assert (kept.head.team_id, kept.head.assignee_id, kept.head.assigned_seq) == ("email", "leo", kept.head.seq)
    assert merged_into(one(assignee_id="maya"), gone)[0].head.assignee_id == "maya"


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "itself": ({}, {"id": CONVERSATION}, "merged_into_itself"),
    "one of its own": ({}, {"merged_ids": (CONVERSATION,)}, "merged_into_itself"),
    "another brand's": ({}, {"brand_id": "earth-echo"}, "other_brand"),
    "a mail into a call": ({"channel": "phone"}, {}, "other_channel"),
    "a chat into a mail": ({}, {"channel": "chat"}, "other_channel"),
    "another visitor's chat": (
        {"channel": "chat", "handle": Handle(kind="visitor", value="v1")},
        {"channel": "chat", "handle": Handle(kind="visitor", value="v2")},
        "other_customer",
    ),
    "what is merged already": ({}, {"merged_into": "c3"}, "already_merged"),
    "spam": ({}, {"spam": True}, "is_spam"),
    "too many": ({"merged_ids": tuple(map(str, range(MERGED_MAX)))}, {}, "too_many_merged"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_merged_is_refused(case: str) -> None:
    kept, gone, code = REFUSED[case]
    with pytest.raises((Conflict, Invalid)) as refused:
        merged_into(one(**kept), one(**({"id_": gone.get("id", OTHER)} | {k: v for k, v in gone.items() if k != "id"})))
    assert refused.value.code == code


def test_a_call_is_merged_into_the_mail_about_it() -> None:
    assert merged_into(one(), one(OTHER, channel="phone"))[0].head.merged_ids == (OTHER,)


def test_a_merged_one_is_in_no_inbox_and_closed_to_everybody() -> None:
    gone = merged_into(one(), one(OTHER, assignee_id="leo", followers=("maya",)))[1]
    assert (gone.head.status, gone.head.merged_into, gone.head.waiting_since) == ("closed", CONVERSATION, None)
    assert boxes(gone.head) == []
    document = conversation_document(gone)
    assert document["status"] not in ("open", "snoozed", "closed"), "no list asks for it"
    assert read_conversation(document) == gone


def test_a_visitors_own_chat_stays_in_their_messenger() -> None:
    chat = {"channel": "chat", "handle": Handle(kind="visitor", value="v1")}
    assert boxes(merged_into(one(**chat), one(OTHER, **chat))[1].head) == ["visitor:v1"]


def test_a_rule_and_a_bulk_action_leave_a_merged_one_alone() -> None:
    gone = merged_into(one(), one(OTHER))[1]
    trigger = Trigger(event_id="e", event="x", seq=1)
    tags = (AddTags(tags=("x",)),)
    heard = Decided(decision_id="d", conversation_id=OTHER, seq=1, at=minute(9), trigger=trigger, actions=tags)
    assert decide_decision(gone, heard, context(10, SYSTEM), DESK).ignored == ("merged",)
    with pytest.raises(Conflict, match="merged into another"):
        decide_bulk(gone, context(10), DESK, Doer(Scope("maya"), EVERYTHING), {"kind": "reopen"})  # type: ignore[arg-type]


def test_a_held_reply_goes_to_whom_it_was_written_and_closes_nothing() -> None:
    bob = Participants(to=(Address(address="bob@example.org"),))
    gone = merged_into(one(), one(OTHER, participants=bob))[1]
    common = {"id": "h", "input_id": "i", "conversation_id": OTHER, "agent_id": "maya", "agent_name": "Maya"}
    held = Held(**common, text="x", html=None, then_close=True, customer_seq=1, written_at=minute(8), due_at=minute(9))
    sent = for_merged(held, gone)
    assert (sent.to, sent.then_close) == (bob.to, False)


# ── undo ─────────────────────────────────────────────────────────────────────────────────────────
def test_undone_both_are_as_they_were() -> None:
    kept = one(tags=("a",), waiting_since=None, status="closed", closed_at=minute(2))
    gone = one(OTHER, tags=("b",), assignee_id="leo", status="snoozed", snoozed_until=minute(99))
    left, right = decide_merge(gone, kept, context(9), subject="New", merged_is_later=True)
    back = undo(after(gone, left), after(kept, right), left, right)
    changing = {"seq", "activity", "last_activity_at", "assigned_seq"}
    for was, now in zip((gone, kept), back, strict=True):
        assert now.head.model_dump(exclude=changing) == was.head.model_dump(exclude=changing)


def undo(
    gone: Conversation, kept: Conversation, left: Sequence[ConversationEvent], right: Sequence[ConversationEvent]
) -> tuple[Conversation, Conversation]:
    how, brought = left[0], right[0]
    assert isinstance(how, Merged)
    assert isinstance(brought, MergeReceived)
    left, right = decide_unmerge(gone, kept, context(10), how, brought)
    return after(gone, left), after(kept, right)


def test_who_followed_meanwhile_still_does_after_the_undo() -> None:
    kept, gone = one(), one(OTHER)
    left, right = decide_merge(gone, kept, context(9), subject=None, merged_is_later=False)
    kept = after(kept, right)
    kept = after(kept, decide_follow(kept, context(9, LEO), follow=True))
    assert undo(after(gone, left), kept, left, right)[1].head.followers == ("leo",)


def test_what_was_touched_stays_merged() -> None:
    kept, gone = one(), one(OTHER)
    left, _ = decide_merge(gone, kept, context(9), subject=None, merged_is_later=False)
    assert isinstance(left[0], Merged)
    with pytest.raises(Conflict, match="Something has happened"):
        decide_unmerge(after(gone, left), kept, context(10), left[0], None)


# ── following ────────────────────────────────────────────────────────────────────────────────────
def test_following_is_each_agents_own_and_no_activity() -> None:
    state = one()
    followed = after(state, decide_follow(state, context(5, MAYA), follow=True))
    assert followed.head.followers == ("maya",)
    assert followed.head.last_activity_at == state.head.last_activity_at
    assert "following:maya" in boxes(followed.head)
    assert decide_follow(followed, context(6, MAYA), follow=True) == []
    assert after(followed, decide_follow(followed, context(6, MAYA), follow=False)).head.followers == ()


# ── any of them ──────────────────────────────────────────────────────────────────────────────────
states = st.builds(
    one,
    id_=st.just(CONVERSATION),
    status=st.sampled_from(["open", "snoozed", "closed"]),
    tags=st.lists(st.sampled_from("abc"), unique=True).map(tuple),
    team_id=st.sampled_from([None, "email"]),
    assignee_id=st.sampled_from([None, "maya", "leo"]),
    waiting_since=st.sampled_from([None, minute(1), minute(2)]),
    merged_ids=st.lists(st.sampled_from(["x", "y"]), unique=True).map(tuple),
    followers=st.lists(st.sampled_from(["maya", "leo"]), unique=True).map(tuple),
    priority=st.booleans(),
)


@given(kept=states, gone=states, later=st.booleans(), subject=st.none() | st.text(max_size=30))
def test_any_two_merged_and_undone_lose_nothing(
    kept: Conversation, gone: Conversation, later: bool, subject: str | None
) -> None:
    gone = replace(gone, head=gone.head.model_copy(update={"id": OTHER, "merged_ids": ()}))
    left, right = decide_merge(gone, kept, context(9), subject=subject, merged_is_later=later)
    together, apart = after(kept, right), after(gone, left)
    assert set(together.head.tags) == {*kept.head.tags, *gone.head.tags}
    assert together.head.message_count == kept.head.message_count + gone.head.message_count
    if gone.head.status == "open":
        assert together.head.status == "open"
    for before, now in ((kept, together), (gone, apart)):
        document = conversation_document(before) | conversation_changes(before, now)
        assert read_conversation(document) == now
        assert document == conversation_document(now)
    back = undo(apart, together, left, right)
    assert back[0].head.model_copy(update={"seq": 0}).tags == gone.head.tags
    assert (back[0].head.status, back[1].head.status) == (gone.head.status, kept.head.status)
    assert back[1].head.merged_ids == kept.head.merged_ids
    assert boxes(back[1].head) == boxes(kept.head)
    assert boxes(back[0].head) == boxes(gone.head)
