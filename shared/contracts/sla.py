"""Service levels: targets that begin, move, warn and end.

On `routing.decisions.v1` (key: conversation id) those of a conversation: `seq` counts its events of this kind from 1
without a gap, each carries `targets`, all that stand after it, so that the last one alone says how things are.
On `routing.tickets.v1` (key: ticket id) the one of a ticket.
"""

from __future__ import annotations

from typing import Literal

from shared.contracts.base import Event, Id, Time, Value

SlaKind = Literal["first_response", "next_response", "close", "resolution"]
"""`resolution` is a ticket's, the others are a conversation's."""
SlaState = Literal["running", "paused", "warned", "breached"]
MovedBy = Literal["paused", "resumed", "policy"]
EndedBy = Literal["closed", "spam", "policy"]
SlaChange = Literal["started", "paused", "resumed", "policy", "warned", "breached", "met", "ended"]
"""`policy`: another policy counts it now."""


class PolicyRef(Value):
    """A policy as it was when it was applied."""

    id: Id
    name: str
    version: int


class CalendarRef(Value):
    id: Id
    version: int


class SlaTarget(Value):
    """A target that was not reached yet. `due_at` and `warn_at` are None while it stands still, then `left_s` is the
    working time that remains. A breached target keeps its `due_at`. `calendar` None: all time counts."""

    kind: SlaKind
    state: SlaState
    policy: PolicyRef
    calendar: CalendarRef | None = None
    goal_s: int
    started_at: Time
    due_at: Time | None = None
    warn_at: Time | None = None
    left_s: int | None = None


class SlaEvent(Event):
    """What all of them carry. `target` is the one that this is about, as it was just after, or at its end."""

    conversation_id: Id
    seq: int
    at: Time
    target: SlaTarget
    targets: tuple[SlaTarget, ...] = ()


class SlaStarted(SlaEvent):
    """The time runs."""


class SlaMoved(SlaEvent):
    """It is due at another time: it stands still or goes on, or the conversation came under another policy."""

    reason: MovedBy


class SlaWarned(SlaEvent):
    """Little of the time is left."""


class SlaBreached(SlaEvent):
    """The time is over and the target was not reached."""


class SlaMet(SlaEvent):
    """The target was reached; `late`: after its time."""

    late: bool = False


class SlaEnded(SlaEvent):
    """Nobody waits for it any more, though it was not reached."""

    reason: EndedBy


class TicketSlaChanged(Event):
    """What became of the time to resolve a ticket. `target` is as it was just after, or at its end (`met`, `ended`:
    nothing is to be reached any more). `late`: it was met after its time. `seq` counts from 1 without a gap."""

    ticket_id: Id
    seq: int
    at: Time
    change: SlaChange
    target: SlaTarget
    late: bool = False
