"""What a call that an agent asked for is, and what Aircall's answers mean. Pure: times are passed in.

A call is dialled at most once. Before Aircall is asked the row says so ("dialing"); whoever finds such a row whose
holder died does not ask again, but says that it is not known whether there is a call.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Literal

from shared.contracts.base import Time, Value
from shared.contracts.conversations import CallRequested
from shared.contracts.deliveries import CallDialed, CallDialFailed
from shared.contracts.phone import DialCode

FRESH = timedelta(seconds=60)
"""An agent waits by the phone no longer: a call that begins later would startle the agent and the customer."""
LIMIT_WAIT = timedelta(seconds=60)
"""Aircall's limit is by the minute (https://developer.aircall.io/api-references/#rate-limiting)."""

State = Literal["queued", "dialing", "dialed", "failed", "unknown"]


class Dialing(Value):
    """A row of `dials`, by the request's id. `due_at` None: it is over. `seq` is the row's version."""

    id: str
    seq: int = 1
    conversation_id: str
    number: str
    line: str
    agent_id: str
    state: State = "queued"
    code: DialCode = ""
    reason: str = ""
    retry_at: Time | None = None
    asked_at: Time
    due_at: Time | None
    correlation_id: str
    traceparent: str = ""


class Verdict(Value):
    """How a request ended. `known` False: Aircall may have dialled, its answer did not reach us."""

    dialed: bool = False
    known: bool = True
    code: DialCode = ""
    reason: str = ""
    retry_at: Time | None = None


DIALED = Verdict(dialed=True)
NO_ACCOUNT = Verdict(
    code="no_account",
    reason="No Aircall account is set up. An admin sets SWITCHBOARD_AIRCALL_API_ID and SWITCHBOARD_AIRCALL_API_TOKEN.",
)
NOT_KNOWN = Verdict(
    known=False,
    code="not_known",
    reason="It is not known whether Aircall dialled. Look at your phone before you call again.",
)
TOO_LATE = Verdict(code="too_late", reason="Not dialled: the request was held up for over a minute. Call again.")


def wanted(event: CallRequested, *, correlation_id: str, traceparent: str, now: datetime) -> Dialing:
    return Dialing(
        id=event.request_id,
        conversation_id=event.conversation_id,
        number=event.number,
        line=event.line,
        agent_id=event.agent_id,
        asked_at=event.at,
        due_at=now,
        correlation_id=correlation_id,
        traceparent=traceparent,
    )


def before_asking(row: Dialing, now: datetime) -> Verdict | None:
    """Why Aircall is not to be asked; None: ask."""
    if row.state == "dialing":
        return NOT_KNOWN
    return TOO_LATE if now - row.asked_at > FRESH else None


def judge(status: int, headers: Mapping[str, str], now: datetime) -> Verdict:
    """What Aircall's answer to "start an outbound call" means
    (https://developer.aircall.io/api-references/#start-an-outbound-call)."""
    if 200 <= status < 300:
        return DIALED
    if status == 429:
        return limited(headers, now)
    if status >= 500:
        return NOT_KNOWN
    if status in (401, 403):
        return Verdict(code="account_refused", reason="Aircall refuses this desk's API key. An admin must renew it.")
    if status in (405, 480):
        said = "You are not available in Aircall, or on a call. Open Aircall, end the call, and try again."
        return Verdict(code="not_available", reason=said)
    if status in (400, 422):
        return Verdict(code="wrong_number", reason="Aircall cannot call this number. Check it and try again.")
    if status == 404:
        return Verdict(code="unknown_user", reason="Aircall does not know you any more. An admin adds you there.")
    return Verdict(code="refused", reason=f"Aircall refused the call (HTTP {status}).")


def limited(headers: Mapping[str, str], now: datetime) -> Verdict:
    at = retry_at(headers, now)
    wait_s = max(1, round((at - now).total_seconds()))
    said = f"Aircall takes no more requests for {wait_s} s. Call again after that."
    return Verdict(code="rate_limited", reason=said, retry_at=at)


def retry_at(headers: Mapping[str, str], now: datetime) -> datetime:
    """When Aircall takes requests again: `Retry-After` in seconds, or its own `X-AircallApi-Reset` (Unix seconds,
    by some accounts milliseconds). Never over a few minutes away, whatever they say."""
    after, reset = headers.get("retry-after", ""), headers.get("x-aircallapi-reset", "")
    if after.isascii() and after.isdigit():
        wait_s = float(after[:9])
    elif reset.isascii() and reset.isdigit():
        at_s = float(reset[:15])
        wait_s = (at_s / 1000 if at_s > 1e11 else at_s) - now.timestamp()
    else:
        wait_s = LIMIT_WAIT.total_seconds()
    at = now + timedelta(seconds=min(max(wait_s, 1.0), 300.0))
    return at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)


def ended(row: Dialing, verdict: Verdict, now: datetime) -> tuple[Dialing, CallDialed | CallDialFailed]:
    """The row after it is over, and the one event that tells of it."""
    state: State = "dialed" if verdict.dialed else "failed" if verdict.known else "unknown"
    after = row.model_copy(
        update={
            "seq": row.seq + 1,
            "state": state,
            "code": verdict.code,
            "reason": verdict.reason,
            "retry_at": verdict.retry_at,
            "due_at": None,
        }
    )
    about = {"request_id": row.id, "conversation_id": row.conversation_id, "seq": 1, "at": now, "number": row.number}
    if verdict.dialed:
        return after, CallDialed.model_validate(about)
    failed = {"code": verdict.code, "known": verdict.known, "reason": verdict.reason, "retry_at": verdict.retry_at}
    return after, CallDialFailed.model_validate(about | failed)
