"""tickets started while Kafka is away: people sign in and work, with the directory as it was last known."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from services.tickets.api.context import Tickets
from services.tickets.app import build_app
from services.tickets.handlers import Handlers
from shared import mongo
from shared.directory import DirectoryCopy
from shared.directory.known import key_of
from shared.service import Service
from tests.integration.tickets.conftest import Running, settings_for
from tests.servers import Servers


@pytest.fixture
async def restarted(running: Running, servers: Servers) -> AsyncIterator[tuple[Service, Running]]:
    """The same database, with what its last process kept of the directory; all roles, and nobody at Kafka's address."""
    nowhere = replace(servers, kafka="127.0.0.1:1")
    settings = settings_for(nowhere, running.settings.prefix)
    known = running.tickets.directory
    database = mongo.database(running.store.client, settings, "tickets")
    await DirectoryCopy(database).keep({key_of(event): event for event in known.entries().values()})
    service = build_app(settings)
    await service.start()
    tickets: Tickets = service.http.state.tickets
    yield service, Running(settings, service.http, tickets, Handlers(tickets.store, tickets.desk))
    await service.stop()
    await service.close()


async def test_people_work_on_while_kafka_is_away(restarted: tuple[Service, Running]) -> None:
    service, running = restarted
    until = time.monotonic() + 20
    while await running.tickets.directory.ready() is not None:
        assert time.monotonic() < until, await running.tickets.directory.ready()
        await asyncio.sleep(0.05)
    async with running.browser() as browser:
        account = {"email": "maya@switchboard.example", "password": "switchboard-demo"}
        answer = await browser.post("/session", json=account)
        assert answer.status_code == 200, answer.text
        browser.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        assert (await browser.get("/conversations")).status_code == 200
    # It is not in its group, and says so; a process that only answers HTTP is ready.
    assert await service.not_ready() == ["tickets.conversations has not joined its group"]
