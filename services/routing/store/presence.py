"""Time in each status, and where agents are. The spans are written with the status itself.

Collections: `status_spans` (one row for each status that an agent was in, for ever), `agent_places`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from services.routing.model.presence import Span
from shared.contracts.routing import AgentStatus
from shared.mongo import Database, Document


@dataclass(frozen=True, slots=True)
class Place:
    """Where an agent's clock is (an IANA name, "" when they never said), and whether nobody else may know."""

    time_zone: str = ""
    hidden: bool = False


class Presence:
    def __init__(self, database: Database) -> None:
        self._spans = database.get_collection("status_spans")
        self._places = database.get_collection("agent_places")

    async def ensure_indexes(self) -> None:
        lasting = {"partialFilterExpression": {"lasts": True}, "unique": True}
        await self._spans.create_indexes(
            [
                IndexModel([("agent_id", ASCENDING), ("since", ASCENDING), ("seq", ASCENDING)]),
                IndexModel([("agent_id", ASCENDING)], name="lasting", **lasting),
            ]
        )

    # ── statuses over time ───────────────────────────────────────────────────────────────────────
    async def begin(
        self, agent_id: str, seq: int, status: AgentStatus, reason: str, now: datetime, session: AsyncClientSession
    ) -> None:
        """A status begins with the change `seq`, and the one that lasted until now ends."""
        ended = {"$set": {"until": now}, "$unset": {"lasts": ""}}
        await self._spans.update_one({"agent_id": agent_id, "lasts": True}, ended, session=session)
        row = {"_id": f"{agent_id}:{seq}", "agent_id": agent_id, "seq": seq, "status": status, "reason": reason}
        await self._spans.insert_one({**row, "since": now, "until": None, "lasts": True}, session=session)

    async def spans(self, agent_id: str, start: datetime, end: datetime) -> list[Span]:
        """Those that an agent was in between the two, in order; the first may have begun before."""
        back, on = [("since", DESCENDING), ("seq", DESCENDING)], [("since", ASCENDING), ("seq", ASCENDING)]
        earlier = self._spans.find({"agent_id": agent_id, "since": {"$lte": start}}).sort(back)
        within = self._spans.find({"agent_id": agent_id, "since": {"$gt": start, "$lt": end}}).sort(on)
        rows = [*await earlier.limit(1).to_list(None), *await within.to_list(None)]
        return [Span(row["status"], row["reason"], row["since"], row["until"]) for row in rows]

    # ── where they are ───────────────────────────────────────────────────────────────────────────
    async def place(self, agent_id: str) -> Place:
        found = await self._places.find_one({"_id": agent_id})
        return _place(found) if found else Place()

    async def places(self) -> dict[str, Place]:
        return {row["_id"]: _place(row) async for row in self._places.find({})}

    async def keep_place(self, agent_id: str, place: Place) -> None:
        row = {"_id": agent_id, "time_zone": place.time_zone, "hidden": place.hidden}
        await self._places.replace_one({"_id": agent_id}, row, upsert=True)


def _place(row: Document) -> Place:
    return Place(row["time_zone"], row["hidden"])
