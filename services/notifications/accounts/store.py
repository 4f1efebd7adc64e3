"""Queries of `account_mails`: links for a new password that are to be mailed, and which were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pymongo import UpdateOne

from services.notifications.store import LEASE
from shared.contracts.accounts import PasswordResetRequested
from shared.mongo import Database, Document, expire_after

KEPT_S = 24 * 3600
"""After the link is over. Its event may come again for longer, and is passed over then."""


class AccountMails:
    """`_id` is the request's. A row that is done with has no `due_at`, and no token any more."""

    def __init__(self, database: Database) -> None:
        self.rows = database.get_collection("account_mails")

    async def ensure_indexes(self) -> None:
        await expire_after(self.rows, "expires_at", KEPT_S)

    async def accept(self, asked: Sequence[PasswordResetRequested], now: datetime) -> int:
        """Keep the requests that are new; how many there were."""
        if not asked:
            return 0
        writes = [
            UpdateOne(
                {"_id": one.request_id},
                {
                    "$setOnInsert": {
                        "agent_id": one.agent_id,
                        "expires_at": one.expires_at,
                        "sealed": one.sealed,
                        "elsewhere": one.elsewhere,
                        "due_at": now,
                    }
                },
                upsert=True,
            )
            for one in asked
        ]
        return (await self.rows.bulk_write(writes, ordered=False)).upserted_count

    async def later(self, row: Document, due_at: datetime) -> None:
        """Nothing was tried yet."""
        change = {"$set": {"due_at": due_at}, "$unset": dict.fromkeys(LEASE, "")}
        await self.rows.update_one({"_id": row["_id"]}, change)

    async def again(self, row: Document, due_at: datetime) -> None:
        """It was tried once more, in vain."""
        change = {"$set": {"due_at": due_at}, "$unset": dict.fromkeys(LEASE, ""), "$inc": {"tries": 1}}
        await self.rows.update_one({"_id": row["_id"]}, change)

    async def done(self, row: Document) -> None:
        """It left, or never will."""
        await self.rows.update_one({"_id": row["_id"]}, {"$unset": dict.fromkeys(("due_at", "sealed", *LEASE), "")})
