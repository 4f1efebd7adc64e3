"""Who is online, away or offline, and since when. MongoDB collection `availability`; `presence` has what was before."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pymongo.asynchronous.client_session import AsyncClientSession

from services.routing.model.phone import Told, decide_phone, remember
from services.routing.store.presence import Presence
from shared.contracts.routing import AgentStatus, NewReplies, StatusChanged, StatusSource
from shared.log import Cause, Fact, Log
from shared.mongo import Client, Database, in_transaction, replace_versions
from shared.phone_status import PhoneStatus
from shared.topics import AVAILABILITY


@dataclass(frozen=True, slots=True)
class Status:
    """An agent's status; `seq` 0 for one who never set it."""

    agent_id: str
    status: AgentStatus = "offline"
    reason: str = ""
    since: datetime | None = None
    seq: int = 0
    as_of: datetime | None = None
    told: tuple[Told, ...] = ()
    replies: NewReplies = "hold"
    """`as_of`: since when by the phone system's clock, where it comes from there. `told`: what was set here lately, as
    it may come back from the phone system. `replies`: what happens to new ones while they are away."""


class Availability:
    def __init__(self, client: Client, database: Database, log: Log, presence: Presence) -> None:
        self._client = client
        self._presence = presence
        self._rows = database.get_collection("availability")
        self._log = log

    async def all(self) -> dict[str, Status]:
        return {document["_id"]: _status(document) async for document in self._rows.find({})}

    async def get(self, agent_id: str, session: AsyncClientSession | None = None) -> Status:
        found = await self._rows.find_one({"_id": agent_id}, session=session)
        return _status(found) if found else Status(agent_id)

    async def statuses(self, session: AsyncClientSession) -> dict[str, AgentStatus]:
        """Of every agent who ever had one."""
        found = self._rows.find({}, projection={"status": 1}, session=session)
        return {document["_id"]: document["status"] async for document in found}

    async def online(self, agent_ids: Collection[str], session: AsyncClientSession) -> frozenset[str]:
        """Those of the agents who are online."""
        asked = {"_id": {"$in": list(agent_ids)}, "status": "online"}
        found = self._rows.find(asked, projection={"_id": 1}, session=session)
        return frozenset([document["_id"] async for document in found])

    async def handing_over(self, agent_ids: Collection[str], session: AsyncClientSession) -> frozenset[str]:
        """Those of the agents who are away and want new replies to go to others."""
        asked = {"_id": {"$in": list(agent_ids)}, "status": "away", "replies": "reassign"}
        found = self._rows.find(asked, projection={"_id": 1}, session=session)
        return frozenset([document["_id"] async for document in found])

    async def set(
        self,
        agent_id: str,
        status: AgentStatus,
        reason: str,
        replies: NewReplies | None = None,
        *,
        cause: Cause,
        now: datetime,
    ) -> Status:
        """Change it, with `StatusChanged` in the log; the same again, or the same command again, changes nothing.

        `replies` None: as it was."""

        async def work(session: AsyncClientSession) -> Status:
            before = await self.get(agent_id, session)
            wanted = replies or before.replies
            if before.seq and (before.status, before.reason, before.replies) == (status, reason, wanted):
                return before
            if await self._log.already_applied([cause.id], session):
                return before
            at = _not_before(before, now)
            told = remember(before.told, status, reason, at)
            after = Status(agent_id, status, reason, at, before.seq + 1, at, told, wanted)
            if before.seq and (before.status, before.reason) == (status, reason):
                after = replace(after, since=before.since, as_of=before.as_of, told=before.told)
            await self._write(before, after, "desk", cause, at, session)
            return after

        return await in_transaction(self._client, work)

    async def hear(self, agent_id: str, phone: PhoneStatus, *, at: datetime, cause: Cause, now: datetime) -> str:
        """Take a status from the phone system, unless it is our own that comes back, or too old. What became of it,
        as `phone.OUTCOMES` has it; the same event again changes nothing."""

        async def work(session: AsyncClientSession) -> str:
            if await self._log.already_applied([cause.id], session):
                return "known"
            before = await self.get(agent_id, session)
            heard = decide_phone(before.status, before.reason, before.as_of, before.told, phone, at)
            if heard.status is None:
                if before.seq and heard.told != before.told:
                    await self._rows.update_one(
                        {"_id": agent_id}, {"$set": {"told": _told(heard.told)}}, session=session
                    )
                await self._log.remember([cause.id], session)
                return heard.ignored
            here = _not_before(before, now)
            seq, told = before.seq + 1, heard.told
            after = Status(agent_id, heard.status, heard.reason, here, seq, at, told, before.replies)
            await self._write(before, after, "phone", cause, here, session)
            return "taken"

        return await in_transaction(self._client, work)

    async def _write(
        self,
        before: Status,
        after: Status,
        source: StatusSource,
        cause: Cause,
        now: datetime,
        session: AsyncClientSession,
    ) -> None:
        await replace_versions(self._rows, [(before.seq, _document(after))], session)
        if not before.seq or (before.status, before.reason) != (after.status, after.reason):
            await self._presence.begin(after.agent_id, after.seq, after.status, after.reason, now, session)
        await self._log.append([_fact(after, source, cause, now)], session)
        await self._log.remember([cause.id], session)


def _not_before(before: Status, now: datetime) -> datetime:
    """Replicas' clocks differ by a little: no status ends before it began."""
    return max(now, before.since) if before.since else now


def _fact(after: Status, source: StatusSource, cause: Cause, now: datetime) -> Fact:
    event = StatusChanged(
        agent_id=after.agent_id,
        seq=after.seq,
        at=now,
        status=after.status,
        reason=after.reason,
        source=source,
        replies=after.replies,
    )
    return Fact.of(0, cause, AVAILABILITY, after.agent_id, after.agent_id, after.seq, now, event)


def _document(status: Status) -> dict[str, Any]:
    return {
        "_id": status.agent_id,
        "seq": status.seq,
        "status": status.status,
        "reason": status.reason,
        "since": status.since,
        "as_of": status.as_of,
        "told": _told(status.told),
        "replies": status.replies,
    }


def _told(told: Sequence[Told]) -> list[dict[str, Any]]:
    return [{"available": one.phone.available, "substatus": one.phone.substatus, "until": one.until} for one in told]


def _status(document: dict[str, Any]) -> Status:
    phone = document.get("told", ())
    told = tuple(Told(PhoneStatus(one["available"], one["substatus"]), one["until"]) for one in phone)
    since = document["since"]
    as_of = document.get("as_of", since)
    replies: NewReplies = document.get("replies", "hold")
    return Status(document["_id"], document["status"], document["reason"], since, document["seq"], as_of, told, replies)
