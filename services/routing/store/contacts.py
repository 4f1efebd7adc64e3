"""Customers as rules may ask about them. MongoDB collection `contacts`, a copy of what `tickets.contacts.v1` says."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from pymongo import ReplaceOne
from pymongo.asynchronous.client_session import AsyncClientSession

from shared.contracts.contacts import Contact
from shared.mongo import Database


class Contacts:
    def __init__(self, database: Database) -> None:
        self._rows = database.get_collection("contacts")

    async def read(self, ids: Collection[str], session: AsyncClientSession | None = None) -> dict[str, Contact]:
        """By the id that was asked for; for a duplicate it is the contact that stands for it."""
        found = await self._find(ids, session)
        kept = {one.merged_into for one in found.values() if one.merged_into} - found.keys()
        known = found | (await self._find(kept, session) if kept else {})
        return {id_: known.get(one.merged_into or id_, one) for id_, one in found.items()}

    async def _find(self, ids: Collection[str], session: AsyncClientSession | None) -> dict[str, Contact]:
        rows = self._rows.find({"_id": {"$in": list(ids)}}, session=session)
        return {row["_id"]: _contact(row) async for row in rows}

    async def learn(self, contacts: Iterable[Contact], session: AsyncClientSession) -> None:
        """Keep each as its newest event says; what is older than what is known changes nothing."""
        newest: dict[str, Contact] = {}
        for one in contacts:
            if one.id not in newest or newest[one.id].seq < one.seq:
                newest[one.id] = one
        rows = self._rows.find({"_id": {"$in": list(newest)}}, projection={"seq": 1}, session=session)
        known = {row["_id"]: row["seq"] async for row in rows}
        changes = [
            ReplaceOne({"_id": one.id}, one.model_dump(exclude={"id"}), upsert=True)
            for one in newest.values()
            if known.get(one.id, -1) < one.seq
        ]
        if changes:
            await self._rows.bulk_write(changes, ordered=False, session=session)


def _contact(row: dict[str, Any]) -> Contact:
    row["id"] = row.pop("_id")
    return Contact.model_validate(row)
