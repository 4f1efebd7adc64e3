"""Everything that routing keeps: MongoDB is what is so, Redis is a projection of it for quick counting."""

from __future__ import annotations

from services.routing.sla.targets import Row
from services.routing.sla.tickets import TicketRow
from services.routing.store.answers import LastAnswers
from services.routing.store.availability import Availability
from services.routing.store.clocks import Clocks
from services.routing.store.contacts import Contacts
from services.routing.store.conversations import Conversations
from services.routing.store.decisions import Decisions
from services.routing.store.endpoints import Endpoints
from services.routing.store.presence import Presence
from services.routing.store.rules import Rules
from services.routing.store.simulations import Simulations
from services.routing.store.sla import Calendars, Policies, Targets
from services.routing.store.spam import SpamBooks
from shared.clock import Clock
from shared.log import Log
from shared.mongo import Client, Database


class Store:
    """One per process; each noun has its own queries and indexes."""

    def __init__(self, client: Client, database: Database, clock: Clock) -> None:
        self.client = client
        self.database = database
        self.log = Log(database, clock)
        self.contacts = Contacts(database)
        self.endpoints = Endpoints(database)
        self.answers = LastAnswers(database, self.contacts)
        self.conversations = Conversations(database)
        self.clocks = Clocks(database)
        self.decisions = Decisions(database)
        self.rules = Rules(client, database, self.log)
        self.policies = Policies(client, database, self.log)
        self.calendars = Calendars(client, database, self.log, self.policies)
        self.targets = Targets(database, "sla_targets", Row)
        self.ticket_targets = Targets(database, "ticket_targets", TicketRow)
        self.simulations = Simulations(database)
        self.spam = SpamBooks(database)
        self.presence = Presence(database)
        self.availability = Availability(client, database, self.log, self.presence)

    async def ensure_indexes(self, *, applied_days: int) -> None:
        await self.log.ensure_indexes(applied_days=applied_days)
        await self.conversations.ensure_indexes()
        await self.decisions.ensure_indexes()
        await self.rules.ensure_indexes()
        await self.presence.ensure_indexes()
        await self.policies.ensure_indexes()
        await self.calendars.ensure_indexes()
        await self.simulations.ensure_indexes()
        await self.spam.ensure_indexes()

    async def not_reachable(self) -> str | None:
        """For readiness: None, or a sentence."""
        await self.client.admin.command("ping")
        return None
