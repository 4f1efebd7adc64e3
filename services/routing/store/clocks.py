"""How far each rule at times of the clock has got. MongoDB collection `rule_clocks`: a row for each rule and zone."""

from __future__ import annotations

from collections.abc import Collection

from pymongo import UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from services.routing.model.clock import ClockRow
from shared.mongo import Database, Document

_CLAIM = {"lease_until": "", "lease_by": ""}


class Clocks:
    """Claimed by lease (`shared.timers`); what is read of a claim is written only while that still holds."""

    def __init__(self, database: Database) -> None:
        self.rows = database.get_collection("rule_clocks")

    async def all(self) -> dict[str, ClockRow]:
        return {document["_id"]: _row(document) async for document in self.rows.find({})}

    async def begin(self, rows: Collection[ClockRow]) -> None:
        """One that another replica began stays as it is."""
        if rows:
            writes = [UpdateOne({"_id": one.id}, {"$setOnInsert": _document(one)}, upsert=True) for one in rows]
            await self.rows.bulk_write(writes, ordered=False)

    async def move(self, rows: Collection[tuple[ClockRow, ClockRow]]) -> None:
        """Each to another time, where it still rests as it was read."""
        for read, to in rows:
            as_read = {"_id": read.id, "begun": False, "due_at": read.due_at}
            await self.rows.update_one(as_read, {"$set": {"due_at": to.due_at}})

    async def end(self, ids: Collection[str], revision: int) -> None:
        """Those that the rules of `revision` have no more; not what newer rules began meanwhile."""
        if ids:
            await self.rows.delete_many({"_id": {"$in": list(ids)}, "revision": {"$lte": revision}})

    async def claimed(self, id_: str, claim: str, session: AsyncClientSession) -> ClockRow | None:
        """None: somebody else has it by now, or it is gone."""
        document = await self.rows.find_one({"_id": id_, "lease_by": claim}, session=session)
        return _row(document) if document else None

    async def write(self, row: ClockRow, claim: str, session: AsyncClientSession) -> bool:
        """False when it is not claimed any more. Once it rests, it is claimed by nobody."""
        change: Document = {"$set": _document(row)}
        if not row.begun:
            change["$unset"] = _CLAIM
        result = await self.rows.update_one({"_id": row.id, "lease_by": claim}, change, session=session)
        return result.matched_count == 1

    async def release(self, ids: Collection[str], claim: str) -> None:
        """Whoever comes next goes on with them."""
        await self.rows.update_many({"_id": {"$in": list(ids)}, "lease_by": claim}, {"$unset": _CLAIM})


def _document(row: ClockRow) -> Document:
    return row.model_dump(exclude={"id"})


def _row(document: Document) -> ClockRow:
    """Without the timers' claim on it."""
    fields = {name: value for name, value in document.items() if name in ClockRow.model_fields}
    return ClockRow.model_validate({**fields, "id": document["_id"]})
