"""What became of an endpoint's calls: to look at, to choose what is replayed, and to forget."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING

from services.notifications.webhooks.model import Call, State
from services.notifications.webhooks.store.lanes import call_of
from shared.errors import NotFound
from shared.mongo import Database

MOST = 100_000


class History:
    def __init__(self, database: Database) -> None:
        self.rows = database.get_collection("webhook_calls")
        self.bodies = database.get_collection("webhook_events")

    async def get(self, endpoint_id: str, call_id: str) -> Call:
        row = await self.rows.find_one({"_id": call_id, "endpoint_id": endpoint_id})
        if row is None:
            raise NotFound("call_not_found", f"There is no delivery {call_id[:100]} to this endpoint.")
        return call_of(row)

    async def by_id(self, call_id: str) -> Call:
        row = await self.rows.find_one({"_id": call_id})
        if row is None:
            raise NotFound("call_not_found", "What was sent is no longer kept.")
        return call_of(row)

    async def body(self, call: Call) -> bytes | None:
        row = await self.bodies.find_one({"_id": call.event_id})
        return bytes(row["body"]) if row else None

    async def page(
        self, endpoint_id: str, *, state: State | None, before: tuple[datetime, str] | None, limit: int
    ) -> list[Call]:
        """Newest first; `before` is the last one seen."""
        where: dict[str, Any] = {"endpoint_id": endpoint_id}
        if state:
            where["state"] = state
        if before:
            at, last_id = before
            where["$or"] = [{"created_at": {"$lt": at}}, {"created_at": at, "_id": {"$lt": last_id}}]
        rows = self.rows.find(where).sort([("created_at", DESCENDING), ("_id", DESCENDING)]).limit(limit)
        return [call_of(row) async for row in rows]

    async def over(self, endpoint_id: str, states: Sequence[State], since: datetime | None, *, limit: int) -> list[str]:
        """Ids of calls that are over, the oldest first, for a replay."""
        where: dict[str, Any] = {"endpoint_id": endpoint_id, "state": {"$in": list(states)}}
        if since:
            where["created_at"] = {"$gte": since}
        rows = self.rows.find(where, projection={"_id": 1}).sort([("created_at", ASCENDING), ("place", ASCENDING)])
        return [row["_id"] async for row in rows.limit(limit)]

    async def counts(self, endpoint_id: str) -> tuple[int, int, datetime | None]:
        """(how many wait, how many are dead, since when the oldest one waits); nothing is counted beyond MOST."""
        of = {"endpoint_id": endpoint_id}
        waiting = await self.rows.count_documents({**of, "state": "queued"}, limit=MOST)
        dead = await self.rows.count_documents({**of, "state": "dead"}, limit=MOST)
        oldest = await self.rows.find_one({**of, "state": "queued"}, sort=[("created_at", ASCENDING)])
        return waiting, dead, oldest["created_at"] if oldest else None

    async def purge(self, endpoint_id: str) -> None:
        """Forget the calls of an endpoint that is gone."""
        await self.rows.delete_many({"endpoint_id": endpoint_id, "state": {"$ne": "queued"}})
