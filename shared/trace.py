"""Traces by our own hand (W3C Trace Context, https://www.w3.org/TR/trace-context/#traceparent-header).

An input or command begins a trace, or goes on with its sender's. Every event that it leads to, in whichever service,
carries the same trace id; its parent id is the event's own. So one id finds a mail in every service's log.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import structlog

from shared.ids import derived

_FORM = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-.*)?")
_NOTHING = "0" * 32

_current: ContextVar[str] = ContextVar("traceparent", default="")


def trace_id(traceparent: str) -> str:
    """The trace's id, 32 hex digits; "" when there is none or the text is not a traceparent."""
    found = _FORM.fullmatch(traceparent)
    known = found is not None and not traceparent.startswith("ff") and found[1] != _NOTHING
    return found[1] if known and found else ""


def going_on(traceparent: str, correlation_id: str, event_id: str) -> str:
    """The traceparent of an event: the trace of its cause, else of the request in hand, else one of the chain that it
    belongs to. A second delivery of the same input gives the same."""
    trace = trace_id(traceparent) or trace_id(_current.get()) or _trace_of(correlation_id)
    return f"00-{trace}-{event_id.replace('-', '')[:16]}-01"


@contextmanager
def begun(traceparent: str, own_id: str) -> Iterator[str]:
    """While it lasts, log lines carry the trace's id and events belong to it. Gives the trace's id.

    `traceparent` is the caller's, "" or wrong when there is none: then the trace is that of `own_id`.
    """
    trace = trace_id(traceparent) or _trace_of(own_id)
    before = _current.set(f"00-{trace}-{trace[:16]}-01")
    try:
        with structlog.contextvars.bound_contextvars(trace_id=trace):
            yield trace
    finally:
        _current.reset(before)


def _trace_of(own_id: str) -> str:
    return derived("trace", own_id).replace("-", "")
