"""What the checker looks at, in shapes of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Place = tuple[str, int, int]
"""A record's: topic, partition, offset."""


@dataclass(frozen=True, slots=True)
class Event:
    """A row of a service's log. `value` is a digest of the bytes to be published. The rest is tickets' alone:
    `mark` what a message, note or tag was marked with, `call` the call after it."""

    id: str
    topic: str
    key: str
    aggregate: str
    seq: int
    kind: str
    value: int
    at: float = 0.0
    brand: str = ""
    channel: str = ""
    mark: str = ""
    entry: str = ""
    message_id: str = ""
    state: str = ""
    call: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """A record that can be read; `subject` and `seq` are its place among the others of its aggregate."""

    id: str
    key: str
    subject: str
    seq: int
    value: int
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Dead:
    """A record in a dead-letter topic: where it was, and a digest of its bytes."""

    place: Place
    group: str
    value: int


@dataclass
class Evidence:
    """All of it. `logs` by service, `topics` by topic, `poison` the records that nobody can read, with their
    digests; `readers` the groups of each topic; `applied` the inputs that a service says it has taken.

    `journal` by kind. `browsers`: what is missing, twice or somebody else's, told by each browser.
    """

    journal: Mapping[str, Sequence[Mapping[str, Any]]]
    logs: Mapping[str, Sequence[Event]] = field(default_factory=dict)
    topics: Mapping[str, Sequence[Published]] = field(default_factory=dict)
    poison: Mapping[Place, int] = field(default_factory=dict)
    dead: Sequence[Dead] = ()
    readers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    applied: Mapping[str, frozenset[str]] = field(default_factory=dict)
    deliveries: Mapping[str, str] = field(default_factory=dict)
    """By entry id: sent, queued or failed."""
    rejected: int = 0

    def lines(self, kind: str) -> Sequence[Mapping[str, Any]]:
        return self.journal.get(kind, ())
