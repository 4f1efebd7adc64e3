"""Values of calls that agents start: the one asked for last, how a request ended, what an attempt came to."""

from __future__ import annotations

from typing import Literal

from shared.contracts.base import Id, Time, Value

CallOutcome = Literal["reached", "no_answer", "voicemail", "busy", "wrong_number"]
"""What an agent notes of an attempt to reach somebody by phone."""

DialState = Literal["requested", "dialed", "failed", "unknown"]
"""unknown: we asked the phone system and did not hear its answer, so it may have dialled."""

DialCode = Literal[
    "",
    "no_account",
    "account_refused",
    "unknown_user",
    "line_not_theirs",
    "not_available",
    "wrong_number",
    "rate_limited",
    "not_reached",
    "too_late",
    "refused",
    "not_known",
]
"""Why there is no call, stable; "" when there is one."""


class Dial(Value):
    """The call that an agent asked for last: whom to call (`number`) from which line of ours, both E.164.

    `reason` is a sentence when there is no call; `retry_at` when the phone system takes requests again.
    """

    request_id: Id
    number: str
    line: str
    agent_id: Id
    state: DialState = "requested"
    code: DialCode = ""
    reason: str = ""
    asked_at: Time
    retry_at: Time | None = None
