"""Phone calls: whatever order the webhooks come in, and however often, one Call comes out.

Aircall sends at least once and out of order (https://developer.aircall.io/api-references/#webhooks),
so merging takes the further state, the earliest start and answer, the latest end, and fills what is empty.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.tickets.model.state import whole_ms
from shared.contracts.common import Call, CallStep

_RANK = {"created": 0, "ringing": 1, "answered": 2, "ended": 3}
_TEXTS = ("number", "line", "line_name", "agent_email", "agent_name", "missed_reason", "recording_url", "voicemail_url")
_LATER_WINS: frozenset[CallStep] = frozenset({"transferred", "ended"})
"""Steps that know better than others who has the call: after a transfer it is somebody else."""


def tidy(call: Call) -> Call:
    """A webhook's call in the form that is kept: whole milliseconds, tags in order."""
    times = {name: getattr(call, name) for name in ("started_at", "answered_at", "ended_at")}
    cut: dict[str, Any] = {name: whole_ms(at) for name, at in times.items() if at is not None}
    return call.model_copy(update=cut | {"tags": tuple(sorted(set(call.tags)))})


def merge(known: Call, step: CallStep, heard: Call) -> Call:
    """Everything known after one more webhook; never less than before."""
    changes: dict[str, Any] = {
        "state": max(known.state, heard.state, key=_RANK.__getitem__),
        "started_at": _earliest(known.started_at, heard.started_at),
        "answered_at": _earliest(known.answered_at, heard.answered_at),
        "ended_at": _latest(known.ended_at, heard.ended_at),
        "comments": _union(known.comments, heard.comments),
        "tags": tuple(sorted({*known.tags, *heard.tags})),
    }
    if heard.duration_s is not None:
        changes["duration_s"] = max(known.duration_s or 0, heard.duration_s)
    for name in _TEXTS:
        old, new = getattr(known, name), getattr(heard, name)
        if new and (not old or step in _LATER_WINS):
            changes[name] = new
    return known.model_copy(update=changes)


def before(one: Call, other: Call) -> bool:
    """Whether one call began before another."""
    return one.started_at is not None and other.started_at is not None and one.started_at < other.started_at


def missed(call: Call | None) -> bool:
    """Whether somebody called and waits for us: nobody answered, or a voicemail was left."""
    if call is None or call.direction != "inbound":
        return False
    return bool(call.voicemail_url) or (call.state == "ended" and call.answered_at is None)


def call_line(call: Call) -> str:
    """A call in one line of the list."""
    if call.voicemail_url:
        return "Voicemail"
    if call.state == "ended":
        if call.answered_at is None:
            return "Missed call" if call.direction == "inbound" else "Call not answered"
        minutes, seconds = divmod(call.duration_s or 0, 60)
        return f"Call, {minutes} min {seconds:02d} s" if minutes else f"Call, {seconds} s"
    if call.state == "answered":
        return f"On the phone with {call.agent_name}" if call.agent_name else "On the phone"
    return "Incoming call" if call.direction == "inbound" else "Outgoing call"


def _earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(one, other) if one and other else one or other


def _latest(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(one, other) if one and other else one or other


def _union(known: tuple[str, ...], heard: tuple[str, ...]) -> tuple[str, ...]:
    """Both, each once, the longer list's order first: later webhooks repeat what earlier ones said."""
    longer, shorter = (known, heard) if len(known) >= len(heard) else (heard, known)
    return tuple(dict.fromkeys((*longer, *shorter)))
