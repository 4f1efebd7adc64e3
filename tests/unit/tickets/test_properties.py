"""Any inputs in any order: the state stays valid, and events alone rebuild it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.tickets.model import changes
from services.tickets.model.commands import AddNote, Reply, decide_note, decide_reply
from services.tickets.model.decisions import decide_decision
from services.tickets.model.evolve import evolve
from services.tickets.model.inbound import decide_bounce, decide_delivery, decide_message
from services.tickets.model.state import SYSTEM, Context, Conversation
from services.tickets.store.documents import conversation_changes, conversation_document, read_conversation
from services.tickets.store.standings import standing, standing_write
from shared import ids
from shared.contracts.conversations import ConversationEvent, Head
from shared.contracts.deliveries import DeliveryFailed, DeliverySent
from shared.contracts.ingest import BounceReceived
from shared.contracts.routing import AddTags, AssignAgent, AssignTeam, Decided, MarkSpam, SetPriority, Trigger
from shared.errors import DomainError
from tests.unit.tickets.examples import (
    CONVERSATION,
    DESK,
    LEO,
    MAYA,
    contact,
    context,
    mail,
    message_id,
    minute,
)

ENTRIES = [ids.derived("entry", str(n)) for n in range(3)]
agents = st.sampled_from(["maya", "leo", "priya", "gone", None])
actions = st.one_of(
    st.builds(AssignTeam, team_id=st.sampled_from(["email", "phone", "none"])),
    st.builds(AssignAgent, agent_id=st.sampled_from(["maya", "leo", "gone"])),
    st.builds(SetPriority, priority=st.booleans()),
    st.builds(AddTags, tags=st.lists(st.sampled_from("abc"), max_size=3).map(tuple)),
    st.builds(MarkSpam),
)

Step = tuple[str, object]
steps = st.one_of(
    st.tuples(st.just("mail"), st.sampled_from([None, "auto_reply", "bounce"])),
    st.tuples(st.just("reply"), st.tuples(st.sampled_from(ENTRIES), st.booleans(), st.booleans())),
    st.tuples(st.just("note"), st.sampled_from(["maya", "leo"])),
    st.tuples(st.just("assign"), st.tuples(agents, st.sampled_from(["email", None]), st.booleans())),
    st.tuples(st.just("snooze"), st.integers(-5, 500)),
    st.tuples(st.sampled_from(["wake", "due", "close", "reopen"]), st.none()),
    st.tuples(st.just("tags"), st.tuples(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))),
    st.tuples(st.sampled_from(["priority", "spam"]), st.booleans()),
    st.tuples(st.just("sent"), st.sampled_from(ENTRIES)),
    st.tuples(st.just("failed"), st.tuples(st.sampled_from(ENTRIES), st.booleans())),
    st.tuples(st.just("bounce"), st.tuples(st.sampled_from(ENTRIES), st.booleans())),
    st.tuples(st.just("decided"), st.tuples(st.lists(actions, max_size=4), st.integers(0, 10))),
)


def take(state: Conversation | None, step: Step, n: int) -> Sequence[ConversationEvent]:
    """What a step decides at minute `n`; a refusal decides nothing."""
    kind, what = step
    if kind == "mail":
        return decide_message(state, mail(n, automatic=what), context(n, SYSTEM), contact(), DESK).events  # type: ignore[arg-type]
    if kind == "decided":
        heard = Decided.model_validate(
            {
                "decision_id": "d",
                "conversation_id": CONVERSATION,
                "seq": 1,
                "at": minute(n),
                "trigger": Trigger(event_id="e", event="x", seq=what[1]),  # type: ignore[index]
                "actions": what[0],  # type: ignore[index]
            }
        )
        return decide_decision(state, heard, context(n, SYSTEM), DESK).events
    common = {"delivery_id": "d", "conversation_id": CONVERSATION, "seq": 1, "at": minute(n)}
    if kind == "sent":
        return decide_delivery(state, DeliverySent(entry_id=what, **common), context(n)).events  # type: ignore[arg-type]
    if kind == "failed":
        failure = DeliveryFailed(entry_id=what[0], final=what[1], reason="no", **common)  # type: ignore[index,arg-type]
        return decide_delivery(state, failure, context(n)).events
    if kind == "bounce":
        bounce = BounceReceived(
            input_id="b",
            conversation_id=CONVERSATION,
            entry_id=what[0],  # type: ignore[index]
            recipient="ada@example.org",
            permanent=what[1],  # type: ignore[index]
            at=minute(n),
        )
        return decide_bounce(state, bounce, context(n)).events
    if state is None:
        return []
    try:
        return command(state, kind, what, context(n, MAYA if n % 2 else LEO))
    except DomainError:
        return []


def command(state: Conversation, kind: str, what: object, by: Context) -> Sequence[ConversationEvent]:
    match kind, what:
        case "reply", (entry, close, snooze):
            until = by.now + timedelta(minutes=9) if snooze else None
            sent = Reply(entry_id=entry, text="x", html=None, then_close=close, then_snooze_until=until)
            return decide_reply(state, sent, by, DESK, message_id)
        case "note", str(agent):
            return decide_note(state, AddNote(ENTRIES[0], "n", "n", (agent,)), by, DESK)
        case "assign", (agent, team, lead):
            return changes.decide_assign(state, by, DESK, team_id=team, assignee_id=agent, may_assign_others=lead)
        case "snooze", int(minutes):
            return changes.decide_snooze(state, by, until=by.now + timedelta(minutes=minutes))
        case "wake", _:
            return changes.decide_wake(state, by)
        case "due", _:
            return changes.decide_due(state, by)
        case "close", _:
            return changes.decide_close(state, by)
        case "reopen", _:
            return changes.decide_reopen(state, by)
        case "tags", (add, remove):
            return changes.decide_tags(state, by, add=add, remove=remove)
        case "priority", bool(on):
            return changes.decide_priority(state, by, priority=on)
        case "spam", bool(on):
            return changes.decide_spam(state, by, spam=on)
    raise AssertionError(kind)


def check(head: Head) -> None:
    assert (head.status == "snoozed") == (head.snoozed_until is not None)
    assert (head.status == "closed") == (head.closed_at is not None)
    assert len(set(head.tags)) == len(head.tags)
    assert head.assigned_seq <= head.seq
    assert len(head.references) <= 20
    assert head.message_count >= 1
    if head.status == "closed":
        assert head.waiting_since is None or head.waiting_since >= head.started_at


@settings(max_examples=150)
@given(st.lists(steps, max_size=25))
def test_any_sequence_of_inputs_keeps_a_valid_state_that_events_and_documents_rebuild(sequence: list[Step]) -> None:
    state: Conversation | None = None
    stored: dict[str, object] | None = None
    for n, step in enumerate(sequence):
        before = state
        for event in take(state, step, n):
            assert event.seq == (state.head.seq if state else 0) + 1
            published = type(event).read(event.model_dump_json())
            assert published == event
            # What a reader of the topic rebuilds is what the event says of itself.
            state = evolve(state, published)
            assert state.head == event.head
            check(state.head)
        if state is None or state is before:
            continue
        # The stored document after `$set` of what changed is the one that would be written whole.
        whole = conversation_document(state)
        stored = {**stored, **conversation_changes(before, state)} if before and stored else whole
        assert stored == whole
        assert read_conversation(stored) == state  # type: ignore[arg-type]


@settings(max_examples=150)
@given(st.lists(steps, max_size=25))
def test_where_a_conversation_stands_is_written_when_it_moves_and_never_else(sequence: list[Step]) -> None:
    state: Conversation | None = None
    row: dict[str, object] | None = None
    for n, step in enumerate(sequence):
        before = state
        for event in take(state, step, n):
            state = evolve(state, event)
        if state is None or state is before:
            continue
        write = standing_write(state.head, conversation_changes(before, state) if before else None)
        moved = standing(conversation_document(state))
        assert (write is not None) == (row != moved), step
        if write is not None:
            assert write._doc == moved
            row = moved


@settings(max_examples=60)
@given(st.lists(st.sampled_from(["mail", "sent", "failed", "bounce"]), max_size=12))
def test_news_before_the_conversation_is_there_never_fails(kinds: list[str]) -> None:
    what = {"mail": None, "sent": ENTRIES[0], "failed": (ENTRIES[0], True), "bounce": (ENTRIES[0], True)}
    state: Conversation | None = None
    for n, kind in enumerate(kinds):
        for event in take(state, (kind, what[kind]), n):
            state = evolve(state, event)
    assert (state is None) == ("mail" not in kinds)
