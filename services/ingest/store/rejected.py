"""Inputs that were understood well enough to be kept, but not accepted: why, raw, and whether they were replayed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pymongo import DESCENDING, IndexModel

from services.ingest.store.blobs import Blobs
from shared import ids, metrics
from shared.contracts.common import Channel
from shared.mongo import Database, Document


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """`code` is stable, `reason` a sentence. `times` counts how often the same input came."""

    id: str
    channel: Channel
    code: str
    reason: str
    at: datetime
    times: int
    size_bytes: int
    content_type: str
    envelope: dict[str, str]
    replayed_at: datetime | None
    input_id: str | None


class Rejected:
    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._rows = database.get_collection("rejected")
        self._blobs = blobs

    async def ensure_indexes(self) -> None:
        await self._rows.create_indexes([IndexModel([("at", DESCENDING), ("_id", DESCENDING)])])

    async def keep(
        self,
        channel: Channel,
        code: str,
        reason: str,
        raw: bytes,
        content_type: str,
        envelope: Mapping[str, str],
        at: datetime,
    ) -> str:
        """Keep it for inspection; the same input twice is one row. The row's id."""
        sha256 = await self._blobs.put(raw)
        one = ids.derived("rejected", channel, sha256, *(f"{k}={v}" for k, v in sorted(envelope.items())))
        known = {
            "channel": channel,
            "raw_sha256": sha256,
            "size_bytes": len(raw),
            "content_type": content_type,
            "envelope": dict(envelope),
            "replayed_at": None,
            "input_id": None,
        }
        change = {"$setOnInsert": known, "$set": {"at": at, "code": code, "reason": reason}, "$inc": {"times": 1}}
        await self._rows.update_one({"_id": one}, change, upsert=True)
        metrics.inputs.labels(channel, "rejected").inc()
        return one

    async def page(self, *, before: datetime | None, limit: int) -> list[RejectedRow]:
        """Newest first."""
        query: Document = {} if before is None else {"at": {"$lt": before}}
        return [_read(row) async for row in self._rows.find(query).sort([("at", -1), ("_id", -1)]).limit(limit)]

    async def find(self, rejected_id: str) -> RejectedRow | None:
        row = await self._rows.find_one({"_id": rejected_id})
        return None if row is None else _read(row)

    async def raw(self, rejected_id: str) -> bytes | None:
        row = await self._rows.find_one({"_id": rejected_id}, projection={"raw_sha256": 1})
        return None if row is None else await self._blobs.get(row["raw_sha256"])

    async def replayed(self, rejected_id: str, input_id: str, at: datetime) -> None:
        await self._rows.update_one({"_id": rejected_id}, {"$set": {"replayed_at": at, "input_id": input_id}})


def _read(row: Document) -> RejectedRow:
    fields = ("channel", "code", "reason", "at", "times", "size_bytes", "content_type", "envelope", "replayed_at")
    return RejectedRow(id=row["_id"], input_id=row["input_id"], **{name: row[name] for name in fields})
