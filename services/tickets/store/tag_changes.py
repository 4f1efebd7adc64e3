"""Tags that an admin renames, merges into another or takes away, until no conversation has them any more.

`tag_changes`: {_id: the tag, to, by: {id, name}, at, changed, due_at while it goes on, finished_at after}. Timers
claim a row by lease; what is done is the tag's no more, so nothing is done twice.
"""

from __future__ import annotations

from datetime import datetime

from pymongo import DESCENDING
from pymongo.asynchronous.client_session import AsyncClientSession

from services.tickets.store.standings import NAME as STANDINGS
from shared.errors import Conflict, NotFound
from shared.mongo import Client, Database, Document, expire_after, in_transaction

PORTION = 50
"""Conversations in one transaction."""
KEPT_S = 30 * 86_400

_GUARD = ""
"""No tag. Each beginning writes this row, so that of two at the same moment the later one sees the earlier."""


class TagChangeStore:
    def __init__(self, client: Client, database: Database) -> None:
        self._client = client
        self.rows = database.get_collection("tag_changes")
        self._tags = database.get_collection("tags")
        self._views = database.get_collection("views")
        self._standings = database.get_collection(STANDINGS)

    async def ensure_indexes(self) -> None:
        await expire_after(self.rows, "finished_at", KEPT_S)

    async def begin(self, tag: str, to: str | None, by: Document, now: datetime) -> Document:
        """The same again, while it goes on, changes nothing. Raises NotFound for a tag that nothing ever had, Conflict
        while one of the two is being changed otherwise: two renames could chase each other for ever."""
        row = {"_id": tag, "to": to, "by": by, "at": now, "changed": 0, "due_at": now}

        async def work(session: AsyncClientSession) -> Document:
            await self.rows.update_one({"_id": _GUARD}, {"$inc": {"begun": 1}}, upsert=True, session=session)
            if there := await self.rows.find_one({"_id": tag, "due_at": {"$exists": True}}, session=session):
                if there["to"] == to:
                    return there
                raise _busy(tag)
            if not await self._tags.find_one({"_id": tag}, session=session):
                raise NotFound("unknown_tag", f"No conversation has the tag {tag}.")
            going = {"due_at": {"$exists": True}}
            if to is not None and await self.rows.find_one({"_id": to, **going}, session=session):
                raise _busy(to)
            if await self.rows.find_one({"to": tag, **going}, session=session):
                raise _busy(tag)
            await self.rows.replace_one({"_id": tag}, row, upsert=True, session=session)
            return row

        return await in_transaction(self._client, work)

    async def latest(self, limit: int) -> list[Document]:
        return await self.rows.find({"_id": {"$ne": _GUARD}}).sort("at", DESCENDING).limit(limit).to_list(None)

    async def having(self, tag: str, session: AsyncClientSession) -> list[str]:
        """Conversations that have it, one portion. Those merged into another keep what they had."""
        wanted = {"tags": tag, "status": {"$in": ["open", "snoozed", "closed"]}}
        found = self._standings.find(wanted, {"_id": 1}, hint="by_tag", session=session).limit(PORTION)
        return [row["_id"] for row in await found.to_list(None)]

    async def go_on(self, row: Document, changed: int, now: datetime, session: AsyncClientSession) -> None:
        free = {"lease_until": "", "lease_by": ""}
        more = {"$inc": {"changed": changed}, "$set": {"due_at": now}, "$unset": free}
        await self.rows.update_one({"_id": row["_id"]}, more, session=session)

    async def finish(self, row: Document, now: datetime, session: AsyncClientSession) -> None:
        """Saved views say the new name, too; the old one is offered no more."""
        tag, to = row["_id"], row["to"]
        mine = {"filter.tags": tag}
        if to is not None:
            await self._views.update_many(mine, {"$addToSet": {"filter.tags": to}}, session=session)
        await self._views.update_many(mine, {"$pull": {"filter.tags": tag}}, session=session)
        await self._tags.delete_one({"_id": tag}, session=session)
        done = {"$set": {"finished_at": now}, "$unset": {"due_at": "", "lease_until": "", "lease_by": ""}}
        await self.rows.update_one({"_id": tag}, done, session=session)


def _busy(tag: str) -> Conflict:
    return Conflict("tag_changing", f"The tag {tag} is being changed just now. Wait until that is done.")
