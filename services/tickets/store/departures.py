"""Agents who were deactivated, until their open work is back with their teams.

The row is written in the transaction that deactivates them, so that none is forgotten; timers claim it by lease.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from pymongo.asynchronous.client_session import AsyncClientSession

from shared.mongo import Database, Document

PORTION = 50
"""Conversations, and tickets, in one transaction."""
LOOKS_FOR = timedelta(minutes=1)
"""A process that has not heard of it yet may give them something still; it hears within seconds."""
LOOKS_EVERY = timedelta(seconds=10)


class DepartureStore:
    def __init__(self, database: Database) -> None:
        self.rows = database.get_collection("departures")
        self._agents = database.get_collection("agents")
        self._conversations = database.get_collection("conversations")
        self._tickets = database.get_collection("tickets")

    async def begin(self, agent_id: str, now: datetime, session: AsyncClientSession) -> None:
        row = {"_id": agent_id, "due_at": now, "until": now + LOOKS_FOR}
        await self.rows.replace_one({"_id": agent_id}, row, upsert=True, session=session)

    async def is_gone(self, agent_id: str, session: AsyncClientSession) -> bool:
        """As the database has it now: a snapshot of the directory may not have heard."""
        row = await self._agents.find_one({"_id": agent_id}, session=session)
        return row is not None and not row["active"]

    async def held(self, agent_id: str, session: AsyncClientSession) -> tuple[list[str], list[str]]:
        """(conversations, tickets) of theirs that are not done, one portion of each."""
        open_ = {"boxes": f"agent:{agent_id}", "status": {"$in": ["open", "snoozed"]}}
        conversations = self._conversations.find(open_, projection={"_id": 1}, session=session).limit(PORTION)
        unresolved = {"assignee_id": agent_id, "state": {"$in": ["submitted", "in_progress", "waiting_on_customer"]}}
        tickets = self._tickets.find(unresolved, projection={"_id": 1}, session=session).limit(PORTION)
        return [row["_id"] for row in await conversations.to_list(None)], [
            row["_id"] for row in await tickets.to_list(None)
        ]

    async def go_on(self, row: Document, now: datetime, *, more: bool, session: AsyncClientSession) -> None:
        """At once when there may be more; else look again for a while, then it is done."""
        if not more and now >= row["until"]:
            await self.done(row["_id"], session)
            return
        free = {"$set": {"due_at": now if more else now + LOOKS_EVERY}, "$unset": {"lease_until": "", "lease_by": ""}}
        await self.rows.update_one({"_id": row["_id"]}, free, session=session)

    async def done(self, agent_id: str, session: AsyncClientSession) -> None:
        await self.rows.delete_one({"_id": agent_id}, session=session)
