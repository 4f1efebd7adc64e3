"""Aircall's webhooks. Emits CallProgressed (key: conversation, one call) and PhoneStatusChanged (key: the agent's
address); idempotent by what the webhook says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from services.ingest.channels import aircall, aircall_users
from services.ingest.handlers.intake import Intake
from services.ingest.model.arrival import Accepted, Arrival, Decision, Draft, entry_id
from shared import metrics
from shared.errors import Transient


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a webhook. The provider gets 200 for each: to send it again would change nothing."""

    status: Literal["accepted", "ignored", "rejected"]
    accepted: Accepted | None = None
    reason: str = ""


async def accept_webhook(intake: Intake, payload: Mapping[str, Any], raw: bytes, *, keep: bool = True) -> Outcome:
    """One webhook, durable when it returns; one whose line or call is unknown is kept with the reason (`keep`)."""
    event = str(payload.get("event"))
    if aircall_users.base_name(event) in aircall_users.STEPS:
        return await _user(intake, payload, raw, event, keep=keep)
    if event not in aircall.STEPS:
        metrics.inputs.labels("phone", "ignored").inc()
        return Outcome("ignored", reason=f"{event[:60]} changes nothing here")
    if not aircall.call_id(payload):
        return await _reject(intake, raw, "no_call_id", "data.id, the call's id, is missing.", keep=keep)
    line = aircall.line_of(payload)
    brand = intake.directory.brand_of_line(line) if line else None
    if brand is None:
        waits = intake.directory.missing()
        if waits is not None:
            raise Transient(waits)
        said = f"The line {line or 'without digits'} belongs to no brand. Add it to a brand's lines, then replay."
        return await _reject(intake, raw, "unknown_line", said, keep=keep)
    input_id = aircall.input_id(payload)
    at = intake.clock()
    progressed = aircall.progress(payload, id=input_id, brand_id=brand.brand_id, line=line, received_at=at)
    arrival = Arrival(
        id=input_id,
        channel="phone",
        account=aircall.ACCOUNT,
        brand_id=brand.brand_id,
        received_at=at,
        raw=raw,
        content_type="application/json",
        envelope={"event": event},
        correlation_id=progressed.conversation_id,
    )
    decision = Decision(progressed.conversation_id, entry_id(input_id), (progressed,))
    (accepted,) = await intake.store.accept([Draft(arrival, lambda _: decision)])
    return Outcome("accepted", accepted)


async def _user(intake: Intake, payload: Mapping[str, Any], raw: bytes, event: str, *, keep: bool) -> Outcome:
    """Who that is here, routing finds out: a user of Aircall need not be an agent."""
    if not aircall_users.email_of(payload):
        return await _reject(intake, raw, "no_user", "data.email, the user's address, is missing.", keep=keep)
    input_id = aircall.input_id(payload)
    at = intake.clock()
    changed = aircall_users.status(payload, id=input_id, received_at=at)
    arrival = Arrival(
        id=input_id,
        channel="phone",
        account=aircall.ACCOUNT,
        brand_id="",
        received_at=at,
        raw=raw,
        content_type="application/json",
        envelope={"event": event},
        correlation_id=input_id,
    )
    decision = Decision("", entry_id(input_id), (changed,))
    (accepted,) = await intake.store.accept([Draft(arrival, lambda _: decision)])
    return Outcome("accepted", accepted)


async def _reject(intake: Intake, raw: bytes, code: str, reason: str, *, keep: bool) -> Outcome:
    if keep:
        await intake.rejected.keep("phone", code, reason, raw, "application/json", {}, intake.clock())
    return Outcome("rejected", reason=reason)
