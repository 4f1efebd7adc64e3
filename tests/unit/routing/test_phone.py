"""Statuses from the phone system: news, echo, or too old; and that the two sides come to rest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.routing.model.phone import OVERTAKEN, Told, decide_phone, remember
from shared.contracts.routing import AgentStatus
from shared.phone_status import NOT_AVAILABLE, PhoneStatus, agrees, here, in_aircall

START = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
FREE, LUNCH = PhoneStatus(True), PhoneStatus(False, "out_for_lunch")
DESK: list[tuple[AgentStatus, str]] = [
    ("online", ""),
    ("away", "Break/Lunch"),
    ("away", "Coaching"),
    ("away", "In a meeting"),
    ("away", "Dentist"),
    ("offline", ""),
]
PHONE = [FREE, LUNCH, PhoneStatus(False, "other"), PhoneStatus(False), PhoneStatus(False, "always_closed")]


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("phone", "expected"),
    [
        (FREE, ("online", "")),
        (LUNCH, ("away", "Break/Lunch")),
        (PhoneStatus(False, "on_a_break"), ("away", "Break/Lunch")),
        (PhoneStatus(False, "in_training"), ("away", "Coaching")),
        (PhoneStatus(False, "doing_back_office"), ("away", "Back office")),
        (PhoneStatus(False), ("away", NOT_AVAILABLE)),
    ],
)
def test_aircalls_word_is_a_status_here(phone: PhoneStatus, expected: tuple[str, str]) -> None:
    assert here(phone) == expected


@pytest.mark.parametrize(("status", "reason"), DESK)
def test_what_we_tell_agrees_with_what_we_are(status: AgentStatus, reason: str) -> None:
    assert agrees(status, reason, in_aircall(status, reason))


@pytest.mark.parametrize("phone", PHONE)
def test_what_is_taken_agrees_afterwards(phone: PhoneStatus) -> None:
    assert agrees(*here(phone), phone)


def test_a_change_in_aircall_is_taken() -> None:
    heard = decide_phone("away", "Break/Lunch", at(0), (), FREE, at(600))
    assert (heard.status, heard.reason) == ("online", "")


def test_our_own_change_that_comes_back_late_is_no_news() -> None:
    """Online, then away at once: the webhook of "online" comes after the agent is away."""
    told = remember(remember((), "online", "", at(5.0)), "away", "Break/Lunch", at(5.5))
    heard = decide_phone("away", "Break/Lunch", at(5.5), told, FREE, at(6))
    assert (heard.status, heard.ignored) == (None, "echo")
    again = decide_phone("away", "Break/Lunch", at(5.5), heard.told, LUNCH, at(6))
    assert again.ignored == "nothing_new"
    # the same from a person afterwards is no echo any more
    later = decide_phone("away", "Break/Lunch", at(5.5), again.told, FREE, at(9))
    assert later.status == "online"


def test_the_second_half_of_an_echo_does_not_undo_what_overtook_it() -> None:
    """Lunch at the desk; Aircall tells of it in two webhooks; between the two somebody chooses "available" there."""
    told = remember((), "away", "Break/Lunch", at(5.5))
    half = decide_phone("away", "Break/Lunch", at(5.5), told, PhoneStatus(False), at(6))
    assert half.ignored == "nothing_new"
    chosen = decide_phone("away", "Break/Lunch", at(5.5), half.told, FREE, at(6))
    assert chosen.status == "online"
    other_half = decide_phone("online", "", at(6), chosen.told, LUNCH, at(6))
    assert (other_half.status, other_half.ignored) == (None, "echo")
    # and lunch that is chosen in Aircall afterwards is taken
    assert decide_phone("online", "", at(6), other_half.told, LUNCH, at(9)).status == "away"


def test_what_was_told_and_never_came_back_hides_no_later_change() -> None:
    """Online and at once back to lunch: Aircall is told of lunch alone, which it says already. Nothing comes back."""
    told = remember(remember((), "online", "", at(5.0)), "away", "Break/Lunch", at(5.5))
    heard = decide_phone("away", "Break/Lunch", at(5.5), told, FREE, at(30))
    assert heard.status == "online"
    # and after a change of theirs, none of ours is waited for any more
    gone = decide_phone("online", "", at(31), heard.told, LUNCH, at(40))
    assert gone.status == "away"


def test_what_is_older_than_what_is_here_is_passed_over() -> None:
    assert decide_phone("online", "", at(100), (), LUNCH, at(90)).ignored == "older"
    # their times are whole seconds, so the same second counts as later
    assert decide_phone("online", "", at(100.9), (), LUNCH, at(100)).status == "away"


def test_an_unavailable_user_is_told_of_twice_and_the_second_says_why() -> None:
    first = decide_phone("online", "", at(0), (), PhoneStatus(False), at(10))
    assert first.status is not None
    second = decide_phone(first.status, first.reason, at(10), first.told, LUNCH, at(10))
    assert (second.status, second.reason) == ("away", "Break/Lunch")


def test_an_agent_who_is_away_here_keeps_the_reason_that_aircall_has_no_word_for() -> None:
    told: tuple[Told, ...] = ()
    assert decide_phone("away", "In a meeting", at(0), told, PhoneStatus(False, "other"), at(5)).ignored


@settings(max_examples=200)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5), st.floats(0.1, 20)), min_size=1, max_size=8))
def test_the_two_come_to_rest_and_agree(changes: list[tuple[bool, int, float]]) -> None:
    """A desk and an Aircall that tell each other, each change settled before the next (until then what Aircall says may
    be the echo of what was overtaken): no change is answered by more
    than one on the other side, and at the end both say the same."""
    clock = 0.0
    status, reason, as_of, told = "offline", "", at(0), ()  # type: ignore[var-annotated]
    phone = in_aircall("offline", "")
    for by_desk, n, pause_s in changes:
        clock += pause_s + 1 + OVERTAKEN.total_seconds()
        hooks: list[PhoneStatus] = []
        if by_desk:
            status, reason = DESK[n % len(DESK)]
            as_of, told = at(clock), remember(told, status, reason, at(clock))  # type: ignore[arg-type]
            wanted = in_aircall(status, reason)  # type: ignore[arg-type]
            if wanted != phone:
                phone, hooks = wanted, webhooks(wanted)
        else:
            wanted = PHONE[n % len(PHONE)]
            hooks = webhooks(wanted) if wanted != phone else []
            phone = wanted
        taken = 0
        for hook in hooks:
            theirs = at(int(clock + 1))
            heard = decide_phone(status, reason, as_of, told, hook, theirs)  # type: ignore[arg-type]
            told = heard.told
            if heard.status is not None:
                status, reason, as_of = heard.status, heard.reason, theirs
                taken += 1
        assert not (by_desk and taken), "our own change came back as somebody else's"
        assert agrees(status, reason, phone)  # type: ignore[arg-type]


def webhooks(phone: PhoneStatus) -> list[PhoneStatus]:
    return [PhoneStatus(False), phone] if phone.substatus else [phone]
