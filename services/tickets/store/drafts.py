"""What agents wrote and did not send, and replies that are held for a moment before they leave.

Drafts are their author's alone and no state of the conversation, so they make no event; a held reply makes its events
when it leaves, in the transaction that takes it from here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pymongo import ASCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from services.tickets.model.draft import Draft, Place, Thing, decide_draft, emptied, moved, put_back
from services.tickets.model.outbox import Held
from shared.clock import Clock
from shared.mongo import Client, Collection, Database, Document, expire_after, in_transaction

KEPT_S = 180 * 86_400
"""A draft that nobody touched for half a year goes."""


class DraftStore:
    """`drafts`: `_id` is `<agent>|<id of the thing>|<box>`; the thing's id stands in `<thing>_id` as well."""

    def __init__(self, client: Client, database: Database, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._rows = database.get_collection("drafts")

    async def ensure_indexes(self) -> None:
        await expire_after(self._rows, "updated_at", KEPT_S)
        await self._rows.create_index("conversation_id")
        await self._rows.create_index("contact_id", sparse=True)

    async def of(self, agent_id: str, thing_id: str = "") -> dict[str, Draft]:
        """What they wrote about one thing, or about nothing that is there yet, by box."""
        rows = await self._rows.find(_beginning(f"{agent_id}|{thing_id}|")).to_list(None)
        return {_box(row): _draft(row) for row in rows}

    async def put(self, agent_id: str, place: Place, wanted: Draft) -> Draft:
        """Raises Conflict when it was written elsewhere since `wanted.rev`."""

        async def work(session: AsyncClientSession) -> Draft:
            known = await self._at(agent_id, place, session)
            after = decide_draft(known, wanted, self._clock())
            if after is not known:
                await self._write(agent_id, place, after, session)
            return after

        return await in_transaction(self._client, work)

    async def empty(self, agent_id: str, place: Place, session: AsyncClientSession) -> None:
        """It was sent."""
        known = await self._at(agent_id, place, session)
        after = emptied(known, self._clock())
        if after is not known:
            await self._write(agent_id, place, after, session)

    async def put_back(self, agent_id: str, conversation_id: str, letter: Draft, session: AsyncClientSession) -> Draft:
        """A reply was not sent after all."""
        place = Place("reply", "conversation", conversation_id)
        after = put_back(await self._at(agent_id, place, session), letter, self._clock())
        await self._write(agent_id, place, after, session)
        return after

    async def move(self, thing: Thing, from_id: str, to_id: str, session: AsyncClientSession) -> None:
        """What was being written about one that is merged goes on in the kept one, behind what is being written
        there."""
        rows = await self._rows.find({f"{thing}_id": from_id}, session=session).to_list(None)
        for row in rows:
            agent_id, place = row["agent_id"], Place(_box(row), thing, to_id)
            there = await self._at(agent_id, place, session)
            after = moved(_draft(row), there)
            if after is not there:
                await self._write(agent_id, place, after, session)
                await self._rows.delete_one({"_id": row["_id"]}, session=session)

    async def drop_of(self, agent_id: str, session: AsyncClientSession) -> None:
        """They are gone, and nobody else ever reads it."""
        await self._rows.delete_many(_beginning(f"{agent_id}|"), session=session)

    async def _at(self, agent_id: str, place: Place, session: AsyncClientSession) -> Draft:
        return _draft(await self._rows.find_one({"_id": _id(agent_id, place)}, session=session))

    async def _write(self, agent_id: str, place: Place, draft: Draft, session: AsyncClientSession) -> None:
        about = {f"{place.thing}_id": place.id} if place.thing else {}
        row = {"agent_id": agent_id, **about, **draft.model_dump()}
        await self._rows.replace_one({"_id": _id(agent_id, place)}, row, upsert=True, session=session)


class OutboxStore:
    """`outbox`: rows with a `due_at` are on their way, those without could not be sent and wait for their author."""

    def __init__(self, database: Database) -> None:
        self.rows: Collection = database.get_collection("outbox")
        self._restored = database.get_collection("restored")

    async def ensure_indexes(self) -> None:
        await self.rows.create_indexes(
            [
                IndexModel([("agent_id", ASCENDING), ("written_at", ASCENDING)]),
                IndexModel([("conversation_id", ASCENDING)]),
            ]
        )

    async def of_agent(self, agent_id: str) -> list[Held]:
        """The oldest first."""
        found = self.rows.find({"agent_id": agent_id}).sort([("written_at", ASCENDING)])
        return [_held(row) for row in await found.to_list(100)]

    async def find(self, ids: Sequence[str], session: AsyncClientSession) -> list[Held]:
        """Those that are still here, in the order in which they were written."""
        found = self.rows.find({"_id": {"$in": list(ids)}}, session=session).sort([("written_at", ASCENDING)])
        return [_held(row) for row in await found.to_list(None)]

    async def of_others(self, conversation_id: str, agent_id: str, session: AsyncClientSession) -> list[Held]:
        """Replies of colleagues that are about to leave."""
        wanted = {"conversation_id": conversation_id, "agent_id": {"$ne": agent_id}, "due_at": {"$ne": None}}
        return [_held(row) for row in await self.rows.find(wanted, session=session).to_list(10)]

    async def add(self, held: Held, session: AsyncClientSession) -> None:
        row = held.model_dump()
        await self.rows.insert_one({"_id": row.pop("id"), **row}, session=session)

    async def remove(self, ids: Sequence[str], session: AsyncClientSession) -> None:
        if ids:
            await self.rows.delete_many({"_id": {"$in": list(ids)}}, session=session)

    async def refuse(self, id_: str, problem: str, session: AsyncClientSession) -> None:
        """It stays, with the reason, until its author has dealt with it."""
        change = {"$set": {"due_at": None, "problem": problem}, "$unset": {"lease_until": "", "lease_by": ""}}
        await self.rows.update_one({"_id": id_}, change, session=session)

    async def restored_at(self) -> datetime | None:
        """When this database was loaded from a back-up, if what was to leave is held."""
        row = await self._restored.find_one({"hold": True})
        return row["at"] if row else None


def _id(agent_id: str, place: Place) -> str:
    return f"{agent_id}|{place.id}|{place.box}"


def _box(row: Document) -> str:
    box: str = row["_id"].split("|", 2)[2]
    return box


def _beginning(prefix: str) -> Document:
    """Ids that begin so, by the index that every collection has."""
    return {"_id": {"$gte": prefix, "$lt": prefix[:-1] + chr(ord(prefix[-1]) + 1)}}


def _draft(row: Document | None) -> Draft:
    return Draft.model_validate(row, extra="ignore") if row else Draft()


def _held(row: Document) -> Held:
    return Held.model_validate({"id": row["_id"], **{name: row[name] for name in Held.model_fields if name != "id"}})
