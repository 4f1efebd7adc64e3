"""What MongoDB knows of conversations, for the index and for the texts that are shown with a hit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING

from services.tickets.store.documents import read_contact, read_conversation
from services.tickets.store.search.document import SAYING, Said, SearchDocument, document_of, said_in
from shared.contracts.contacts import Contact
from shared.contracts.conversations import Head
from shared.mongo import Collection, Database, Document
from shared.topics import CONTACTS, CONVERSATIONS

ROWS = 5_000
LONG = 300
"""Messages of a conversation that is read by itself, its latest SAID_MAX."""
SAID_MAX = 2_000
SHOWN_MAX = 300
"""Of the latest entries of each hit a stretch is shown."""
_TYPES = [CONVERSATIONS.type_of(kind) for kind in SAYING]
_NAMES = {type_: kind.__name__ for type_, kind in zip(_TYPES, SAYING, strict=True)}
_FIELDS = {"_id": 0, "aggregate_id": 1, "seq": 1, "type": 1, "value": 1}


class Reading:
    """Reads the collections of one tickets database."""

    def __init__(self, database: Database) -> None:
        self._conversations: Collection = database.get_collection("conversations")
        self._contacts: Collection = database.get_collection("contacts")
        self._log: Collection = database.get_collection("log")

    async def count(self) -> int:
        return await self._conversations.estimated_document_count()

    async def ids_after(self, after: str, limit: int) -> list[str]:
        """Every conversation in the order of its id, so that a scan goes on where it ended."""
        found = self._conversations.find({"_id": {"$gt": after}}, {"_id": 1}).sort("_id", ASCENDING).limit(limit)
        return [row["_id"] for row in await found.to_list(None)]

    async def newest(self) -> datetime | None:
        """When the log was written last."""
        row = await self._log.find_one(sort=[("logged_at", DESCENDING)], projection={"logged_at": 1})
        return row["logged_at"] if row else None

    async def changed_since(self, at: datetime) -> AsyncIterator[list[Document]]:
        """Rows of the log as they were written, ROWS at once, with `aggregate_id`, `topic` and `logged_at` alone."""
        fields = {"_id": 0, "aggregate_id": 1, "topic": 1, "logged_at": 1}
        found = self._log.find({"logged_at": {"$gte": at}}, fields).sort([("logged_at", ASCENDING), ("seq", ASCENDING)])
        async with found.batch_size(ROWS) as cursor:
            while rows := await cursor.to_list(ROWS):
                yield rows

    async def conversations_of(self, rows: Iterable[Mapping[str, Any]]) -> list[str]:
        """Ids of the conversations that rows of the log are about: their own, or those of a contact."""
        found: dict[str, None] = {}
        people: set[str] = set()
        for row in rows:
            if row["topic"] == CONVERSATIONS.name:
                found[row["aggregate_id"]] = None
            elif row["topic"] == CONTACTS.name:
                people.add(row["aggregate_id"])
        if people:
            kept = self._contacts.find({"_id": {"$in": list(people)}}, {"merged_ids": 1})
            people |= {one for row in await kept.to_list(None) for one in row.get("merged_ids", ())}
            theirs = self._conversations.find({"contact_id": {"$in": list(people)}}, {"_id": 1}, hint="of_contact")
            found |= dict.fromkeys(row["_id"] for row in await theirs.to_list(None))
        return list(found)

    async def documents(self, ids: Sequence[str]) -> list[SearchDocument]:
        """Of those that exist, as they are now."""
        rows = await self._conversations.find({"_id": {"$in": list(ids)}}).to_list(None)
        heads = [read_conversation(row).head for row in rows]
        said = await self.said(heads, SAID_MAX)
        people = await self._people({head.contact_id for head in heads})
        return [document_of(head, said.get(head.id, []), people.get(head.contact_id)) for head in heads]

    async def said(self, heads: Sequence[Head], most: int = SHOWN_MAX) -> dict[str, list[Said]]:
        """What was said in each and in those merged into it, in order; of a long one the latest `most` entries."""
        long = [head.id for head in heads if head.message_count > LONG]
        short = [head.id for head in heads if head.message_count <= LONG]
        home = {one: head.id for head in heads for one in (head.id, *head.merged_ids)}
        short += [one for one in home if home[one] != one]
        wanted: Document = {"aggregate_id": {"$in": short}, "type": {"$in": _TYPES}}
        rows = await self._log.find(wanted, _FIELDS).to_list(None) if short else []
        for one in long:
            latest = self._log.find({"aggregate_id": one, "type": {"$in": _TYPES}}, _FIELDS).sort("seq", DESCENDING)
            rows += await latest.limit(most).to_list(None)
        found: dict[str, list[Said]] = {}
        for row in sorted(rows, key=lambda row: row["seq"]):
            if said := said_in(_NAMES[row["type"]], row["value"]):
                found.setdefault(home[row["aggregate_id"]], []).append(said)
        for head in heads:
            if head.merged_ids and head.id in found:
                found[head.id].sort(key=lambda one: one.at)
        return found

    async def _people(self, ids: set[str]) -> dict[str, Contact]:
        """By the id that conversations know them by: of a duplicate the one that stands for it."""
        either: Document = {"$or": [{"_id": {"$in": list(ids)}}, {"merged_ids": {"$in": list(ids)}}]}
        found: dict[str, Contact] = {}
        for row in await self._contacts.find(either).to_list(None):
            contact = read_contact(row)
            if contact.merged_into is None:
                found |= dict.fromkeys((contact.id, *contact.merged_ids), contact)
        return found
