"""What is counted by day, and how close the percentiles come."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.tickets.model.daily import Done, Spot, Times, bucket, middle, tally, times
from shared.contracts.common import Actor, Handle, Message
from shared.contracts.conversations import Assigned, Closed, ConversationStarted, Head, ReplySent

AT = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
AGENT = Actor(kind="agent", id="maya", name="Maya")
CUSTOMER = Actor(kind="customer")
SPOT = Spot("2026-05-01", "earth-echo", "email", None)


def head(**changes: Any) -> Head:
    values: dict[str, Any] = {
        "id": "c1",
        "seq": 1,
        "brand_id": "earth-echo",
        "channel": "email",
        "account": "a",
        "contact_id": "k",
        "contact_name": "Ann",
        "handle": Handle(kind="email", value="ann@x.example"),
        "started_at": AT,
        "last_activity_at": AT,
        "activity": "ConversationStarted",
    }
    return Head(**values | changes)


def event(kind: Any, *, by: Actor = AGENT, after_s: float = 0, own: Any = None, **on_head: Any) -> Any:
    at = AT + timedelta(seconds=after_s)
    return kind(conversation_id="c1", seq=1, at=at, by=by, head=head(**on_head), **(own or {}))


def message() -> Message:
    return Message(entry_id="e", direction="out", author=AGENT, received_at=AT)


def done(*events: Any) -> dict[Spot, Done]:
    return tally((one, SPOT.day) for one in events)


def team(team_id: str | None, before: str | None) -> dict[str, Any]:
    return {"team_id": team_id, "assignee_id": None, "previous_team_id": before, "previous_assignee_id": None}


def test_a_conversation_counts_where_it_began() -> None:
    assert done(event(ConversationStarted, by=CUSTOMER)) == {SPOT: Done(started=1)}


def test_a_team_is_counted_what_comes_to_it() -> None:
    came = done(event(Assigned, own=team("billing", None), team_id="billing"))
    assert came == {Spot(SPOT.day, "earth-echo", "email", "billing", "maya"): Done(came=1)}
    assert not done(event(Assigned, own=team("billing", "billing"), team_id="billing"))
    assert not done(event(Assigned, own=team(None, "billing")))


def test_the_first_answer_is_timed_and_the_second_is_not() -> None:
    first = event(ReplySent, after_s=90, own={"message": message()}, first_reply_at=AT + timedelta(seconds=90))
    second = event(ReplySent, after_s=900, own={"message": message()}, first_reply_at=AT + timedelta(seconds=90))
    (found,) = done(first, second).values()
    assert found == Done(replies=2, first=Counter([bucket(timedelta(seconds=90))]))


def test_what_an_agent_began_has_no_first_response() -> None:
    own = {"message": message()}
    (found,) = done(event(ReplySent, own=own, first_reply_at=AT, created_by="maya")).values()
    assert found == Done(replies=1)


def test_a_closing_is_timed_from_the_beginning() -> None:
    (found,) = done(event(Closed, after_s=3600, status="closed")).values()
    assert found == Done(closed=1, resolved=Counter([bucket(timedelta(hours=1))]))


def test_spam_and_what_blocked_senders_write_are_nobodys_work() -> None:
    assert not done(event(Closed, spam=True), event(ConversationStarted, by=CUSTOMER, own={"quiet": True}))


def test_what_a_rule_sends_is_no_agents_reply() -> None:
    assert not done(event(ReplySent, by=Actor(kind="rule", id="r", name="R"), own={"message": message()}))


@given(st.integers(0, 400 * 24 * 3600))
def test_a_bucket_stands_for_about_what_is_in_it(seconds: int) -> None:
    number = bucket(timedelta(seconds=seconds))
    assert abs(middle(number) - seconds) <= seconds * 0.032
    assert bucket(timedelta(seconds=int(middle(number)))) == number
    assert bucket(timedelta(seconds=seconds + 1)) in (number, number + 1)


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60))
def test_percentiles_are_those_of_the_values_themselves(values: list[int]) -> None:
    found = times(Counter(bucket(timedelta(seconds=one)) for one in values))
    in_order = sorted(values)
    for share, told in ((0.5, found.median_s), (0.9, found.p90_s)):
        exact = in_order[ceil(len(values) * share) - 1]
        assert told is not None
        assert abs(told - exact) <= exact * 0.032


def test_of_nothing_there_are_no_times() -> None:
    assert times({}) == Times(0, None, None)


def test_what_is_counted_in_parts_adds_up_to_the_whole() -> None:
    events = [event(Closed, after_s=n, status="closed") for n in range(5)] + [event(ConversationStarted, by=CUSTOMER)]
    whole, parts = done(*events), Done()
    for one in events:
        for part in done(one).values():
            parts.add(part)
    total = Done()
    for each in whole.values():
        total.add(each)
    assert parts == total
