"""Everything that routing keeps: MongoDB is what is so, Redis is a projection of it for quick counting."""

from __future__ import annotations

from services.routing.store.availability import Availability
from services.routing.store.conversations import Conversations
from services.routing.store.decisions import Decisions
from services.routing.store.rules import Rules
from shared.clock import Clock
from shared.log import Log
from shared.mongo import Client, Database


class Store:
    """One per process; each noun has its own queries and indexes."""

    def __init__(self, client: Client, database: Database, clock: Clock) -> None:
        self.client = client
        self.database = database
        self.log = Log(database, clock)
        self.conversations = Conversations(database)
        self.decisions = Decisions(database)
        self.rules = Rules(client, database, self.log)
        self.availability = Availability(client, database, self.log)

    async def ensure_indexes(self, *, applied_days: int) -> None:
        await self.log.ensure_indexes(applied_days=applied_days)
        await self.conversations.ensure_indexes()
        await self.decisions.ensure_indexes()
        await self.rules.ensure_indexes()

    async def not_reachable(self) -> str | None:
        """For readiness: None, or a sentence."""
        await self.client.admin.command("ping")
        return None
