"""An agent's status as the phone system tells it: whether it is news, an echo of our own, or too old. Pure.

What we tell Aircall comes back as a webhook. Such an echo is known by what we told, and changes nothing; and what is
taken from Aircall is never told back (`StatusChanged.source`), so the two cannot go round in a circle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.contracts.routing import AgentStatus
from shared.phone_status import PhoneStatus, agrees, here, in_aircall

ECHO = timedelta(seconds=60)
"""How long after it was set here a status may still be told of as new by Aircall."""
OVERTAKEN = timedelta(seconds=5)
"""The same, once a later status of ours was told."""
TOLD_KEPT = 8
WHOLE_SECOND = timedelta(seconds=1)
"""Aircall's times have no parts of a second."""


@dataclass(frozen=True, slots=True)
class Told:
    """A status that was set at the desk, as Aircall hears of it. A webhook that says the same and carries a time up to
    `until` is its echo."""

    phone: PhoneStatus
    until: datetime


@dataclass(frozen=True, slots=True)
class Heard:
    """What to do with a status from the phone system: take it, or why not; and what may still come back."""

    status: AgentStatus | None
    reason: str
    told: tuple[Told, ...]
    ignored: str = ""


def remember(told: Sequence[Told], status: AgentStatus, reason: str, now: datetime) -> tuple[Told, ...]:
    """What may come back after a status was set at the desk."""
    return (*_up_to(told, now + OVERTAKEN), Told(in_aircall(status, reason), now + ECHO))[-TOLD_KEPT:]


def decide_phone(
    status: AgentStatus,
    reason: str,
    as_of: datetime | None,
    told: Sequence[Told],
    phone: PhoneStatus,
    at: datetime,
) -> Heard:
    """`status`, `reason`: as the agent is here; `as_of`: since when, by the clock of whoever set it. `at` is when it
    became so in the phone system."""
    echoed = next((n for n, one in enumerate(told) if _is_echo(one.phone, phone) and at <= one.until), None)
    after = tuple(told) if echoed is None else _still_to_come(told[echoed:], phone)
    if agrees(status, reason, phone):
        return Heard(None, "", after, "nothing_new")
    if echoed is not None:
        return Heard(None, "", after, "echo")
    if as_of is not None and at + WHOLE_SECOND <= as_of:
        return Heard(None, "", after, "older")
    wanted, why = here(phone)
    return Heard(wanted, why, _up_to(after, at))


def _is_echo(told: PhoneStatus, heard: PhoneStatus) -> bool:
    """An unavailable user is told of twice, at first without the substatus: that one comes back too."""
    return told == heard or (not told.available and not heard.available and heard.substatus == "")


def _still_to_come(told: Sequence[Told], heard: PhoneStatus) -> tuple[Told, ...]:
    """What is waited for after an echo of the first: it too, when only its half without the substatus has come. The
    other half may be overtaken by what somebody chooses in Aircall, and must not undo that."""
    return tuple(told) if told[0].phone != heard else tuple(told[1:])


def _up_to(told: Sequence[Told], until: datetime) -> tuple[Told, ...]:
    """From `until` on, Aircall says something else than these."""
    return tuple(Told(one.phone, min(one.until, until)) for one in told)
