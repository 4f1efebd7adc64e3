"""A tickets database of its own for each test, the demo directory in it, and its HTTP without a network."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx
import pytest
from fastapi import FastAPI

from deploy.local.ports import OUTSIDE
from services.tickets.api.context import Tickets
from services.tickets.app import build_app
from services.tickets.demo.directory import write_directory
from services.tickets.handlers import Handlers
from services.tickets.settings import TicketsSettings
from services.tickets.store import Store
from services.tickets.store.directory import KINDS
from services.tickets.store.standings import standing
from shared.contracts.directory import AgentChanged
from shared.ids import random_id
from shared.mongo import Document
from tests.servers import Servers


def settings_for(servers: Servers, prefix: str, **changes: object) -> TicketsSettings:
    return TicketsSettings.model_validate(
        {
            "kafka": servers.kafka,
            "mongo": servers.mongo,
            "redis": servers.redis,
            "secret": "a secret for tests, of forty characters.",
            "prefix": prefix,
            "outside_networks": [f"{OUTSIDE}/32"],
            **changes,
        }
    )


@dataclass
class Running:
    """tickets with its HTTP and handlers, but nothing that reads or writes Kafka."""

    settings: TicketsSettings
    http: FastAPI
    tickets: Tickets
    handlers: Handlers

    @property
    def store(self) -> Store:
        return self.tickets.store

    async def learn(self) -> None:
        """Take the directory from the database, as the Kafka topic would bring it."""
        for kind in KINDS:
            for event in await self.store.directory.all_of(kind):
                self.tickets.directory.learn(event)

    async def keep(self, conversations: list[Document]) -> None:
        """Documents as they are, and where they stand."""
        await self.store.conversations.insert_many(conversations)
        await self.store.lists.standings.insert_many([standing(one) for one in conversations])

    async def narrow(self, brand_id: str) -> None:
        """The agent `narrow`, who leads for one brand alone."""
        agent = AgentChanged(
            agent_id="narrow", seq=1, name="N", email="n@x.example", role_id="lead", brand_ids=(brand_id,)
        )
        await self.store.directory.put(agent)
        await self.learn()

    def browser(self, agent_id: str | None = None) -> httpx.AsyncClient:
        """A client; with a valid access token when an agent is named."""
        headers = {}
        if agent_id:
            headers["Authorization"] = f"Bearer {self.tickets.tokens.issue(agent_id)[0]}"
        transport = httpx.ASGITransport(self.http, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://desk/api/tickets", headers=headers)


Start = Callable[[], AsyncIterator[Running]]


@pytest.fixture
async def running(servers: Servers) -> AsyncIterator[Running]:
    """An empty desk with the demo directory."""
    settings = settings_for(servers, f"t{random_id()[:8]}-", roles=frozenset({"http"}))
    service = build_app(settings)
    async with AsyncExitStack() as stack:
        for step in service.prepare:
            await step()
        tickets: Tickets = service.http.state.tickets
        stack.push_async_callback(service.close)
        stack.push_async_callback(tickets.store.client.drop_database, settings.database("tickets"))
        await write_directory(tickets.store)
        # Nothing reads Kafka here: the directory is taught by hand, and so it is whole.
        tickets.directory._whole = True
        found = Running(settings, service.http, tickets, Handlers(tickets.store, tickets.desk))
        await found.learn()
        yield found
