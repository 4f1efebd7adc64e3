"""Aircall's webhooks in our words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.channels import aircall
from shared.contracts.ingest import CallProgressed

AT = datetime(2026, 5, 1, tzinfo=UTC)


def hook(event: str, **data: Any) -> dict[str, Any]:
    number = {"name": "Paleo Hacks", "digits": "+1 310-555-0105", "country": "US"}
    call = {"id": 42, "direction": "inbound", "raw_digits": "+33 1 42 68 53 00", "number": number, **data}
    return {"resource": "call", "event": event, "timestamp": 1777626000, "token": "t", "data": call}


def progress(payload: dict[str, Any]) -> CallProgressed:
    return aircall.progress(payload, id="i", brand_id="b", line="+13105550105", received_at=AT)


NUMBERS = {
    ("+1 212-555-0143", ""): "+12125550143",
    ("(212) 555-0143", "US"): "+12125550143",
    ("01 42 68 53 00", "FR"): "+33142685300",
    ("33142685300", ""): "+33142685300",
    ("0033142685300", ""): "+33142685300",
    ("anonymous", "US"): "",
    ("", "US"): "",
    (None, ""): "",
    ("1" * 100, "US"): "",
}


@pytest.mark.parametrize("given_number", NUMBERS, ids=repr)
def test_numbers(given_number: tuple[Any, str]) -> None:
    assert aircall.e164(*given_number) == NUMBERS[given_number]


STEPS = {
    "call.created": ({}, "created", "created"),
    "call.ringing_on_agent": ({}, "ringing", "ringing"),
    "call.answered": ({"answered_at": 1777626010}, "answered", "answered"),
    "call.transferred": ({"answered_at": 1777626010}, "transferred", "answered"),
    "call.ended": ({"ended_at": 1777626060}, "ended", "ended"),
    "call.voicemail_left": ({"ended_at": 1777626060, "voicemail": "https://a.example/v.mp3"}, "voicemail", "ended"),
    "call.commented": ({"answered_at": 1777626010}, "commented", "answered"),
    "call.tagged": ({"ended_at": 1777626060}, "tagged", "ended"),
}


@pytest.mark.parametrize("event", STEPS)
def test_steps(event: str) -> None:
    data, step, state = STEPS[event]
    got = progress(hook(event, **data))
    assert (got.step, got.call.state) == (step, state)
    assert got.caller.value == "+33142685300"


def test_talk_time_is_from_answered_to_ended() -> None:
    times = {"started_at": 1777626000, "answered_at": 1777626010, "ended_at": 1777626060, "duration": 60}
    assert progress(hook("call.ended", **times)).call.duration_s == 50
    missed = {**times, "answered_at": None, "missed_call_reason": "no_available_agent"}
    got = progress(hook("call.ended", **missed)).call
    assert (got.duration_s, got.missed_reason) == (0, "no_available_agent")


def test_a_webhook_sent_again_is_the_same_input_and_another_is_not() -> None:
    one = hook("call.commented", comments=[{"content": "a"}])
    again = {key: one[key] for key in reversed(one)} | {"token": "renewed"}
    assert aircall.input_id(one) == aircall.input_id(again)
    assert aircall.input_id(one) != aircall.input_id(hook("call.commented", comments=[{"content": "b"}]))
    assert aircall.input_id(one) != aircall.input_id({**one, "event": "call.tagged"})


def test_after_a_transfer_the_agent_is_the_new_one() -> None:
    old, new = {"name": "Old", "email": "old@x"}, {"name": "New", "email": "new@x"}
    got = progress(hook("call.transferred", user=old, transferred_to=new)).call
    assert (got.agent_name, got.agent_email) == ("New", "new@x")


def test_links_that_are_not_https_are_left_out() -> None:
    assert progress(hook("call.ended", recording="javascript:alert(1)")).call.recording_url == ""


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(
    ["direction", "raw_digits", "number", "user", "contact", "started_at", "ended_at", "answered_at", "duration",
     "comments", "tags", "recording", "status", "transferred_to", "missed_call_reason"]
)  # fmt: skip


@given(st.sampled_from(sorted(aircall.STEPS)), st.dictionaries(fields, values, max_size=8), values)
def test_any_field_may_be_anything(event: str, data: dict[str, Any], timestamp: Any) -> None:
    payload = {**hook(event, **data), "timestamp": timestamp}
    aircall.line_of(payload)
    aircall.input_id(payload)
    CallProgressed.read(progress(payload).model_dump_json())
