"""Calls that agents start, and the attempts that they note."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.model.dial import (
    ATTEMPTS,
    LogAttempt,
    NewCall,
    StartCall,
    attempts_over,
    checked_numbers,
    decide_attempt,
    decide_dial,
    decide_dialed,
    decide_new_call,
    home_of,
)
from services.tickets.model.evolve import evolve
from services.tickets.model.inbound import decide_call, decide_message
from services.tickets.model.state import SYSTEM, Conversation, Desk
from shared.contracts.common import Handle
from shared.contracts.contacts import Contact
from shared.contracts.conversations import CallAttempted, CallRequested, DialUpdated
from shared.contracts.deliveries import CallDialed, CallDialFailed
from shared.contracts.ingest import CallProgressed
from shared.contracts.phone import CallOutcome
from shared.errors import Conflict, DomainError, Invalid
from tests.unit.tickets import examples
from tests.unit.tickets.examples import CONVERSATION, LEO, call_step, contact, context, mail, minute, started

LINE, NUMBER = "+13105550104", "+14155550137"
BRAND = examples.DESK.brands["paleo-hacks"].model_copy(update={"lines": (LINE, "+13105550199")})
DESK = Desk(agents=examples.DESK.agents, teams=examples.DESK.teams, brands={"paleo-hacks": BRAND})
OUTCOMES: list[CallOutcome] = ["reached", "no_answer", "voicemail", "busy", "wrong_number"]


def person(*phones: str) -> Contact:
    return contact().model_copy(update={"phones": phones})


def after(state: Conversation, *events: object) -> Conversation:
    for event in events:
        state = evolve(state, event)  # type: ignore[arg-type]
    return state


def asked(n: float = 1, request_id: str = "r1") -> Conversation:
    return after(started(), *decide_dial(started(), StartCall(request_id), context(n), DESK, person(NUMBER)))


def heard(request_id: str = "r1", *, known: bool = True) -> CallDialFailed:
    about = {"request_id": request_id, "conversation_id": CONVERSATION, "seq": 1, "at": minute(2), "number": NUMBER}
    return CallDialFailed.model_validate(about | {"code": "not_available", "known": known, "reason": "Not there."})


def test_the_contacts_own_number_is_called_from_the_brands_first_line() -> None:
    [event] = decide_dial(started(), StartCall("r1"), context(1), DESK, person(NUMBER, "+14155550138"))
    assert isinstance(event, CallRequested)
    assert (event.number, event.line, event.agent_id) == (NUMBER, LINE, "maya")
    assert event.head.dial is not None
    assert (event.head.dial.state, event.head.preview) == ("requested", f"Calling {NUMBER}")


@pytest.mark.parametrize("written", ["(415) 555-0137", "+1 415 555 0137", "001 415 555 0137", "415.555.0137"])
def test_a_number_is_taken_in_any_notation(written: str) -> None:
    assert checked_numbers(written, "", BRAND) == (NUMBER, LINE)


@pytest.mark.parametrize(
    ("number", "line", "code", "field"),
    [
        ("", "", "no_number", "body.number"),
        ("Ann", "", "wrong_number", "body.number"),
        ("12", "", "wrong_number", "body.number"),
        (NUMBER, "+15005550006", "unknown_line", "body.line"),
        ("+1 310 555 0199", "", "own_line", "body.number"),
    ],
)
def test_a_refusal_names_the_field(number: str, line: str, code: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        decide_dial(started(), StartCall("r1", number, line), context(1), DESK, person())
    assert (refused.value.code, refused.value.fields[0].path) == (code, field)


def test_a_brand_without_a_line_cannot_call() -> None:
    with pytest.raises(Conflict, match="no_line"):
        decide_dial(started(), StartCall("r1", NUMBER), context(1), examples.DESK, person())


def test_a_call_that_is_being_set_up_keeps_the_next_away_but_not_for_ever() -> None:
    with pytest.raises(Conflict, match="is_dialing"):
        decide_dial(asked(), StartCall("r2"), context(1.5), DESK, person(NUMBER))
    assert decide_dial(asked(), StartCall("r2"), context(3), DESK, person(NUMBER))


def test_what_became_of_it_is_told_once() -> None:
    state = asked()
    outcome = decide_dialed(state, heard(), context(2, SYSTEM))
    [event] = outcome.events
    assert isinstance(event, DialUpdated)
    assert (event.state, event.code, event.reason) == ("failed", "not_available", "Not there.")
    dialed = CallDialed(request_id="r1", conversation_id=CONVERSATION, seq=1, at=minute(2), number=NUMBER)
    assert decide_dialed(outcome.state, dialed, context(3, SYSTEM)).ignored == ("nothing_new",)
    assert decide_dialed(None, dialed, context(3, SYSTEM)).ignored == ("unknown_conversation",)


def test_a_call_that_may_have_been_dialed_says_so() -> None:
    outcome = decide_dialed(asked(), heard(known=False), context(2, SYSTEM))
    assert outcome.state is not None
    assert outcome.state.head.dial is not None
    assert outcome.state.head.dial.state == "unknown"


def test_an_older_requests_result_does_not_hide_the_newer_one() -> None:
    state = after(asked(), *decide_dial(asked(), StartCall("r2"), context(5), DESK, person(NUMBER)))
    outcome = decide_dialed(state, heard("r1"), context(6, SYSTEM))
    assert outcome.state is not None
    assert outcome.state.head.dial is not None
    assert (outcome.state.head.dial.request_id, outcome.state.head.dial.state) == ("r2", "requested")


def test_a_conversation_can_begin_with_a_call() -> None:
    handle = Handle(kind="phone", value=NUMBER)
    first, request = decide_new_call(NewCall("c1", "r1", "paleo-hacks", NUMBER, LINE), context(0), contact(handle))
    state = after(evolve(None, first), request)
    assert (state.head.channel, state.head.handle, state.head.assignee_id) == ("phone", handle, "maya")
    assert state.head == request.head


def test_two_attempts_without_an_answer_are_the_end() -> None:
    state = started()
    for n, outcome in enumerate(("no_answer", "voicemail"), start=1):
        [event] = decide_attempt(state, LogAttempt(n, outcome, " Rang. "), context(n))  # type: ignore[arg-type]
        assert isinstance(event, CallAttempted)
        assert (event.attempt, event.note, event.head.call_attempts) == (n, "Rang.", n)
        state = after(state, event)
    assert attempts_over(state.head)
    with pytest.raises(Conflict, match="attempts_over"):
        decide_attempt(state, LogAttempt(3, "no_answer", "Again."), context(3))


@pytest.mark.parametrize("outcome", ["reached", "wrong_number"])
def test_somebody_reached_or_a_wrong_number_ends_it_at_once(outcome: CallOutcome) -> None:
    state = after(started(), *decide_attempt(started(), LogAttempt(1, outcome, "So it is."), context(1)))
    assert attempts_over(state.head)
    assert (state.head.waiting_since is None) == (outcome == "reached")


def test_a_note_is_needed_and_the_refusal_names_it() -> None:
    with pytest.raises(Invalid) as refused:
        decide_attempt(started(), LogAttempt(1, "busy", "  "), context(1))
    assert refused.value.fields[0].path == "body.note"


def test_two_agents_cannot_note_the_same_attempt() -> None:
    state = after(started(), *decide_attempt(started(), LogAttempt(1, "busy", "Busy."), context(1)))
    with pytest.raises(Conflict, match="attempt_taken"):
        decide_attempt(state, LogAttempt(1, "busy", "Busy."), context(1, LEO))


def test_a_customers_answer_begins_the_attempts_anew() -> None:
    state = after(started(), *decide_attempt(started(), LogAttempt(1, "reached", "Spoke."), context(1)))
    outcome = decide_message(state, mail(2, "One more thing"), context(2, SYSTEM), contact(), DESK)
    assert outcome.state is not None
    assert (outcome.state.head.call_attempts, outcome.state.head.call_outcome) == (0, None)


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(OUTCOMES), st.sampled_from(["", "Rang."])), max_size=8))
def test_attempts_are_counted_without_a_gap_and_never_beyond_two(tries: list[tuple[int, CallOutcome, str]]) -> None:
    state, noted = started(), 0
    for attempt, outcome, note in tries:
        try:
            events = decide_attempt(state, LogAttempt(attempt, outcome, note), context(1))
        except DomainError:
            continue
        state, noted = after(state, *events), noted + 1
        assert state.head.call_attempts == noted == attempt <= ATTEMPTS
        assert events[-1].head == state.head


def outgoing(n: float = 1.1, call_id: str = "88", **changed: object) -> CallProgressed:
    """A webhook about a call of Maya's to the customer."""
    known = {"call_id": call_id, "direction": "outbound", "number": NUMBER, "agent_email": "maya@switchboard.example"}
    return call_step("created", n, **{**known, "started_at": minute(n), **changed})


@pytest.mark.parametrize(
    ("heard", "is_home"),
    [
        (outgoing(), True),
        (outgoing(0.95), True),
        (outgoing(number="+14155550199"), False),
        (outgoing(agent_email="leo@switchboard.example"), False),
        (outgoing(5), False),
        (outgoing(0.5), False),
    ],
)
def test_a_call_belongs_where_it_was_asked_for(heard: CallProgressed, is_home: bool) -> None:
    assert home_of(heard, [asked().head, started().head], DESK) == (CONVERSATION if is_home else None)


def test_a_request_that_failed_has_no_call() -> None:
    failed = decide_dialed(asked(), heard(), context(2, SYSTEM)).state
    assert failed is not None
    assert home_of(outgoing(), [failed.head], DESK) is None


def test_the_call_itself_proves_that_it_was_dialed() -> None:
    unknown = decide_dialed(asked(), heard(known=False), context(1.1, SYSTEM)).state
    outcome = decide_call(unknown, outgoing(), context(1.2, SYSTEM), contact())
    assert [type(one).__name__ for one in outcome.events] == ["DialUpdated", "CallUpdated"]
    assert outcome.state is not None
    assert outcome.state.head.dial is not None
    assert outcome.state.head.dial.state == "dialed"
    assert outcome.state.head.call is not None
    assert outcome.state.head.call.call_id == "88"


def test_a_second_call_is_another_call_and_a_late_step_of_the_first_does_not_hide_it() -> None:
    first = decide_call(asked(), outgoing(), context(1.2, SYSTEM), contact()).state
    second = decide_call(first, outgoing(9, "99"), context(9, SYSTEM), contact()).state
    late = decide_call(second, outgoing(1.1, answered_at=minute(1.3)), context(9.1, SYSTEM), contact())
    assert late.ignored == ("older_call",)
    ended = call_step("ended", 9.2, call_id="88", direction="outbound", number=NUMBER, started_at=minute(1.1))
    outcome = decide_call(second, ended, context(9.2, SYSTEM), contact())
    assert outcome.state is not None
    assert outcome.state.head.call is not None
    assert outcome.state.head.call.call_id == "99"
