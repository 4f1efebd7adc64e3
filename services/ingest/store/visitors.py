"""What messenger visitors said of themselves, the latest of each."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from services.ingest.model.visitor import Identity
from shared.mongo import Database


class Visitors:
    def __init__(self, database: Database) -> None:
        self._rows = database.get_collection("visitors")

    async def remember(self, visitor_id: str, brand_id: str, identity: Identity, at: datetime) -> None:
        change = {"$set": {"brand_id": brand_id, "at": at, **asdict(identity)}}
        await self._rows.update_one({"_id": visitor_id}, change, upsert=True)

    async def identity(self, visitor_id: str) -> Identity:
        row = await self._rows.find_one({"_id": visitor_id})
        if row is None:
            return Identity()
        return Identity(row["name"], row["email"], row["external_id"], row["verified"])
