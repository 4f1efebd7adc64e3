"""Writes rows into a service's log as a service does, without the service: for the tests of the relay."""

from __future__ import annotations

from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from shared import clock, mongo
from shared.clock import Clock
from shared.contracts.deliveries import DeliverySent
from shared.ids import derived
from shared.log import Cause, Fact, Log
from shared.mongo import Client, Database
from shared.settings import Settings
from shared.topics import DELIVERIES

SERVICE = "notifications"


class Writer:
    """`write(30)` adds 30 rows over three aggregates, ten to a transaction; `ids` are the inputs so far."""

    def __init__(self, settings: Settings) -> None:
        self.client: Client = mongo.connect(settings)
        self.database: Database = mongo.database(self.client, settings, SERVICE)
        self.clock: Clock = clock.now
        self.log = Log(self.database, lambda: self.clock())
        self.ids: list[str] = []
        self._seq: dict[str, int] = {}

    async def __aenter__(self) -> Writer:
        await self.log.ensure_indexes()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.client.close()

    async def write(self, count: int, *, at: datetime | None = None) -> None:
        """`at` is when the rows' events happened; when they were written says `clock`."""
        facts = [self._fact(len(self.ids) + n, at or clock.now()) for n in range(count)]
        self.ids += [fact.cause.id for fact in facts]
        for start in range(0, count, 10):
            some = facts[start : start + 10]

            async def work(session: AsyncClientSession, some: list[Fact] = some) -> None:
                await self.log.append(some, session)

            await mongo.in_transaction(self.client, work)

    def _fact(self, n: int, at: datetime) -> Fact:
        key = derived("aggregate", str(n % 3))
        seq = self._seq[key] = self._seq.get(key, 0) + 1
        cause = Cause(derived("cause", str(n)), "correlation")
        event = DeliverySent(delivery_id=cause.id, conversation_id=key, entry_id=cause.id, seq=seq, at=at)
        return Fact.of(0, cause, DELIVERIES, key, key, seq, at, event)
