"""A lease in MongoDB: one holder at a time, each with a higher epoch than the one before.

The lease alone cannot stop a holder that was frozen and wakes up late; whoever writes elsewhere must also be
fenced there (the relay by its transactional producer, its checkpoint by the epoch).
"""

from __future__ import annotations

from datetime import timedelta

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from shared.clock import Clock
from shared.ids import random_id
from shared.mongo import Collection

TTL = timedelta(seconds=8)
RENEW_S = 2.0


class Lease:
    """One named lease. `epoch` is meaningful only after `acquire` returned True."""

    def __init__(self, collection: Collection, name: str, clock: Clock) -> None:
        self._leases = collection
        self._name = name
        self._clock = clock
        self._holder = random_id()
        self.epoch = 0

    async def acquire(self) -> bool:
        """Take it if it is free or ours; False when somebody else holds it."""
        now = self._clock()
        try:
            taken = await self._leases.find_one_and_update(
                {"_id": self._name, "$or": [{"until": {"$lte": now}}, {"holder": self._holder}]},
                {"$set": {"holder": self._holder, "until": now + TTL}, "$inc": {"epoch": 1}},
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        except DuplicateKeyError:  # it exists and the filter did not match: held by another
            return False
        self.epoch = int(taken["epoch"]) if taken else 0
        return taken is not None

    async def take_over(self) -> None:
        """Take it from whoever holds it, who learns it at the next renewal: for an operator's command."""
        taken = await self._leases.find_one_and_update(
            {"_id": self._name},
            {"$set": {"holder": self._holder, "until": self._clock() + TTL}, "$inc": {"epoch": 1}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        self.epoch = int((taken or {}).get("epoch", 0))

    async def renew(self) -> bool:
        """Hold it longer; False when it was lost."""
        result = await self._leases.update_one(
            {"_id": self._name, "holder": self._holder, "epoch": self.epoch},
            {"$set": {"until": self._clock() + TTL}},
        )
        return result.matched_count == 1

    async def release(self) -> None:
        """Let the next one take it at once."""
        await self._leases.update_one(
            {"_id": self._name, "holder": self._holder, "epoch": self.epoch}, {"$set": {"until": self._clock()}}
        )
