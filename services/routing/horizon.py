"""Up to when all that happened is known: a breach is told only when nothing that came before it is still unread.

After an outage the timers would else be quicker than the group that reads what agents did meanwhile, and say of
targets that were met that they were not.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from datetime import UTC, datetime

from shared.clock import Clock
from shared.groups import Groups
from shared.settings import Settings

ASK_S = 10.0
NEVER = datetime(1970, 1, 1, tzinfo=UTC)

Ends = Mapping[tuple[str, int], int]


class Horizon:
    """Of one group on one topic. Remembers where the log ended at a moment; once the group has acknowledged all of it,
    that moment is the horizon."""

    def __init__(self, settings: Settings, *, group: str, topic: str, clock: Clock) -> None:
        self._settings = settings
        self._group = group
        self._topic = topic
        self._clock = clock
        self._groups: Groups | None = None
        self._marked: tuple[datetime, Ends] | None = None
        self.known = NEVER

    async def until(self) -> datetime:
        """Everything published before this moment is applied. Raises what Kafka raises while it is away."""
        try:
            async with asyncio.timeout(ASK_S):
                return await self._look()
        except BaseException:
            await self.close()  # a client that has failed is not used again
            raise

    async def close(self) -> None:
        if self._groups is not None:
            groups, self._groups = self._groups, None
            with contextlib.suppress(Exception):
                await groups.close()

    async def _look(self) -> datetime:
        if self._groups is None:
            self._groups = await Groups.open(self._settings)
        now = self._clock()
        standing = await self._groups.standing(self._group, [self._topic])
        if all(one.oldest_ms is None for one in standing):
            # Nothing but the markers that end transactions is left to read.
            self.known, self._marked = now, None
            return self.known
        if self._marked and all(one.at >= self._marked[1][one.topic, one.partition] for one in standing):
            self.known, self._marked = self._marked[0], None
        if self._marked is None:
            self._marked = (now, {(one.topic, one.partition): one.end for one in standing})
        return self.known
