"""What happened to conversations, read again from `tickets.conversations.v1`: in no group, so nobody's place moves.

For looking back only. What the relay has not committed is passed over, and so is what cannot be read.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import ConfigDict, ValidationError

from services.routing.model.conversation import Said, moments_after
from services.routing.rules.facts import UNKNOWN, Moments
from shared import kafka
from shared.cloudevents import Unknown, decode
from shared.contracts.base import Time, Value
from shared.contracts.common import ConversationStatus
from shared.contracts.conversations import ConversationEvent, ConversationStarted
from shared.errors import InvalidMessage
from shared.kafka import RawRecord
from shared.settings import Settings
from shared.topics import CONVERSATIONS, PARTITIONS

FIRST_S = 3600
"""How far back is looked first; twice as far each time that it was not enough."""

Offsets = dict[TopicPartition, int]

_TYPES = {CONVERSATIONS.type_of(event).encode(): event.__name__ for event in CONVERSATIONS.events}


@dataclass(frozen=True, slots=True)
class Stretch:
    """From each partition the records from the one offset up to the other, which is not part of it. `is_whole`: there
    are none before it."""

    starts: Offsets
    ends: Offsets
    is_whole: bool = False


class _Part(Value):
    model_config = ConfigDict(frozen=True, extra="ignore")


class _Head(_Part):
    brand_id: str
    status: ConversationStatus


class _Actor(_Part):
    kind: str


class _Message(_Part):
    direction: str
    automatic: str | None = None


class Glance(_Part):
    """Of an event what must be known though the event itself is for nobody."""

    at: Time
    by: _Actor
    head: _Head
    message: _Message | None = None


@dataclass(frozen=True, slots=True)
class Followed:
    """What an event does not say of its conversation, as far as what came before it was read."""

    status: ConversationStatus | None = None
    moments: Moments = UNKNOWN

    def after(self, seen: Glance | ConversationEvent, *, began: bool) -> Followed:
        moved = began or (self.status is not None and seen.head.status != self.status)
        message: Said | None = getattr(seen, "message", None)
        moments = moments_after(self.moments, at=seen.at, by=seen.by.kind, message=message, moved=moved)
        return Followed(seen.head.status, moments)


class Recorded:
    """A consumer of some of the topic's partitions. Raises what Kafka raises while it is away."""

    def __init__(self, settings: Settings, partitions: Sequence[int] = range(PARTITIONS)) -> None:
        self._settings = settings
        self._consumer: AIOKafkaConsumer = kafka.reader(settings, only_committed=True, fetch_bytes=kafka.FETCH_BYTES)
        name = kafka.topic_name(settings, CONVERSATIONS.name)
        self._partitions = [TopicPartition(name, number) for number in partitions]

    async def __aenter__(self) -> Self:
        await self._consumer.start()
        self._consumer.assign(self._partitions)
        return self

    async def __aexit__(self, *_: object) -> None:
        with contextlib.suppress(Exception):
            await kafka.close(self._consumer)

    async def whole(self) -> Stretch:
        starts = await self._consumer.beginning_offsets(self._partitions)
        return Stretch(starts, await self._consumer.end_offsets(self._partitions), is_whole=True)

    async def back(self, now_ms: int) -> AsyncIterator[Stretch]:
        """The whole topic in stretches, the latest first, each as long as all before it together."""
        whole = await self.whole()
        ends, seconds = whole.ends, FIRST_S
        while any(ends[one] > whole.starts[one] for one in self._partitions):
            found = await self._consumer.offsets_for_times(
                {one: max(0, now_ms - seconds * 1000) for one in self._partitions}
            )
            starts = {
                one: max(whole.starts[one], min(ends[one], at.offset if (at := found[one]) else ends[one]))
                for one in self._partitions
            }
            yield Stretch(starts, ends)
            ends, seconds = starts, seconds * 2

    async def tail(self, records: int) -> Stretch:
        """The last records of each partition."""
        whole = await self.whole()
        starts = {one: max(whole.starts[one], end - records) for one, end in whole.ends.items()}
        return Stretch(starts, whole.ends, is_whole=starts == whole.starts)

    async def read(self, stretch: Stretch) -> AsyncIterator[Sequence[RawRecord]]:
        """Its records, some at a time; those of a partition in order."""
        left = {one for one, end in stretch.ends.items() if stretch.starts[one] < end}
        for one in left:
            self._consumer.seek(one, stretch.starts[one])
        while left:
            found: Mapping[TopicPartition, list[Any]] = await self._consumer.getmany(*left, timeout_ms=200)
            for one, records in found.items():
                yield [record for record in records if record.offset < stretch.ends[one]]
            for one in list(left):
                # The position passes the markers that end transactions, which carry no record.
                if await self._consumer.position(one) >= stretch.ends[one]:
                    left.discard(one)

    def understand(self, raw: RawRecord) -> tuple[str, ConversationEvent] | None:
        """The event's id, and the event; None when this reader cannot read it."""
        try:
            found = decode(kafka.as_record(raw, self._settings), CONVERSATIONS)
        except InvalidMessage:
            return None
        if isinstance(found, Unknown) or not isinstance(found.data, ConversationEvent):
            return None
        return found.id, found.data


def kind_of(raw: RawRecord) -> str | None:
    """Which event it is, by its header alone; None when that does not say, so that the whole must be read."""
    said = next((value for name, value in raw.headers if name == "ce_type"), None)
    return _TYPES.get(said) if said else None


def key_of(raw: RawRecord) -> str:
    """The conversation, which is the record's key."""
    return (raw.key or b"").decode(errors="replace")


def begins(raw: RawRecord) -> bool:
    """Whether a conversation begins with it."""
    return kind_of(raw) == ConversationStarted.__name__


def glance_at(raw: RawRecord) -> Glance | None:
    """A fraction of what it costs to read all of it."""
    try:
        return Glance.model_validate_json(raw.value or b"")
    except ValidationError:
        return None
