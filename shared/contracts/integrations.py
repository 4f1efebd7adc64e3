"""`integrations.inbound.v1`: what integrators publish. Any key. Read by ingest.

The CloudEvent's `source` and `id` together identify the input: sending it again changes nothing.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from shared.contracts.activity import ActivityAttributes, ActivityName
from shared.contracts.base import Event, Time, Value

ShortText = Annotated[str, StringConstraints(max_length=500)]


class Sender(Value):
    """Who wrote, on the integrator's channel. `id` is theirs and stable; email and phone help to find the contact."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    name: ShortText = ""
    email: ShortText = ""
    phone: ShortText = ""


class InlineFile(Value):
    """A small file inside the event, base64; larger ones are posted to ingest first."""

    name: ShortText
    content_type: ShortText = "application/octet-stream"
    data_base64: Annotated[str, StringConstraints(max_length=8_000_000)]


class MessagePosted(Event):
    """A customer wrote on a custom channel.

    `channel` names it (a slug: "whatsapp", "trustpilot"), `brand` is a brand's id, `thread` is the
    integrator's id of the thread: messages with the same channel, brand and thread are one conversation.
    """

    channel: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,49}$")]
    brand: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    thread: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    sender: Sender
    subject: ShortText = ""
    text: Annotated[str, StringConstraints(max_length=200_000)] = ""
    html: Annotated[str, StringConstraints(max_length=1_000_000)] | None = None
    files: Annotated[tuple[InlineFile, ...], Field(max_length=20)] = ()
    sent_at: Time | None = None


class ProductUser(Value):
    """Who did it: by the product's own `id` of its user, which is stable, by email or by phone; one of them at least.
    The integrator's server vouches for what it says: an address that nobody had is this user's from then on."""

    id: Annotated[str, StringConstraints(max_length=200)] = ""
    email: ShortText = ""
    phone: ShortText = ""
    name: ShortText = ""

    @model_validator(mode="after")
    def _is_somebody(self) -> Self:
        if not (self.id.strip() or self.email.strip() or self.phone.strip()):
            raise ValueError("say who it was: by id, email or phone")
        return self


class ActivityPosted(Event):
    """A customer did something in a brand's product: paid, cancelled, finished a lesson.

    `brand` is a brand's id. `attributes` are flat: texts, numbers, yes or no.
    """

    brand: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    user: ProductUser
    name: ActivityName
    at: Time
    attributes: ActivityAttributes = ()
