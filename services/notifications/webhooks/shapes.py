"""What the webhook routes take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from services.notifications.webhooks.events import EVENT_TYPES
from services.notifications.webhooks.model import Call, Endpoint, State
from shared.contracts.base import Time
from shared.http import Body

MOST = 100


def _known(name: str) -> str:
    if name not in EVENT_TYPES:
        raise ValueError("this event type is not published; GET /webhooks/event-types lists them")
    return name


def _once(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


EventType = Annotated[str, AfterValidator(_known), Field(json_schema_extra={"enum": list(EVENT_TYPES)})]
Types = Annotated[tuple[EventType, ...], Field(max_length=MOST), AfterValidator(_once)]
Brands = Annotated[
    tuple[Annotated[str, StringConstraints(min_length=1, max_length=100)], ...],
    Field(max_length=MOST),
    AfterValidator(_once),
]
Channels = Annotated[
    tuple[Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,49}$")], ...],
    Field(max_length=MOST),
    AfterValidator(_once),
]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Url = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Rate = Annotated[float, Field(ge=0.1, le=500, description="At most so many calls a second.")]


class NewEndpoint(Body):
    """`event_types` empty: it is told nothing by itself, and rules may call it. `brand_ids` empty: all brands.
    `reply_channels`: the custom channels whose customers are answered by it."""

    name: Name
    url: Url
    event_types: Types = ()
    brand_ids: Brands = ()
    reply_channels: Channels = ()
    per_second: Rate = 50.0


class ChangeEndpoint(Body):
    """What is left out stays. `seen_updated_at`: as its writer saw it; 409 `changed_meanwhile` when somebody changed it
    since. None: whatever it is now."""

    name: Name | None = None
    url: Url | None = None
    event_types: Types | None = None
    brand_ids: Brands | None = None
    reply_channels: Channels | None = None
    per_second: Rate | None = None
    seen_updated_at: Time | None = None


class Replay(Body):
    """`since` None: everything that is kept. `sent_too`: also what was taken before."""

    since: Time | None = None
    sent_too: bool = False


class Replayed(BaseModel):
    """`more`: there is more than one request replays; send it again."""

    replayed: int
    more: bool = False


class EventTypes(BaseModel):
    items: tuple[str, ...]


class EndpointRow(BaseModel):
    """`reason` says why it is disabled. `failing_since`: no call succeeded since. `old_secret_until`: two secrets
    sign until then."""

    id: str
    name: str
    url: str
    event_types: tuple[str, ...]
    brand_ids: tuple[str, ...]
    reply_channels: tuple[str, ...]
    per_second: float
    state: Literal["active", "disabled", "deleted"]
    reason: str
    failures: int
    failing_since: datetime | None
    paused_until: datetime | None
    last_status: int | None
    last_at: datetime | None
    old_secret_until: datetime | None
    created_by: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, endpoint: Endpoint) -> EndpointRow:
        health = endpoint.health
        return EndpointRow(
            **endpoint.model_dump(include=set(EndpointRow.model_fields)),
            **health.model_dump(include={"failures", "failing_since", "paused_until", "last_status", "last_at"}),
            old_secret_until=max((one.until for one in endpoint.keys if one.until), default=None),
        )


class EndpointDetail(EndpointRow):
    """With what waits for it and what is on the dead list; both are counted up to 100,000."""

    waiting: int
    dead: int
    waiting_since: datetime | None


class EndpointSecret(EndpointRow):
    """`secret` is shown here and never again."""

    secret: str


class CallRow(BaseModel):
    """`status` and `said` are of the last answer; `retry_at` when the next attempt follows."""

    id: str
    event_id: str
    event_type: str
    subject: str
    delivery_id: str | None
    state: State
    attempt: int
    retry_at: datetime | None
    status: int | None
    said: str
    reason: str
    took_ms: int | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, call: Call) -> Self:
        return cls.model_validate(call.model_dump(include=set(CallRow.model_fields)))


class CallPage(BaseModel):
    """Newest first; `next_cursor` None on the last page."""

    items: list[CallRow]
    next_cursor: str | None


class CallDetail(CallRow):
    """`body` None: the event is no longer kept."""

    body: str | None
