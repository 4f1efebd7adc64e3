"""The golden examples: one file or more for each version of each event, kept for ever.

`tests/contracts/<Kafka topic>/<EventName>.v<N>.json`, and `<EventName>.v<N>.<what is special>.json` for further
ones. A field that is added later gets a file of its own; a file that is there is never changed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.contracts.base import Event
from shared.topics import EVENT_TYPES, TOPICS, Topic

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Golden:
    """One example. `model` is None when the registry does not know its type (any more)."""

    path: Path
    topic: str
    type: str
    model: type[Event] | None

    @property
    def raw(self) -> bytes:
        return self.path.read_bytes()

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.raw)
        return found

    def __str__(self) -> str:
        return f"{self.topic}/{self.path.name}"


def goldens() -> list[Golden]:
    """Every example there is, known to the registry or not."""
    owners = {topic.name: topic.owner for topic in TOPICS}
    found = []
    for path in sorted(FOLDER.glob("*/*.v*.json")):
        name, version = path.name.split(".")[:2]
        topic = path.parent.name
        type_ = f"switchboard.{owners.get(topic, '?')}.{name}.{version}"
        found.append(Golden(path, topic, type_, EVENT_TYPES.get((topic, type_))))
    return found


def wanted() -> list[tuple[Topic, type[Event]]]:
    """Every event that is registered."""
    return [(topic, event) for topic in TOPICS for event in topic.events]


def file_of(topic: Topic, event: type[Event]) -> Path:
    return FOLDER / topic.name / f"{event.__name__}.v{event.VERSION}.json"


def missing_from(old: Any, new: Any, at: str = "") -> list[str]:
    """The places of `old` that `new` lacks or has with another value. What `new` has beside is passed over."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [
            place
            for key, value in old.items()
            for place in (
                missing_from(value, new[key], f"{at}.{key}".lstrip(".")) if key in new else [f"{at}.{key}".lstrip(".")]
            )
        ]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [
            place
            for n, (one, other) in enumerate(zip(old, new, strict=True))
            for place in missing_from(one, other, f"{at}.{n}")
        ]
    return [] if old == new else [at]
