"""`webhook_endpoints`: a row is an endpoint, and at once the timer that its sending is leased by.

What a person decides is written with the version (`seq`); health, `due_at`, `nudged` and the lease belong to whoever
holds the lease, so neither overwrites the other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession

from services.notifications.webhooks.model import Endpoint, Health
from shared.contracts.deliveries import EndpointChanged, EndpointDisabled
from shared.errors import Conflict, NotFound
from shared.ids import derived
from shared.log import Cause, Fact, Log
from shared.mongo import Client, Database, Document, StaleVersion, in_transaction
from shared.topics import ENDPOINTS

FIELDS = frozenset(Endpoint.model_fields)


class Moved(Exception):
    """An endpoint is another than the one that was decided on: decide again."""


class Endpoints:
    def __init__(self, client: Client, database: Database, log: Log) -> None:
        self.rows = database.get_collection("webhook_endpoints")
        self._client = client
        self._log = log

    async def ensure_indexes(self) -> None:
        await self.rows.create_index([("created_at", ASCENDING)])

    async def create(self, endpoint: Endpoint, *, limit: int) -> Endpoint:
        """Keep it, and the log tells of it; the one that is there already when its id is known. Raises Conflict above
        `limit`, and when one of this id is gone."""

        async def work(session: AsyncClientSession) -> Endpoint:
            known = await self.rows.find_one({"_id": endpoint.id}, session=session)
            if known and known["state"] != "deleted":
                return endpoint_of(known)
            if await self.rows.count_documents({"state": {"$ne": "deleted"}}, session=session) >= limit:
                raise Conflict("too_many_endpoints", f"There are {limit} endpoints already; delete one first.")
            if known or await self._log.read(_known_as(endpoint.id), limit=1):
                said = "What was registered with this Idempotency-Key has been deleted. Take another key."
                raise Conflict("endpoint_deleted", said)
            await self.rows.insert_one(
                {**_fields(endpoint), "_id": endpoint.id, "due_at": None, "nudged": 0}, session=session
            )
            await self._log.append([_changed(endpoint)], session)
            return endpoint

        return await in_transaction(self._client, work)

    async def get(self, endpoint_id: str) -> Endpoint:
        row = await self.rows.find_one({"_id": endpoint_id, "state": {"$ne": "deleted"}})
        if row is None:
            raise not_found(endpoint_id)
        return endpoint_of(row)

    async def all(self) -> list[Endpoint]:
        """Those that are not deleted, the oldest first."""
        rows = self.rows.find({"state": {"$ne": "deleted"}}).sort("created_at", ASCENDING)
        return [endpoint_of(row) async for row in rows]

    async def change(
        self, endpoint_id: str, decide: Callable[[Endpoint], Endpoint], *, well_again: bool = False
    ) -> Endpoint:
        """Write what `decide` makes of it. When that switches it off, or changes what others know of it, the log tells
        of it.

        `well_again` forgets its failures.
        """

        async def work(session: AsyncClientSession) -> Endpoint:
            row = await self.rows.find_one({"_id": endpoint_id, "state": {"$ne": "deleted"}}, session=session)
            if row is None:
                raise not_found(endpoint_id)
            before = endpoint_of(row)
            after = decide(before)
            if after == before and not well_again:
                return before
            off = before.state == "active" and after.state == "disabled"
            after = after.model_copy(update={"seq": before.seq + 1, "told": before.told + off})
            fields = _fields(after) | ({"health": Health().model_dump()} if well_again else {})
            written = await self.rows.update_one(
                {"_id": endpoint_id, "seq": before.seq}, {"$set": fields}, session=session
            )
            if not written.matched_count:
                raise StaleVersion("the endpoint changed meanwhile")
            shown = [_changed(after)] if _shown(before) != _shown(after) else []
            await self._log.append([*shown, *([_told(after)] if off else [])], session)
            return after

        return await in_transaction(self._client, work)

    async def hold(self, decided_on: Sequence[Endpoint], session: AsyncClientSession) -> None:
        """Calls of these are queued in the session's transaction: none is changed or deleted until it is over, so that
        whoever clears a deleted one's queue finds them. Raises Moved when one is another than was decided on."""
        by_id = {one.id: one for one in decided_on}
        found = self.rows.find({"_id": {"$in": list(by_id)}}, session=session)
        now = {row["_id"]: endpoint_of(row) async for row in found}
        if any(id_ not in now or _shown(now[id_]) != _shown(one) for id_, one in by_id.items()):
            raise Moved(f"an endpoint of {sorted(by_id)} changed meanwhile")
        if by_id:
            await self.rows.update_many({"_id": {"$in": list(by_id)}}, {"$inc": {"nudged": 1}}, session=session)

    async def tell_unknown(self) -> None:
        """The log tells of each endpoint that it does not tell of yet: those registered before others had to know."""

        async def work(session: AsyncClientSession) -> None:
            there = self.rows.find({"state": {"$ne": "deleted"}}, session=session)
            endpoints = {_known_as(row["_id"]): endpoint_of(row) async for row in there}
            known = await self._log.rows.distinct("aggregate_id", {"aggregate_id": {"$in": list(endpoints)}}, session)
            unknown = [one for id_, one in endpoints.items() if id_ not in known]
            await self._log.append([_changed(one) for one in unknown], session)

        await in_transaction(self._client, work)

    async def nudge(self, endpoint_ids: Sequence[str], now: datetime) -> None:
        """There is something to send: due at once, or when a pause ends. Also counts, so that a sender that is just
        finishing looks once more."""
        soon = {"$min": ["$due_at", {"$max": ["$health.paused_until", now]}]}
        change = {"nudged": {"$add": [{"$ifNull": ["$nudged", 0]}, 1]}, "due_at": soon}
        await self.rows.update_many({"_id": {"$in": list(endpoint_ids)}}, [{"$set": change}])

    async def idle(self) -> list[str]:
        """Those that no timer is set for, the deleted ones too."""
        return [row["_id"] async for row in self.rows.find({"due_at": None}, projection={"_id": 1})]

    async def deleted(self) -> list[str]:
        return [row["_id"] async for row in self.rows.find({"state": "deleted"}, projection={"_id": 1})]

    async def release(self, row: Document, *, due_at: datetime | None, health: Health) -> bool:
        """Give the lease back. False: it was nudged since `row` was read, or the lease is not ours any more."""
        held = {"_id": row["_id"], "lease_by": row["lease_by"], "nudged": row["nudged"]}
        change = {
            "$set": {"due_at": due_at, "health": health.model_dump()},
            "$unset": {"lease_until": 1, "lease_by": 1},
        }
        return (await self.rows.update_one(held, change)).matched_count == 1

    async def held(self, row: Document, *, until: datetime | None = None) -> Document | None:
        """The row as it is now, while the lease is still that of `row`, which is then drawn out to `until`."""
        ours = {"_id": row["_id"], "lease_by": row["lease_by"]}
        if until is None:
            return await self.rows.find_one(ours)
        longer = {"$set": {"lease_until": until}}
        return await self.rows.find_one_and_update(ours, longer, return_document=ReturnDocument.AFTER)

    async def remove(self, endpoint_id: str) -> None:
        await self.rows.delete_one({"_id": endpoint_id, "state": "deleted"})


def endpoint_of(row: Document) -> Endpoint:
    fields = {name: value for name, value in row.items() if name in FIELDS}
    return Endpoint(id=row["_id"], **fields)


def _fields(endpoint: Endpoint) -> dict[str, Any]:
    return endpoint.model_dump(exclude={"id", "health"})


def _shown(endpoint: Endpoint) -> tuple[object, ...]:
    return endpoint.name, endpoint.brand_ids, endpoint.state


def _known_as(endpoint_id: str) -> str:
    """Its number in the log counts its versions; what is under its bare id counts how often it was switched off."""
    return f"endpoint:{endpoint_id}"


def _changed(endpoint: Endpoint) -> Fact:
    event = EndpointChanged(
        endpoint_id=endpoint.id,
        seq=endpoint.seq,
        at=endpoint.updated_at,
        name=endpoint.name,
        brand_ids=endpoint.brand_ids,
        state=endpoint.state,
    )
    cause = derived("endpoint-changed", endpoint.id, str(endpoint.seq))
    aggregate = _known_as(endpoint.id)
    return Fact.of(0, Cause(cause, cause), ENDPOINTS, endpoint.id, aggregate, endpoint.seq, event.at, event)


def _told(endpoint: Endpoint) -> Fact:
    event = EndpointDisabled(
        endpoint_id=endpoint.id,
        seq=endpoint.told,
        at=endpoint.updated_at,
        name=endpoint.name,
        reason=endpoint.reason,
    )
    cause = derived("endpoint-disabled", endpoint.id, str(endpoint.told))
    return Fact.of(0, Cause(cause, cause), ENDPOINTS, endpoint.id, endpoint.id, endpoint.told, event.at, event)


def not_found(endpoint_id: str) -> NotFound:
    return NotFound("endpoint_not_found", f"There is no webhook endpoint {endpoint_id[:100]}.")
