"""Aircall's webhooks: which step of which call one is, in our words.

https://developer.aircall.io/api-references/#webhooks: {resource, event, timestamp, token, data}. They come at least
once and in any order; `data` is the whole call as it stands. Times are Unix seconds. Fields come and go, so only
the call's id and the event's name are asked for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import phonenumbers

from services.ingest.channels.email.words import clean_line
from services.ingest.model.arrival import call_conversation_id
from shared import ids
from shared.contracts.common import Call, CallState, CallStep, Handle
from shared.contracts.ingest import CallProgressed

ACCOUNT = "aircall"
ANONYMOUS = "anonymous"

STEPS: dict[str, tuple[CallStep, CallState]] = {
    "call.created": ("created", "created"),
    "call.ringing_on_agent": ("ringing", "ringing"),
    "call.answered": ("answered", "answered"),
    "call.transferred": ("transferred", "answered"),
    "call.external_transferred": ("transferred", "answered"),
    "call.ended": ("ended", "ended"),
    "call.voicemail_left": ("voicemail", "ended"),
    "call.commented": ("commented", "ended"),
    "call.tagged": ("tagged", "ended"),
}


def input_id(payload: Mapping[str, Any]) -> str:
    """From the event, the call and everything said of it, so that a webhook sent again is the same input. The token
    is left out: it may be renewed between the two."""
    said = {key: value for key, value in payload.items() if key != "token"}
    body = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()
    return ids.derived("phone", ACCOUNT, str(payload.get("event")), call_id(payload), digest)


def call_id(payload: Mapping[str, Any]) -> str:
    """`data.id` as text, or "" when it is missing or cannot be an id."""
    found = _mapping(payload.get("data")).get("id")
    text = str(found) if isinstance(found, int | str) and not isinstance(found, bool) else ""
    return text if text.strip() and len(text) <= 100 and text.isprintable() else ""


def line_of(payload: Mapping[str, Any]) -> str:
    """Our own number that the call came in by, E.164, or ""."""
    number = _mapping(_mapping(payload.get("data")).get("number"))
    country = str(number.get("country") or "")
    return next((found for field in ("e164_digits", "digits") if (found := e164(number.get(field), country))), "")


def progress(payload: Mapping[str, Any], *, id: str, brand_id: str, line: str, received_at: datetime) -> CallProgressed:
    """The event of one webhook whose name is in `STEPS` and that has a call id."""
    step, state = STEPS[str(payload["event"])]
    data, one = _mapping(payload.get("data")), call_id(payload)
    number, user = _mapping(data.get("number")), _mapping(data.get("user"))
    if step == "transferred":
        user = _mapping(data.get("transferred_to")) or user
    caller = e164(data.get("raw_digits"), str(number.get("country") or ""))
    contact = _mapping(data.get("contact"))
    name = _text(" ".join(str(part) for key in ("first_name", "last_name") if (part := contact.get(key))))
    call = Call(
        call_id=one,
        direction="outbound" if data.get("direction") == "outbound" else "inbound",
        state=_state(state, data),
        number=caller,
        line=line,
        line_name=_text(number.get("name")),
        agent_email=_text(user.get("email")).lower(),
        agent_name=_text(user.get("name")),
        started_at=moment(data.get("started_at")),
        answered_at=moment(data.get("answered_at")),
        ended_at=moment(data.get("ended_at")),
        duration_s=_seconds(data, step),
        missed_reason=_text(data.get("missed_call_reason")),
        recording_url=_link(data.get("recording")),
        voicemail_url=_link(data.get("voicemail")),
        comments=_texts(data.get("comments"), "content"),
        tags=_texts(data.get("tags"), "name"),
    )
    return CallProgressed(
        input_id=id,
        conversation_id=call_conversation_id(ACCOUNT, one),
        brand_id=brand_id,
        account=ACCOUNT,
        caller=Handle(kind="phone", value=caller or ANONYMOUS, name=name),
        step=step,
        call=call,
        at=moment(payload.get("timestamp")) or received_at,
    )


def e164(value: Any, country: str = "") -> str:
    """A number in E.164 (ITU-T), or "" for one that is withheld or not a number."""
    text = str(value or "").strip()
    if not any(c.isdigit() for c in text) or len(text) > 60:
        return ""
    international = text.startswith(("+", "00"))
    for region in (None, country.upper() or None, "US"):
        candidate = text if international or region else f"+{text}"
        candidate = f"+{candidate[2:]}" if candidate.startswith("00") else candidate
        try:
            number = phonenumbers.parse(candidate, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number):
            return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return ""


def _state(by_step: CallState, data: Mapping[str, Any]) -> CallState:
    """A comment or tag may come while the call goes on: what the call says of itself is nearer the truth."""
    if data.get("ended_at") or data.get("status") == "done":
        return "ended"
    if by_step != "ended":
        return by_step
    return "answered" if data.get("answered_at") else by_step


def _seconds(data: Mapping[str, Any], step: CallStep) -> int | None:
    """Talk time: from answered to ended. Aircall's `duration` counts the ringing too, so it is the last resort."""
    answered, ended = moment(data.get("answered_at")), moment(data.get("ended_at"))
    if answered and ended:
        return max(0, int((ended - answered).total_seconds()))
    if ended and not answered:
        return 0
    duration = data.get("duration")
    return duration if step == "ended" and isinstance(duration, int) and 0 <= duration < 10**6 else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _text(value: Any) -> str:
    return clean_line(str(value), 300) if isinstance(value, str | int) else ""


def _texts(value: Any, field: str) -> tuple[str, ...]:
    rows: Sequence[Any] = value if isinstance(value, list) else ()
    texts = (clean_line(str(_mapping(one).get(field) or ""), 2000) for one in rows[:100])
    return tuple(text for text in texts if text)


def _link(value: Any) -> str:
    return value if isinstance(value, str) and value.startswith("https://") and len(value) <= 2000 else ""


def moment(value: Any) -> datetime | None:
    """A time of theirs: Unix seconds, or ISO 8601; None for what is none."""
    try:
        at = datetime.fromtimestamp(value, UTC) if isinstance(value, int | float) else datetime.fromisoformat(value)
        at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, OSError):
        return None
    if not 1970 <= at.year < 9999:
        return None  # the calendar's ends are no times of a call, and cannot be kept everywhere
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
