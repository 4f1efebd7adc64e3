"""One trace id from an input to everything that it leads to."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import cast

import pytest
import structlog

from shared import logs, trace

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
GIVEN = f"00-{TRACE}-00f067aa0ba902b7-01"
EVENT = "6f1c2f6e-52b9-5d5e-9a43-3d1c7a7e0b11"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (GIVEN, TRACE),
        (f"01-{TRACE}-00f067aa0ba902b7-01-what-a-later-version-adds", TRACE),
        ("", ""),
        ("00-aa-bb-01", ""),
        (f"ff-{TRACE}-00f067aa0ba902b7-01", ""),
        (f"00-{'0' * 32}-00f067aa0ba902b7-01", ""),
        (f"00-{TRACE.upper()}-00f067aa0ba902b7-01", ""),
        (f" {GIVEN}", ""),
    ],
)
def test_a_trace_id_is_read_only_from_what_the_standard_allows(text: str, expected: str) -> None:
    assert trace.trace_id(text) == expected


def test_an_event_goes_on_with_its_causes_trace_and_is_the_parent_of_what_follows() -> None:
    assert trace.going_on(GIVEN, "chain", EVENT) == f"00-{TRACE}-6f1c2f6e52b95d5e-01"


def test_without_a_trace_the_chain_has_one_and_a_second_delivery_has_the_same() -> None:
    first = trace.going_on("", "chain", EVENT)
    assert trace.trace_id(first)
    assert trace.going_on("not a trace", "chain", EVENT) == first
    assert trace.trace_id(trace.going_on(first, "another chain", "e" * 36)) == trace.trace_id(first)
    assert trace.trace_id(trace.going_on("", "another chain", EVENT)) != trace.trace_id(first)


def test_events_of_a_request_belong_to_its_trace_and_later_ones_do_not() -> None:
    with trace.begun(GIVEN, "request"):
        assert trace.trace_id(trace.going_on("", "chain", EVENT)) == TRACE
    assert trace.trace_id(trace.going_on("", "chain", EVENT)) != TRACE
    with trace.begun("nonsense", "request") as own:
        assert trace.trace_id(trace.going_on("", "chain", EVENT)) == own != TRACE


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What a service's logging writes from now on."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure("ingest", "INFO")
    into = io.StringIO()
    cast(logging.StreamHandler[io.StringIO], root.handlers[0]).setStream(into)
    yield into
    root.handlers[:] = before
    root.setLevel(level)
    structlog.contextvars.clear_contextvars()


def test_every_log_line_is_json_with_the_service_and_the_trace_a_librarys_too(written: io.StringIO) -> None:
    with trace.begun(GIVEN, "request"):
        logs.get_logger("test").info("mail accepted", input_id="i")
        logging.getLogger("some.library").warning("not %s", "structured")
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [(one["event"], one["service"], one["trace_id"]) for one in lines] == [
        ("mail accepted", "ingest", TRACE),
        ("not structured", "ingest", TRACE),
    ]
