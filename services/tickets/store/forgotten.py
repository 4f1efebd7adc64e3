"""Addresses that somebody typed as those of accounts whose password they lost, until it was looked whose they are.

A row is written for every address alike, so that neither the answer nor how long it takes says who has an account.
"""

from __future__ import annotations

from pymongo.asynchronous.client_session import AsyncClientSession

from shared.clock import Clock
from shared.mongo import Database


class ForgottenStore:
    """`_id` is the address; timers claim the rows by lease."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.rows = database.get_collection("forgotten_passwords")
        self._clock = clock

    async def ask(self, email: str) -> None:
        """Once, however often it is asked before it was looked at."""
        await self.rows.update_one({"_id": email}, {"$setOnInsert": {"due_at": self._clock()}}, upsert=True)

    async def take(self, email: str, session: AsyncClientSession) -> bool:
        """It is looked at now. False: somebody else did."""
        return (await self.rows.delete_one({"_id": email}, session=session)).deleted_count == 1
