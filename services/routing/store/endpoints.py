"""The webhooks that rules may call. MongoDB collection `endpoints`, as `notifications.endpoints.v1` tells of them."""

from __future__ import annotations

from collections.abc import Iterable

from pymongo import ReplaceOne
from pymongo.asynchronous.client_session import AsyncClientSession

from shared.contracts.deliveries import EndpointChanged
from shared.mongo import Database


class Endpoints:
    """Those that are deleted stay, so that an older event does not bring them back."""

    def __init__(self, database: Database) -> None:
        self._rows = database.get_collection("endpoints")

    async def there(self) -> dict[str, EndpointChanged]:
        """All but the deleted, by id."""
        rows = self._rows.find({"state": {"$ne": "deleted"}})
        return {row["_id"]: EndpointChanged(endpoint_id=row.pop("_id"), **row) async for row in rows}

    async def learn(self, events: Iterable[EndpointChanged], session: AsyncClientSession) -> None:
        """Keep each as its newest event says; what is older than what is known changes nothing."""
        newest: dict[str, EndpointChanged] = {}
        for one in events:
            if one.endpoint_id not in newest or newest[one.endpoint_id].seq < one.seq:
                newest[one.endpoint_id] = one
        rows = self._rows.find({"_id": {"$in": list(newest)}}, projection={"seq": 1}, session=session)
        known = {row["_id"]: row["seq"] async for row in rows}
        changes = [
            ReplaceOne({"_id": id_}, one.model_dump(exclude={"endpoint_id"}), upsert=True)
            for id_, one in newest.items()
            if known.get(id_, -1) < one.seq
        ]
        if changes:
            await self._rows.bulk_write(changes, ordered=False, session=session)
