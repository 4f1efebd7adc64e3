"""Who is online, away or offline, and since when. MongoDB collection `availability`; the log keeps the history."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.asynchronous.client_session import AsyncClientSession

from shared.contracts.routing import AgentStatus, StatusChanged
from shared.log import Cause, Fact, Log
from shared.mongo import Client, Database, in_transaction, replace_versions
from shared.topics import AVAILABILITY


@dataclass(frozen=True, slots=True)
class Status:
    """An agent's status; `seq` 0 for one who never set it."""

    agent_id: str
    status: AgentStatus = "offline"
    reason: str = ""
    since: datetime | None = None
    seq: int = 0


class Availability:
    def __init__(self, client: Client, database: Database, log: Log) -> None:
        self._client = client
        self._rows = database.get_collection("availability")
        self._log = log

    async def all(self) -> dict[str, Status]:
        return {document["_id"]: _status(document) async for document in self._rows.find({})}

    async def get(self, agent_id: str, session: AsyncClientSession | None = None) -> Status:
        found = await self._rows.find_one({"_id": agent_id}, session=session)
        return _status(found) if found else Status(agent_id)

    async def online(self, agent_ids: Collection[str], session: AsyncClientSession) -> frozenset[str]:
        """Those of the agents who are online."""
        asked = {"_id": {"$in": list(agent_ids)}, "status": "online"}
        found = self._rows.find(asked, projection={"_id": 1}, session=session)
        return frozenset([document["_id"] async for document in found])

    async def set(self, agent_id: str, status: AgentStatus, reason: str, *, cause: Cause, now: datetime) -> Status:
        """Change it, with `StatusChanged` in the log; the same again, or the same command again, changes nothing."""

        async def work(session: AsyncClientSession) -> Status:
            before = await self.get(agent_id, session)
            if before.seq and (before.status, before.reason) == (status, reason):
                return before
            if await self._log.already_applied([cause.id], session):
                return before
            after = Status(agent_id, status, reason, now, before.seq + 1)
            await replace_versions(self._rows, [(before.seq, _document(after))], session)
            await self._log.append([_fact(after, cause, now)], session)
            await self._log.remember([cause.id], session)
            return after

        return await in_transaction(self._client, work)


def _fact(after: Status, cause: Cause, now: datetime) -> Fact:
    event = StatusChanged(agent_id=after.agent_id, seq=after.seq, at=now, status=after.status, reason=after.reason)
    return Fact.of(0, cause, AVAILABILITY, after.agent_id, after.agent_id, after.seq, now, event)


def _document(status: Status) -> dict[str, Any]:
    return {
        "_id": status.agent_id,
        "seq": status.seq,
        "status": status.status,
        "reason": status.reason,
        "since": status.since,
    }


def _status(document: dict[str, Any]) -> Status:
    return Status(document["_id"], document["status"], document["reason"], document["since"], document["seq"])
