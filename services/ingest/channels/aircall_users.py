"""Aircall's webhooks about users: who became available, or no longer is.

https://developer.aircall.io/api-references/#user-events, as `user.opened` and as `user.opened.v2`. Somebody becomes
available or not by their own choice, by us, or by their working hours, which Aircall keeps in the user's time zone:
the webhook says only what is so now, and when, in Unix seconds. That Aircall's app was opened or closed
(`user.connected`, `user.disconnected`) and wrap-up after a call change no status here.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.ingest.channels.aircall import ACCOUNT, moment
from services.ingest.channels.email.words import clean_line
from shared.contracts.agents import PhoneStatusChanged

STEPS = {"user.opened": True, "user.closed": False}


def base_name(event: str) -> str:
    """The event without its version."""
    return event.removesuffix(".v2")


def email_of(payload: Mapping[str, Any]) -> str:
    """The user's address, lower case, or "" when there is none that could be one."""
    data = payload.get("data")
    found = data.get("email") if isinstance(data, Mapping) else None
    text = found.strip().lower() if isinstance(found, str) else ""
    return text if "@" in text and len(text) <= 320 and text.isprintable() and " " not in text else ""


def status(payload: Mapping[str, Any], *, id: str, received_at: datetime) -> PhoneStatusChanged:
    """The event of one webhook whose `base_name` is in `STEPS` and that names a user.

    What the user object says of itself counts more than the event's name: of two webhooks that overtook each other,
    both then say what is so.
    """
    data = payload["data"]
    said = data.get("availability_status")
    available = STEPS[base_name(str(payload["event"]))]
    if said in ("available", "unavailable"):
        available = said == "available"
    substatus = data.get("substatus")
    return PhoneStatusChanged(
        input_id=id,
        account=ACCOUNT,
        email=email_of(payload),
        available=available,
        substatus=clean_line(substatus, 60) if isinstance(substatus, str) and not available else "",
        at=moment(payload.get("timestamp")) or received_at,
    )
