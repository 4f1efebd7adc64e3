"""Agents' second factors: the sealed secret of their authenticator app, and hashes of their recovery codes.

`last_step` is the last step whose code was used, so that no code is used twice, by however many at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pymongo.errors import DuplicateKeyError

from shared.errors import Conflict
from shared.mongo import Database, Document


@dataclass(frozen=True, slots=True)
class Factor:
    """`confirmed`: a code of it was right once, so it is asked for. `sealed`: the secret."""

    sealed: str
    confirmed: bool
    last_step: int
    recovery_left: int


class SecondFactorStore:
    def __init__(self, database: Database) -> None:
        self._rows = database.get_collection("second_factors")

    async def of(self, agent_id: str) -> Factor | None:
        row = await self._rows.find_one({"_id": agent_id})
        if row is None:
            return None
        return Factor(row["sealed"], row["confirmed"], row["last_step"], len(row["recovery"]))

    async def confirmed(self) -> set[str]:
        """Who has one."""
        rows = await self._rows.find({"confirmed": True}, projection={"_id": 1}).to_list(None)
        return {row["_id"] for row in rows}

    async def begin(self, agent_id: str, sealed: str) -> None:
        """One that is not confirmed yet, in place of an older such. Raises Conflict when a confirmed one is there."""
        fresh: Document = {"sealed": sealed, "confirmed": False, "last_step": 0, "recovery": []}
        try:
            await self._rows.replace_one({"_id": agent_id, "confirmed": False}, fresh, upsert=True)
        except DuplicateKeyError:
            raise Conflict("second_factor_on", "There is an authenticator app already. Remove it first.") from None

    async def confirm(self, agent_id: str, sealed: str, step: int, recovery: Sequence[str]) -> bool:
        """It is asked for from now on. `recovery`: hashes. False when somebody began or confirmed another meanwhile."""
        pending = {"_id": agent_id, "confirmed": False, "sealed": sealed}
        now = {"confirmed": True, "last_step": step, "recovery": list(recovery)}
        return (await self._rows.update_one(pending, {"$set": now})).modified_count == 1

    async def use_step(self, agent_id: str, step: int) -> bool:
        """Whether nobody used this step, or a later one, before."""
        unused = {"_id": agent_id, "confirmed": True, "last_step": {"$lt": step}}
        return (await self._rows.update_one(unused, {"$set": {"last_step": step}})).modified_count == 1

    async def use_recovery(self, agent_id: str, hashed: str) -> bool:
        """Whether it was there; it is used up by this."""
        there = {"_id": agent_id, "confirmed": True, "recovery": hashed}
        return (await self._rows.update_one(there, {"$pull": {"recovery": hashed}})).modified_count == 1

    async def replace_recovery(self, agent_id: str, recovery: Sequence[str]) -> bool:
        """Hashes of new ones; the old ones open nothing any more."""
        there = {"_id": agent_id, "confirmed": True}
        return (await self._rows.update_one(there, {"$set": {"recovery": list(recovery)}})).matched_count == 1

    async def remove(self, agent_id: str) -> bool:
        return (await self._rows.delete_one({"_id": agent_id})).deleted_count == 1
