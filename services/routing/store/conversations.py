"""Rows of conversations: who holds them and what waits for an agent. MongoDB collection `conversations`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from services.routing.model.conversation import Row
from shared.mongo import Database, replace_versions

WAITS = {"want.ready": True, "open": True}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queue in which something waits: a team's id, or an agent's when `one_agent`."""

    queue: str
    one_agent: bool


class Conversations:
    def __init__(self, database: Database) -> None:
        self._rows = database.get_collection("conversations")

    async def ensure_indexes(self) -> None:
        await self._rows.create_indexes(
            [
                IndexModel(
                    [("want.queue", ASCENDING), ("want.since", ASCENDING), ("_id", ASCENDING)],
                    name="waiting",
                    partialFilterExpression=WAITS,
                ),
                IndexModel(
                    [("agent_id", ASCENDING)],
                    name="held",
                    partialFilterExpression={"open": True, "agent_id": {"$type": "string"}},
                ),
            ]
        )

    async def read(self, ids: Collection[str], session: AsyncClientSession | None = None) -> dict[str, Row]:
        found = self._rows.find({"_id": {"$in": list(ids)}}, session=session)
        return {document["_id"]: _row(document) async for document in found}

    async def write(
        self, before: Mapping[str, Row], after: Mapping[str, Row], session: AsyncClientSession
    ) -> dict[str, Row]:
        """Save the rows that changed, one version on; all rows as they are now. Raises StaleVersion."""
        saved = dict(after)
        changes = []
        for id_, row in after.items():
            old = before.get(id_)
            if row is old:
                continue
            seq = old.seq if old else 0
            saved[id_] = row.model_copy(update={"seq": seq + 1})
            changes.append((seq, _document(saved[id_])))
        await replace_versions(self._rows, changes, session)
        return saved

    async def holders(self) -> dict[str, str]:
        """Every open conversation that an agent holds, with the agent."""
        found = self._rows.find({"open": True, "agent_id": {"$type": "string"}}, projection={"agent_id": 1})
        return {document["_id"]: document["agent_id"] async for document in found}

    async def loads(self) -> dict[str, int]:
        """How many open conversations each agent holds."""
        pipeline: list[dict[str, Any]] = [
            {"$match": {"open": True, "agent_id": {"$type": "string"}}},
            {"$group": {"_id": "$agent_id", "count": {"$sum": 1}}},
        ]
        cursor = await self._rows.aggregate(pipeline)
        return {document["_id"]: document["count"] async for document in cursor}

    async def queues(self, session: AsyncClientSession) -> list[Waiting]:
        """The queues in which something waits."""
        pipeline: list[dict[str, Any]] = [
            {"$match": WAITS},
            {"$group": {"_id": {"queue": "$want.queue", "one_agent": "$want.one_agent"}}},
        ]
        cursor = await self._rows.aggregate(pipeline, session=session)
        return [Waiting(one["_id"]["queue"], one["_id"]["one_agent"]) async for one in cursor]

    async def oldest(
        self, queue: Waiting, brands: Collection[str] | None, limit: int, session: AsyncClientSession
    ) -> Sequence[Row]:
        """Who has waited longest in a queue, of these brands (None: of all)."""
        asked: dict[str, Any] = {**WAITS, "want.queue": queue.queue, "want.one_agent": queue.one_agent}
        if brands is not None:
            asked["brand_id"] = {"$in": list(brands)}
        found = self._rows.find(asked, session=session).sort([("want.since", ASCENDING), ("_id", ASCENDING)])
        return [_row(document) async for document in found.limit(limit)]

    async def waiting(self) -> int:
        """How many wait for an agent."""
        return await self._rows.count_documents(WAITS)


def _document(row: Row) -> dict[str, Any]:
    document = row.model_dump()
    document["_id"] = document.pop("id")
    return document


def _row(document: dict[str, Any]) -> Row:
    document["id"] = document.pop("_id")
    return Row.model_validate(document)
