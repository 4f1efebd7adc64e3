"""The newest events of their kinds, one of each conversation: what a draft is tried on while somebody writes it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass

from services.routing.recorded import Followed, Recorded, begins, glance_at, key_of, kind_of
from services.routing.rules.facts import Moments
from services.routing.rules.names import is_called, kinds_of
from shared.contracts.common import ConversationStatus
from shared.contracts.conversations import ConversationEvent
from shared.kafka import RawRecord
from shared.settings import Settings

REACH = (50, 200, 1000)
"""Records of each partition: so far back is looked, in turn, until there are enough. The last takes about a second."""
AT_ONCE = 4
"""Readers in one process; each holds some megabytes."""


@dataclass(frozen=True, slots=True)
class Happened:
    """An event with its id; `status_before` is None when it is not known, too. `moments`: as far as was read back."""

    event_id: str
    event: ConversationEvent
    status_before: ConversationStatus | None
    moments: Moments


class Recent:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def newest(
        self, names: Collection[str], wanted: Callable[[ConversationEvent], bool], most: int
    ) -> list[Happened]:
        """At most so many conversations' newest events that rules call so and that are `wanted`, the newest first.
        Raises what Kafka raises while it is away."""
        async with self._slots, Recorded(self._settings) as recorded:
            found: list[Happened] = []
            for records in REACH:
                stretch = await recorded.tail(records)
                read = [raw async for some in recorded.read(stretch) for raw in some]
                found = _newest(recorded, read, names, wanted, most)
                if len(found) >= most or stretch.is_whole:
                    break
            return found


def _newest(
    recorded: Recorded,
    read: list[RawRecord],
    names: Collection[str],
    wanted: Callable[[ConversationEvent], bool],
    most: int,
) -> list[Happened]:
    found: dict[str, Happened] = {}
    kinds = kinds_of(names)
    latest_first = sorted(read, key=lambda raw: (raw.timestamp, raw.offset), reverse=True)
    for raw in latest_first:
        if len(found) == most:
            break
        kind, key = kind_of(raw), key_of(raw)
        if key in found or (kind is not None and kind not in kinds):
            continue
        heard = recorded.understand(raw)
        if heard is not None and is_called(heard[1], names) and wanted(heard[1]):
            before = _before(raw, read)
            after = before.after(heard[1], began=begins(raw))
            found[key] = Happened(*heard, before.status, after.moments)
    return sorted(found.values(), key=lambda one: one.event.at, reverse=True)


def _before(raw: RawRecord, read: list[RawRecord]) -> Followed:
    """Those of a conversation are all of one partition, and in order."""
    followed = Followed()
    for one in read:
        if one.key == raw.key and one.offset < raw.offset and (seen := glance_at(one)) is not None:
            followed = followed.after(seen, began=begins(one))
    return followed
