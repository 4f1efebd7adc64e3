"""Product activity (CH12): `integrations.inbound.v1`'s ActivityPosted → ActivityRecorded."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.ingest.channels.aircall import e164
from services.ingest.channels.email import words
from services.ingest.channels.email.headers import address_of
from shared.contracts.activity import KEPT_FOR, NAME_CHARS, Activity, ActivityAttribute, ActivityRecorded
from shared.contracts.integrations import ActivityPosted
from shared.errors import FieldError, Invalid

AHEAD = timedelta(minutes=5)
"""How far the product's clock may be before ours."""
ID_CHARS = 200
PERSON_CHARS = 200
NEVER = "invalid_activity"
"""The code of what is wrong in itself, and stays so."""


def recorded(posted: ActivityPosted, input_id: str, now: datetime) -> ActivityRecorded:
    """The event. Raises Invalid with every place that cannot be taken as it is: an address or number that is none
    would be dropped unseen, and with it whose activity this is."""
    wrong: list[FieldError] = []

    def need(holds: bool, place: str, said: str) -> None:
        if not holds:
            wrong.append(FieldError(f"data.{place}", said))

    user = posted.user
    email, phone = address_of(user.email), e164(user.phone)
    # An id that reads like another once cleaned ("ann", "a\u200bnn") would be a way to become its owner.
    need(words.clean_line(user.id, ID_CHARS) == user.id, "user.id", "has characters that cannot be seen, or spaces")
    # Nor is a handle guessed: cleaned or completed, it may be somebody else's.
    need(email == user.email.strip().lower(), "user.email", "is no address")
    abroad = user.phone.strip().startswith(("+", "00"))
    need(bool(phone and abroad) or not user.phone.strip(), "user.phone", "is no number with its country code, as +44 …")
    name = words.clean_line(posted.name, NAME_CHARS)
    need(bool(name), "name", "has nothing that can be read")
    need(posted.at <= now + AHEAD, "at", "is in the future")
    need(posted.at > now - KEPT_FOR, "at", f"is more than {KEPT_FOR.days} days ago, and nothing older is kept")
    if wrong:
        raise Invalid(NEVER, f"{wrong[0].path} {wrong[0].message}.", tuple(wrong))
    attributes = tuple(ActivityAttribute(name=one.name, value=_clean(one.value)) for one in posted.attributes)
    return ActivityRecorded(
        input_id=input_id,
        brand_id=posted.brand,
        external_id=user.id,
        email=email,
        phone=phone,
        person=words.clean_line(user.name, PERSON_CHARS),
        activity=Activity(name=name, at=_whole_ms(posted.at), attributes=attributes),
        received_at=now,
    )


def _clean(value: bool | float | str) -> bool | float | str:
    return words.clean_text(value) if isinstance(value, str) else value


def _whole_ms(at: datetime) -> datetime:
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
