"""CloudEvents on Kafka: whatever bytes come, reading gives an event, an unknown type, or InvalidMessage."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.cloudevents import Received, Record, Unknown, decode, encode_headers
from shared.contracts.base import Event
from shared.contracts.integrations import MessagePosted
from shared.errors import InvalidMessage
from shared.topics import BY_NAME, CONVERSATIONS, DECISIONS, EVENT_TYPES, INTEGRATIONS, TOPICS, Topic
from tests.contracts.golden import goldens

TYPE = INTEGRATIONS.type_of(MessagePosted)
BODY = {"channel": "whatsapp", "brand": "paleo-hacks", "thread": "1", "sender": {"id": "ann"}, "text": "hello"}
VALUE = json.dumps(BODY).encode()
HEADERS: list[tuple[str, bytes | None]] = [
    ("ce_specversion", b"1.0"),
    ("ce_id", b"1"),
    ("ce_type", TYPE.encode()),
    ("ce_source", b"/shop"),
]
SECRET = "the customer's own words"
GOLDENS = [pytest.param(one, id=str(one)) for one in goldens()]


def record(
    value: bytes | None = VALUE, headers: list[tuple[str, bytes | None]] | None = None, timestamp_ms: int = 0
) -> Record:
    return Record(INTEGRATIONS.name, 0, 0, b"k", value, HEADERS if headers is None else headers, timestamp_ms)


def read(one: Record) -> Received[Event]:
    understood = decode(one, INTEGRATIONS)
    assert isinstance(understood, Received)
    return understood


def structured(**changes: Any) -> Record:
    event = {"specversion": "1.0", "id": "1", "source": "/shop", "type": TYPE, "data": BODY} | changes
    return record(json.dumps(event).encode(), [("content-type", b"application/cloudevents+json; charset=utf-8")])


# ── binary mode ──────────────────────────────────────────────────────────────────────────────────
def test_what_was_encoded_is_read_again() -> None:
    at = datetime(2026, 5, 4, 9, 0, 2, 417_000, tzinfo=UTC)
    headers = encode_headers(
        id="e1",
        type=TYPE,
        source="/switchboard/x",
        subject="söme",
        time=at,
        sequence=7,
        correlation_id="c",
        causation_id="i",
        traceparent="00-aa-bb-01",
    )
    got = read(record(headers=[(name, value) for name, value in headers]))
    assert (got.id, got.type, got.source, got.subject, got.time) == ("e1", TYPE, "/switchboard/x", "söme", at)
    assert (got.sequence, got.correlation_id, got.causation_id, got.traceparent) == (7, "c", "i", "00-aa-bb-01")
    assert got.data == MessagePosted.model_validate(BODY)


def test_only_id_type_and_source_are_needed() -> None:
    got = read(record(headers=HEADERS[1:], timestamp_ms=1_777_885_202_417))
    assert got.time == datetime(2026, 5, 4, 9, 0, 2, 417_000, tzinfo=UTC)  # the record's own time
    assert (got.sequence, got.correlation_id, got.causation_id, got.subject) == (None, "1", "", "")


@pytest.mark.parametrize("missing", ["ce_id", "ce_type", "ce_source"])
def test_a_missing_or_empty_attribute_is_named(missing: str) -> None:
    without = [one for one in HEADERS if one[0] != missing]
    for headers in (without, [*without, (missing, b"")]):
        with pytest.raises(InvalidMessage, match=missing):
            decode(record(headers=headers), INTEGRATIONS)


@pytest.mark.parametrize("bad", [None, b"\xff\xfe"])
def test_an_attribute_that_is_no_text_is_named(bad: bytes | None) -> None:
    with pytest.raises(InvalidMessage, match="ce_id"):
        decode(record(headers=[*HEADERS[2:], ("ce_id", bad)]), INTEGRATIONS)


def test_other_peoples_headers_may_be_anything() -> None:
    assert read(record(headers=[*HEADERS, ("x-odd", b"\xff"), ("x-null", None), ("x-odd", b"again")])).id == "1"


def test_another_version_of_cloudevents_is_refused() -> None:
    with pytest.raises(InvalidMessage, match="specversion"):
        decode(record(headers=[("ce_specversion", b"2.0"), *HEADERS[1:]]), INTEGRATIONS)


def test_a_type_of_another_topic_is_unknown_here() -> None:
    other = DECISIONS.type_of(DECISIONS.events[0])
    headers = [*HEADERS[:2], ("ce_type", other.encode()), HEADERS[3]]
    assert decode(record(headers=headers), INTEGRATIONS) == Unknown(other)


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"\xff\xfe",
        b"{",
        b"null",
        b"[]",
        b"5",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"channel": "\\ud800"}',
        b"1" * 10_000,
        b"1e999",
        VALUE + b"}",
    ],
)
def test_a_value_that_is_no_event_is_refused(value: bytes | None) -> None:
    with pytest.raises(InvalidMessage):
        decode(record(value), INTEGRATIONS)


@pytest.mark.parametrize("text", ["1" * 5000, "-1", "٣", "1.5", " 1", "9" * 19, "x"])
def test_a_sequence_that_is_no_whole_number_is_none(text: str) -> None:
    assert read(record(headers=[*HEADERS, ("ce_sequence", text.encode())])).sequence is None


@pytest.mark.parametrize("timestamp_ms", [-1, -(2**63), 2**63 - 1, 10**17])
def test_a_record_with_an_impossible_time_is_read_all_the_same(timestamp_ms: int) -> None:
    assert read(record(timestamp_ms=timestamp_ms)).time.tzinfo is not None


@pytest.mark.parametrize("text", ["yesterday", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-05-04"])
def test_a_time_that_cannot_be_used_falls_back_to_the_records(text: str) -> None:
    got = read(record(headers=[*HEADERS, ("ce_time", text.encode())], timestamp_ms=1_777_885_202_417))
    assert got.time.astimezone(UTC).tzinfo is UTC


# ── structured mode ──────────────────────────────────────────────────────────────────────────────
def test_structured_mode_is_understood_with_its_extensions() -> None:
    got = read(structured(time="2026-05-04T11:00:02+02:00", subject="s", correlationid="c", sequence="4"))
    assert (got.id, got.type, got.source, got.subject, got.correlation_id) == ("1", TYPE, "/shop", "s", "c")
    assert (got.time, got.sequence) == (datetime(2026, 5, 4, 9, 0, 2, tzinfo=UTC), 4)
    assert got.data == MessagePosted.model_validate(BODY)


@pytest.mark.parametrize(
    "changes", [{"specversion": "0.3"}, {"id": ""}, {"id": 5}, {"source": None}, {"data": None}, {"time": "soon"}]
)
def test_structured_mode_refuses_what_binary_mode_refuses(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidMessage):
        decode(structured(**changes), INTEGRATIONS)


def test_an_extension_cannot_overrule_an_attribute() -> None:
    assert read(structured(ce_id="2", id="1")).id == "1"


# ── anything at all ──────────────────────────────────────────────────────────────────────────────
NAMES = st.sampled_from([*(name for name, _ in HEADERS), "CE_ID", "ce_time", "ce_sequence", "content-type", "x"])
VALUES = st.one_of(
    st.none(),
    st.binary(max_size=40),
    st.sampled_from([value for _, value in HEADERS] + [b"application/cloudevents+json"]),
)
JSONS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.just(TYPE)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from([*BODY, "id", "data", "type"]), inner),
    max_leaves=12,
)
BYTES = st.one_of(st.none(), st.binary(), JSONS.map(lambda one: json.dumps(one).encode()))


@given(
    value=BYTES,
    headers=st.lists(st.tuples(NAMES, VALUES), max_size=8),
    timestamp_ms=st.integers(-(2**63), 2**63 - 1),
    whole=st.booleans(),
)
@settings(max_examples=400)
def test_reading_never_raises_anything_but_invalid_message(
    value: bytes | None, headers: list[tuple[str, bytes | None]], timestamp_ms: int, whole: bool
) -> None:
    given_headers = [*HEADERS, *headers] if whole else headers
    with suppress(InvalidMessage):
        assert isinstance(decode(record(value, given_headers, timestamp_ms), INTEGRATIONS), Received | Unknown)


@given(data=st.data())
@settings(max_examples=400)
def test_a_damaged_event_of_any_type_is_read_or_refused(data: st.DataObject) -> None:
    golden = data.draw(st.sampled_from(goldens()))
    raw = bytearray(golden.raw)
    for at in data.draw(st.lists(st.integers(0, len(raw) - 1), min_size=1, max_size=3)):
        raw[at] = data.draw(st.integers(0, 255))
    headers = [*HEADERS[:2], ("ce_type", golden.type.encode()), HEADERS[3]]
    with suppress(InvalidMessage):
        decode(Record(golden.topic, 0, 0, None, bytes(raw), headers, 0), BY_NAME[golden.topic])


@pytest.mark.parametrize("golden", GOLDENS)
def test_the_reason_carries_none_of_the_content(golden: Any) -> None:
    """The reason goes into a header of the dead letter and into the log; the customer's words may not."""
    topic = BY_NAME[golden.topic]
    for damaged in _with_secret(golden.json):
        headers = [*HEADERS[:2], ("ce_type", golden.type.encode()), HEADERS[3]]
        assert SECRET not in _reason(Record(topic.name, 0, 0, None, json.dumps(damaged).encode(), headers, 0), topic)


def _reason(one: Record, topic: Topic) -> str:
    try:
        decode(one, topic)
    except InvalidMessage as error:
        return str(error)
    return ""


def _with_secret(value: Any) -> list[Any]:
    """Copies of a JSON value, each with one part replaced by the secret."""
    found: list[Any] = [SECRET]
    if isinstance(value, dict):
        found += [{**value, key: inner} for key in value for inner in _with_secret(value[key])]
    elif isinstance(value, list):
        found += [[*value[:n], inner, *value[n + 1 :]] for n, one in enumerate(value) for inner in _with_secret(one)]
    return found


def test_every_type_is_found_by_its_topic_and_name() -> None:
    assert len(EVENT_TYPES) == sum(len(topic.events) for topic in TOPICS)
    assert (CONVERSATIONS.name, "switchboard.tickets.ConversationStarted.v1") in EVENT_TYPES
