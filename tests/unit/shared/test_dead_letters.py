"""Dead letters: the record as it was, why it is there, and not too many a minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from aiokafka import ConsumerRecord

from shared.cloudevents import Record
from shared.dead_letters import Allowance, headers_of
from shared.redrive import Filter, why

AT = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


def letter(reason: str = "failed", error: str = "KeyError", at: datetime = AT) -> ConsumerRecord[bytes, bytes]:
    record = Record("ingest.messages.v1", 3, 42, b"k", b"v", [("ce_id", b"1"), ("x", None), ("dlq_reason", b"old")], 0)
    headers = headers_of(record, group="tickets.conversations", reason=reason, error=error, at=at)
    return ConsumerRecord(
        topic="t",
        partition=0,
        offset=0,
        timestamp=int(at.timestamp() * 1000),
        timestamp_type=0,
        key=b"k",
        value=b"v",
        checksum=None,
        serialized_key_size=1,
        serialized_value_size=1,
        headers=tuple(headers),
    )


def test_headers_say_where_it_came_from_and_why_it_is_here() -> None:
    found = letter()
    said = {name: why(found, name) for name in ("topic", "partition", "offset", "group", "reason", "error", "at")}
    assert said == {
        "topic": "ingest.messages.v1",
        "partition": "3",
        "offset": "42",
        "group": "tickets.conversations",
        "reason": "failed",
        "error": "KeyError",
        "at": "2026-05-04T09:00:00+00:00",
    }


def test_its_own_headers_are_kept_and_a_null_is_remembered() -> None:
    found = letter()
    own = [(name, value) for name, value in found.headers if not name.startswith("dlq_")]
    assert own == [("ce_id", b"1"), ("x", b"")]
    assert why(found, "null_headers") == "x"


def test_a_second_death_has_one_reason() -> None:
    assert [value for name, value in letter().headers if name == "dlq_reason"] == [b"failed"]


def test_a_long_reason_is_cut() -> None:
    assert len(why(letter(error="x" * 10_000), "error")) == 500


@pytest.mark.parametrize(
    ("only", "taken"),
    [
        (Filter(), True),
        (Filter(reason="failed"), True),
        (Filter(reason="invalid"), False),
        (Filter(contains="Key"), True),
        (Filter(contains="Zero"), False),
        (Filter(since=AT), True),
        (Filter(since=AT + timedelta(seconds=1)), False),
        (Filter(reason="failed", contains="Zero"), False),
    ],
)
def test_a_filter_takes_what_it_says(only: Filter, taken: bool) -> None:
    assert only.takes(letter()) is taken


def test_a_consumer_may_make_so_many_a_minute_and_then_evenly() -> None:
    allowance = Allowance(60, 100.0)
    assert [allowance.spend(100.0) for _ in range(61)] == [True] * 60 + [False]
    assert [allowance.spend(now) for now in (100.5, 101.0, 101.1, 102.0)] == [False, True, False, True]
    assert sum(allowance.spend(10_000.0) for _ in range(100)) == 60
