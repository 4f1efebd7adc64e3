"""Who has what, now: open conversations by brand, channel, team and agent, and since when somebody waits.

Read from the same index as the sidebar's counts, which covers it: no document is read. However many ask, it is read
once a second at most; on a desk where that takes long, it takes no more than a fifth of the time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.mongo import Collection, Document
from shared.scope import Standing

EVERY_S = 1.0
SHARE = 5
"""The pause is at least this many times as long as the reading."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_WAITS: Document = {"$gt": ["$waiting_since", _EPOCH]}
_GROUP: Document = {
    "_id": {"brand": "$brand_id", "channel": "$channel", "team": "$team_id", "agent": "$assignee_id"},
    "open": {"$sum": 1},
    "waiting": {"$sum": {"$cond": [_WAITS, 1, 0]}},
    "oldest": {"$min": {"$cond": [_WAITS, "$waiting_since", None]}},
}


@dataclass(frozen=True, slots=True)
class Load:
    """`open` conversations, of which in `waiting` a customer waits, in one of them since `oldest`."""

    open: int = 0
    waiting: int = 0
    oldest: datetime | None = None

    def __add__(self, other: Load) -> Load:
        known = [one for one in (self.oldest, other.oldest) if one is not None]
        return Load(self.open + other.open, self.waiting + other.waiting, min(known, default=None))


@dataclass(frozen=True, slots=True)
class Held:
    """What is open at one place, of one agent or of nobody. Spam is not in it."""

    at: Standing
    load: Load


class Holdings:
    def __init__(self, conversations: Collection) -> None:
        self._conversations = conversations
        self._one_at_a_time = asyncio.Lock()
        self._kept: Sequence[Held] = ()
        self._good_until = float("-inf")

    async def now(self) -> Sequence[Held]:
        """All of the desk, whoever asks; a second old at most."""
        async with self._one_at_a_time:
            began_at = time.monotonic()
            if began_at >= self._good_until:
                self._kept = await self._read()
                took_s = time.monotonic() - began_at
                self._good_until = began_at + max(EVERY_S, SHARE * took_s)
            return self._kept

    async def _read(self) -> list[Held]:
        match = {"$match": {"status": "open", "spam": False}}
        rows = await self._conversations.aggregate([match, {"$group": _GROUP}], hint="inbox_counts", batchSize=20_000)
        return [
            Held(
                Standing(at["brand"], at["channel"], at.get("team"), at.get("agent")),
                Load(row["open"], row["waiting"], row["oldest"]),
            )
            async for row in rows
            if (at := row["_id"])
        ]
