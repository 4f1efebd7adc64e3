"""Records as a service's relay publishes them, for who plays the service."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shared import clock, kafka
from shared.cloudevents import encode_headers
from shared.contracts.base import Event
from shared.settings import Settings
from shared.topics import Topic


def record(
    settings: Settings, topic: Topic, key: str, event: Event, *, id_: str, at: datetime | None = None, seq: int = 1
) -> dict[str, Any]:
    """What a producer's `send` is given. `at` None: now."""
    headers = encode_headers(
        id=id_,
        type=topic.type_of(type(event)),
        source="/switchboard/test",
        subject=key,
        time=at or clock.now(),
        sequence=seq,
        correlation_id=id_,
        causation_id=id_,
        traceparent="",
    )
    name = kafka.topic_name(settings, topic.name)
    return {"topic": name, "key": key.encode(), "value": event.model_dump_json().encode(), "headers": headers}
