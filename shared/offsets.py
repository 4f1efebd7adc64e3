"""Acknowledgements on their way to the broker: the first at once, those that follow soon after together.

A commit for each batch made five groups at a hundred events a second the broker's largest part of work, and each
batch wait for the one before. What is applied and not yet committed when a process dies is read again and changes
nothing, so EVERY_S costs no promise.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping

from shared.kafka import TopicPartition

EVERY_S = 1.0

Positions = Mapping[TopicPartition, int]


class Offsets:
    """Of one member of one group. One commit at a time: of two at once the first, tried until the broker is back, could
    end after the second, and a quiet partition would stay behind for ever.

    `commit` says whether the broker has them; it must not raise for a broker that is away. `mine` are the partitions
    that the member reads now: a batch that was fetched before it lost one is handled after it, and a commit with a
    lost one in it is refused as a whole, for ever.
    """

    def __init__(
        self,
        commit: Callable[[dict[TopicPartition, int]], Awaitable[bool]],
        mine: Callable[[], Collection[TopicPartition]],
    ) -> None:
        self._commit = commit
        self._mine = mine
        self._pending: dict[TopicPartition, int] = {}
        self._committed: dict[TopicPartition, int] = {}
        self._one_at_a_time = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    def add(self, handled: Positions) -> None:
        """What is below these positions is durable."""
        self._pending |= handled
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._commit_all(), name="offsets")

    def catch_up(self, positions: Positions) -> None:
        """All below the positions is durable, and nothing is in hand: what no commit has said yet is said, or again."""
        behind = {one: at for one, at in positions.items() if at > self._committed.get(one, -1)}
        if behind:
            self.add(behind)

    async def flush(self) -> None:
        """All that was added is committed when this returns, or could not be."""
        async with self._one_at_a_time:
            mine = self._mine()
            pending, self._pending = {one: at for one, at in self._pending.items() if one in mine}, {}
            if not pending:
                return
            if await self._commit(pending):
                self._committed |= pending
            else:
                self._pending = pending | self._pending

    async def forget(self, partitions: Iterable[TopicPartition]) -> None:
        """Somebody else reads them now: a commit that is still tried would set them back."""
        await self.close()
        for one in partitions:
            self._pending.pop(one, None)
            self._committed.pop(one, None)
        if self._pending:
            self.add({})

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _commit_all(self) -> None:
        while self._pending:
            await self.flush()
            await asyncio.sleep(EVERY_S)
