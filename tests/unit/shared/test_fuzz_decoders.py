"""Every event of the registry, mutated where it hurts: reading gives an event or InvalidMessage, in bounded memory.

What bytes alone can do is test_cloudevents.py's; here the JSON stays JSON and its values become what nobody expects.
"""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import bson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.cloudevents import STRUCTURED, Received, Record, Unknown, decode
from shared.contracts.integrations import MessagePosted
from shared.dead_letters import headers_of
from shared.errors import InvalidMessage
from shared.topics import BY_NAME, EVENT_TYPES
from tests.contracts.golden import Golden, goldens

AT = datetime(2026, 5, 4, tzinfo=UTC)
GOLDENS = [one for one in goldens() if one.model is not None]
POSTED = next(one for one in GOLDENS if one.model is MessagePosted)
STRANGE: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**63,
    10**400,
    1e308,
    "",
    " ",
    "\x00",
    "\ud800",
    "\U0010ffff",
    "9999-12-31T23:59:59.999999-23:59",
    "0001-01-01T00:00:00+23:59",
    "2026-02-30T00:00:00Z",
    [],
    {},
    [[[[[]]]]],
    {"$gt": ""},
    "x" * 100_000,
    ["x"] * 1000,
)
"""Numbers that no 64 bits hold, times at the ends of the calendar, text that UTF-8 cannot say, operators."""


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of every value inside."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        yield (*at, key)
        yield from places(one, (*at, key))


def replaced(value: Any, at: tuple[Any, ...], by: Any) -> Any:
    if not at:
        return by
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[at[0]] = replaced(value[at[0]], at[1:], by)
    return copy


@st.composite
def mutated(draw: st.DrawFn) -> tuple[Golden, Any]:
    golden = draw(st.sampled_from(GOLDENS))
    body: Any = golden.json
    for _ in range(draw(st.integers(1, 3))):
        found = list(places(body))
        if found:
            body = replaced(body, draw(st.sampled_from(found)), draw(st.sampled_from(STRANGE)))
    return golden, body


def record(golden: Golden, value: bytes, headers: list[tuple[str, bytes | None]] | None = None) -> Record:
    binary = [("ce_id", b"1"), ("ce_source", b"/x"), ("ce_type", golden.type.encode())]
    return Record(golden.topic, 0, 0, b"k", value, binary if headers is None else headers, 0)


def understood(one: Record) -> Received[Any] | Unknown | InvalidMessage:
    try:
        return decode(one, BY_NAME[one.topic])
    except InvalidMessage as refused:
        # The reason goes into a header and a log line: short, and sayable.
        headers_of(one, group="g", reason="unreadable", error=str(refused), at=AT)
        return refused


def test_every_registered_event_is_mutated_here() -> None:
    assert {one.model for one in GOLDENS} == set(EVENT_TYPES.values())


@given(mutated())
@settings(max_examples=500, suppress_health_check=list(HealthCheck))
def test_a_mutated_event_is_read_or_refused(given_: tuple[Golden, Any]) -> None:
    golden, body = given_
    found = understood(record(golden, json.dumps(body).encode()))
    if isinstance(found, Received):
        found.data.model_dump_json()


@given(mutated(), st.sampled_from([STRUCTURED, f"{STRUCTURED}; charset=utf-8", f"{STRUCTURED}x"]), st.data())
@settings(max_examples=200, suppress_health_check=list(HealthCheck))
def test_structured_mode_is_as_strict(given_: tuple[Golden, Any], content_type: str, data: st.DataObject) -> None:
    golden, body = given_
    event = {"specversion": "1.0", "id": "1", "source": "/x", "type": golden.type, "time": None, "data": body}
    for name in data.draw(st.lists(st.sampled_from(sorted(event)), max_size=2)):
        event[name] = data.draw(st.sampled_from(STRANGE))
    understood(record(golden, json.dumps(event).encode(), [("content-type", content_type.encode())]))


@pytest.mark.parametrize(
    "at", sorted(set(places(next(one.json for one in GOLDENS if one.model is MessagePosted))), key=str)
)
def test_what_an_integrator_sends_can_be_kept_whatever_it_is(at: tuple[Any, ...]) -> None:
    """From outside only this comes: what is understood of it must fit into MongoDB and onto a topic."""
    for strange in STRANGE:
        raw = json.dumps(replaced(POSTED.json, at, strange)).encode()
        found = understood(record(POSTED, raw))
        if isinstance(found, Received):
            bson.encode(found.data.model_dump())
            found.data.model_dump_json().encode()


BOMBS = {
    "brackets": b"[" * 5_000_000,
    "objects": b'{"a":' * 1_000_000,
    "a long number": b'{"seq": ' + b"9" * 3_000_000 + b"}",
    "a long text": b'{"text": "' + b"x" * 5_000_000,
    "escapes": b'{"text": "' + b"\\u0000" * 800_000 + b'"}',
    "keys": b"{" + b",".join(b'"%d":0' % n for n in range(300_000)) + b"}",
    "a surrogate": b'{"text": "\\ud800"}',
}


@pytest.mark.parametrize("what", BOMBS)
@pytest.mark.parametrize("content_type", [b"application/json", STRUCTURED.encode()])
def test_a_bomb_is_refused_in_bounded_memory(what: str, content_type: bytes) -> None:
    headers = [("ce_id", b"1"), ("ce_source", b"/x"), ("ce_type", POSTED.type.encode()), ("content-type", content_type)]
    tracemalloc.start()
    try:
        assert isinstance(understood(record(POSTED, BOMBS[what], headers)), InvalidMessage)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 200 * 1024 * 1024
