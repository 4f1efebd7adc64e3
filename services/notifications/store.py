"""Every query and index of notifications: deliveries, their log, and the transactions that change both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo import DESCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import PyMongoError

from services.notifications.model import Delivery, State, retry
from shared.clock import Clock
from shared.contracts.deliveries import DeliveryEvent, WebhookRefused
from shared.errors import NotFound
from shared.ids import derived
from shared.log import Cause, Fact, Log
from shared.mongo import Client, Database, Document, in_transaction, replace_versions
from shared.scope import Scope
from shared.topics import DELIVERIES

LEASE = ("lease_until", "lease_by")


@dataclass(frozen=True, slots=True)
class Intent:
    """A delivery as an input asks for it, with the events that tell of it; `cause` is the input."""

    cause: Cause
    delivery: Delivery
    events: tuple[DeliveryEvent, ...]


class Store:
    """`deliveries` are the rows that the sender's timers claim; `log` and `applied` are the shared ones."""

    def __init__(self, client: Client, database: Database, clock: Clock) -> None:
        self.client = client
        self.database = database
        self.log = Log(database, clock)
        self.deliveries = database.get_collection("deliveries")

    async def ensure_indexes(self, *, applied_days: int) -> None:
        await self.log.ensure_indexes(applied_days=applied_days)
        await self.deliveries.create_indexes(
            [
                IndexModel([("created_at", DESCENDING), ("_id", DESCENDING)]),
                IndexModel([("state", DESCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)]),
                IndexModel([("conversation_id", DESCENDING)]),
            ]
        )

    async def accept(self, intents: Sequence[Intent]) -> int:
        """Write what is new among `intents` in one transaction; how many deliveries that made.

        Known by the input's id, and by the row itself once the input is forgotten.
        """
        by_id = {intent.delivery.id: intent for intent in intents}

        async def work(session: AsyncClientSession) -> int:
            applied = await self.log.already_applied([one.cause.id for one in by_id.values()], session)
            rows = self.deliveries.find({"_id": {"$in": list(by_id)}}, projection={"_id": 1}, session=session)
            kept = {row["_id"] async for row in rows}
            new = [one for one in by_id.values() if one.cause.id not in applied and one.delivery.id not in kept]
            if not new:
                return 0
            documents = [delivery_document(one.delivery) for one in new]
            await self.deliveries.insert_many(documents, ordered=False, session=session)
            await self.log.append([fact for one in new for fact in delivery_facts(one.events, one.cause)], session)
            await self.log.remember([one.cause.id for one in new], session)
            return len(new)

        return await in_transaction(self.client, work) if by_id else 0

    async def record(self, before: Delivery, after: Delivery, events: Sequence[DeliveryEvent]) -> bool:
        """Write an attempt's result. False: somebody else recorded one since `before` was read."""
        cause = Cause(derived("attempt", after.id, str(after.attempt)), after.correlation_id, after.traceparent)

        async def work(session: AsyncClientSession) -> bool:
            row = await self.deliveries.find_one({"_id": before.id}, projection={"seq": 1}, session=session)
            if row is None or row["seq"] != before.seq:
                return False
            await replace_versions(self.deliveries, [(before.seq, delivery_document(after))], session)
            await self.log.append(delivery_facts(events, cause), session)
            return True

        return await in_transaction(self.client, work)

    async def restored_at(self) -> datetime | None:
        """When this database was loaded from a back-up, if mails of before are held."""
        row = await self.database.get_collection("restored").find_one({"hold": True})
        at: datetime | None = row["at"] if row else None
        return at

    async def retry(self, delivery_id: str, *, now: datetime, command_id: str | None) -> Delivery:
        """Queue a delivery anew, once per command. One that is being tried at this moment is left to that attempt."""

        async def work(session: AsyncClientSession) -> Delivery:
            row = await self.deliveries.find_one({"_id": delivery_id}, session=session)
            if row is None:
                raise _not_found(delivery_id)
            before = delivery_of(row)
            if command_id:
                if await self.log.already_applied([command_id], session):
                    return before
                await self.log.remember([command_id], session)
            after = retry(before, now=now)
            if row.get("lease_until") and row["lease_until"] > now:
                return before
            await replace_versions(self.deliveries, [(before.seq, delivery_document(after))], session)
            return after

        return await in_transaction(self.client, work)

    async def get(self, delivery_id: str) -> Delivery:
        row = await self.deliveries.find_one({"_id": delivery_id})
        if row is None:
            raise _not_found(delivery_id)
        return delivery_of(row)

    async def page(
        self,
        *,
        state: State | None,
        conversation_id: str | None,
        scope: Scope,
        before: tuple[datetime, str] | None,
        limit: int,
    ) -> list[Delivery]:
        """Newest first, without the mails; of what is in `scope`; `before` is the last row seen."""
        where: dict[str, Any] = scope.query()
        if state:
            where["state"] = state
        if conversation_id:
            where["conversation_id"] = conversation_id
        if before:
            at, last_id = before
            where["$and"] = [{"$or": [{"created_at": {"$lt": at}}, {"created_at": at, "_id": {"$lt": last_id}}]}]
        rows = self.deliveries.find(where, projection={"mail": 0})
        ordered = rows.sort([("created_at", DESCENDING), ("_id", DESCENDING)]).limit(limit)
        return [delivery_of(row) async for row in ordered]

    async def not_reachable(self) -> str | None:
        """For readiness: a sentence while the database does not answer."""
        try:
            await self.database.command("ping")
        except PyMongoError as error:
            return f"MongoDB: {type(error).__name__}"
        return None


def delivery_of(row: Document) -> Delivery:
    """A row as it is kept; the lease is the timers' own."""
    fields = {name: value for name, value in row.items() if name not in ("_id", *LEASE)}
    return Delivery(id=row["_id"], **fields)


def delivery_document(delivery: Delivery) -> Document:
    fields = delivery.model_dump()
    return {"_id": fields.pop("id"), **fields}


def delivery_facts(events: Sequence[DeliveryEvent], cause: Cause) -> list[Fact]:
    return [
        Fact.of(n, cause, DELIVERIES, one.conversation_id, one.delivery_id, one.seq, one.at, one)
        for n, one in enumerate(events)
    ]


def refused_fact(event: WebhookRefused, cause: Cause) -> Fact:
    return Fact.of(0, cause, DELIVERIES, event.conversation_id, event.custom_id, event.seq, event.at, event)


def _not_found(delivery_id: str) -> NotFound:
    return NotFound("delivery_not_found", f"There is no delivery {delivery_id[:100]}.")
