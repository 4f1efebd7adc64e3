"""Queries of `dials` (calls that agents asked for) and `phone_statuses` (what Aircall is to show of each agent)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo import UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from services.notifications.phone.model import Dialing
from services.notifications.store import LEASE
from shared.contracts.deliveries import CallDialed, CallDialFailed
from shared.contracts.routing import StatusChanged
from shared.ids import derived
from shared.log import Cause, Fact, Log
from shared.mongo import Client, Database, Document, expire_after, in_transaction
from shared.topics import DELIVERIES

KEPT_S = 60 * 24 * 3600
"""A request is known for as long as its event may come again."""
_NO_LEASE = dict.fromkeys(LEASE, "")


class Dials:
    def __init__(self, client: Client, database: Database, log: Log) -> None:
        self._client = client
        self._log = log
        self.rows = database.get_collection("dials")

    async def ensure_indexes(self) -> None:
        await expire_after(self.rows, "asked_at", KEPT_S)

    async def accept(self, wanted: Sequence[Dialing]) -> int:
        """Keep the requests that are new, by their ids; how many there were."""
        if not wanted:
            return 0
        writes = [UpdateOne({"_id": one.id}, {"$setOnInsert": _fields(one)}, upsert=True) for one in wanted]
        result = await self.rows.bulk_write(writes, ordered=False)
        return result.upserted_count

    async def later(self, row: Dialing, due_at: datetime) -> None:
        """Leave it for a moment."""
        same = {"_id": row.id, "seq": row.seq}
        await self.rows.update_one(same, {"$set": {"due_at": due_at}, "$unset": _NO_LEASE})

    async def begin(self, row: Dialing) -> Dialing | None:
        """Say, durably, that Aircall is asked now; None when somebody else said so, or ended it."""
        change = {"$set": {"state": "dialing", "seq": row.seq + 1}}
        result = await self.rows.update_one({"_id": row.id, "seq": row.seq, "state": "queued"}, change)
        return row.model_copy(update={"state": "dialing", "seq": row.seq + 1}) if result.modified_count else None

    async def end(self, before: Dialing, after: Dialing, event: CallDialed | CallDialFailed) -> bool:
        """Write how it ended, with its event in the log. False: somebody else did since `before` was read."""
        cause = Cause(derived("dialed", after.id), after.correlation_id, after.traceparent)

        async def work(session: AsyncClientSession) -> bool:
            change = {"$set": _fields(after), "$unset": _NO_LEASE}
            result = await self.rows.update_one({"_id": before.id, "seq": before.seq}, change, session=session)
            if not result.modified_count:
                return False
            fact = Fact.of(0, cause, DELIVERIES, after.conversation_id, after.id, 1, event.at, event)
            await self._log.append([fact], session)
            return True

        return await in_transaction(self._client, work)


def dialing_of(row: Document) -> Dialing:
    return Dialing(id=row["_id"], **{name: value for name, value in row.items() if name not in ("_id", *LEASE)})


def _fields(row: Dialing) -> dict[str, Any]:
    return row.model_dump(exclude={"id"})


class PhoneStatuses:
    """One row for each agent; the latest status wins, and is pushed when `due_at` says so."""

    def __init__(self, database: Database) -> None:
        self.rows = database.get_collection("phone_statuses")

    async def learn(self, event: StatusChanged, now: datetime) -> bool:
        """Take in a status; one that came from Aircall is not sent back there. True: it is to be pushed."""
        push = event.source == "desk"
        fields = {
            "seq": event.seq,
            "status": event.status,
            "reason": event.reason,
            "due_at": now if push else None,
            "tries": 0,
        }
        known = await self.rows.find_one({"_id": event.agent_id}, projection={"seq": 1})
        if known is None:
            result = await self.rows.update_one({"_id": event.agent_id}, {"$setOnInsert": fields}, upsert=True)
            return push and result.upserted_id is not None
        newer = {"_id": event.agent_id, "seq": {"$lt": event.seq}}
        result = await self.rows.update_one(newer, {"$set": fields})
        return push and result.modified_count > 0

    async def settle(self, row: Document, *, due_at: datetime | None, tries: int) -> bool:
        """After a push: when the next one is due. False: another status came meanwhile, and is due itself."""
        same = {"_id": row["_id"], "seq": row["seq"]}
        change = {"$set": {"due_at": due_at, "tries": tries}, "$unset": _NO_LEASE}
        if (await self.rows.update_one(same, change)).modified_count:
            return True
        await self.rows.update_one({"_id": row["_id"]}, {"$unset": _NO_LEASE})
        return False
