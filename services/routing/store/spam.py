"""What is known about spam. MongoDB: `spam_filters` (a brand's), `spam_senders`, `spam_letters` (the messages that
nobody had answered when they came, for KEPT_DAYS: what people mark is learnt from them).

No text is kept: a letter has the slots of its words in the filter's table, and a hash of its letters.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from bson.binary import Binary
from pymongo import ASCENDING, DESCENDING, IndexModel, ReplaceOne
from pymongo.asynchronous.client_session import AsyncClientSession

from services.routing.spam.bayes import Filter, pack_slots, unpack_slots
from services.routing.spam.book import Book, Letter, SenderKey
from services.routing.spam.senders import Sender
from shared.contracts.common import Spam
from shared.ids import derived
from shared.mongo import Database, Document, expire_after, replace_versions

KEPT_DAYS = 60
REPEATED_WITHIN = timedelta(days=7)
REPEATED_READ = 20
"""Rows read for each text, roughly: more do not make it more of a repetition."""
FILTERS_KEPT = 100
"""In memory; one is 256 KiB."""


class SpamBooks:
    def __init__(self, database: Database) -> None:
        self._filters = database.get_collection("spam_filters")
        self._senders = database.get_collection("spam_senders")
        self._letters = database.get_collection("spam_letters")
        self._read: OrderedDict[str, tuple[int, Filter]] = OrderedDict()

    async def ensure_indexes(self) -> None:
        await self._letters.create_indexes(
            [
                IndexModel([("conversation_id", ASCENDING)]),
                IndexModel(
                    [("print", ASCENDING), ("at", DESCENDING)],
                    name="prints",
                    partialFilterExpression={"print": {"$type": "string"}},
                ),
            ]
        )
        await expire_after(self._letters, "at", KEPT_DAYS * 24 * 3600)

    async def open(
        self,
        *,
        brands: Collection[str],
        senders: Collection[SenderKey],
        conversations: Collection[str],
        prints: Collection[str],
        now: datetime,
        session: AsyncClientSession,
    ) -> tuple[Book, Mapping[str, int]]:
        """What a batch touches, and the version of each filter."""
        seqs, filters = await self._trained(brands, session)
        letters = []
        if conversations:
            found = self._letters.find({"conversation_id": {"$in": list(conversations)}}, session=session)
            letters = [_letter(row) async for row in found]
        known = await self._known(senders, session)
        return Book(filters, known, letters, await self._repeated(prints, now, session)), seqs

    async def save(self, book: Book, seqs: Mapping[str, int], session: AsyncClientSession) -> None:
        """What the batch changed. Raises StaleVersion when somebody else has trained one of the filters meanwhile."""
        filters = [
            (seqs.get(id_, 0), {"_id": id_, "seq": seqs.get(id_, 0) + 1, "table": Binary(one.packed())})
            for id_, one in book.changed_filters.items()
        ]
        await replace_versions(self._filters, filters, session)
        senders = [
            ReplaceOne({"_id": _sender_id(key)}, _sender(key, one), upsert=True)
            for key, one in book.changed_senders.items()
        ]
        if senders:
            await self._senders.bulk_write(senders, ordered=False, session=session)
        letters = [
            ReplaceOne({"_id": one.entry_id}, _document(one), upsert=True) for one in book.changed_letters.values()
        ]
        if letters:
            await self._letters.bulk_write(letters, ordered=False, session=session)

    async def scores(self, entry_ids: Collection[str]) -> dict[str, Spam]:
        """What messages scored when they came, by entry."""
        found = self._letters.find({"_id": {"$in": list(entry_ids)}}, projection={"spam": 1})
        return {row["_id"]: Spam.model_validate(row["spam"]) async for row in found}

    async def filter(self, brand_id: str) -> Filter:
        _, filters = await self._trained([brand_id], None)
        return filters.get(brand_id, Filter())

    async def _trained(
        self, brands: Collection[str], session: AsyncClientSession | None
    ) -> tuple[dict[str, int], dict[str, Filter]]:
        """Read anew only where somebody has trained them since."""
        asked = {"_id": {"$in": list(brands)}}
        seqs = {row["_id"]: row["seq"] async for row in self._filters.find(asked, {"seq": 1}, session=session)}
        stale = [id_ for id_, seq in seqs.items() if self._read.get(id_, (0, None))[0] != seq]
        if stale:
            async for row in self._filters.find({"_id": {"$in": stale}}, session=session):
                self._read[row["_id"]] = (row["seq"], Filter.unpacked(row["table"]))
        filters = {}
        for id_ in seqs:
            self._read.move_to_end(id_)
            filters[id_] = self._read[id_][1]
        while len(self._read) > FILTERS_KEPT:
            self._read.popitem(last=False)
        return seqs, filters

    async def _known(self, keys: Collection[SenderKey], session: AsyncClientSession) -> dict[SenderKey, Sender]:
        ids = {_sender_id(key): key for key in keys}
        if not ids:
            return {}
        found = self._senders.find({"_id": {"$in": list(ids)}}, session=session)
        return {ids[row["_id"]]: Sender(row["answered"], row["cleared"], row["marked"]) async for row in found}

    async def _repeated(
        self, prints: Collection[str], now: datetime, session: AsyncClientSession
    ) -> dict[str, frozenset[str]]:
        if not prints:
            return {}
        asked = {"print": {"$in": list(prints)}, "at": {"$gt": now - REPEATED_WITHIN}}
        found = self._letters.find(asked, projection={"print": 1, "conversation_id": 1}, session=session)
        there: dict[str, set[str]] = {}
        async for row in found.limit(REPEATED_READ * len(prints)):
            there.setdefault(row["print"], set()).add(row["conversation_id"])
        return {one: frozenset(conversations) for one, conversations in there.items()}


def _sender_id(key: SenderKey) -> str:
    return derived("spam sender", *key)


def _sender(key: SenderKey, one: Sender) -> Document:
    known = {"answered": one.answered, "cleared": one.cleared, "marked": one.marked}
    return {"_id": _sender_id(key), "brand_id": key[0], **known}


def _document(one: Letter) -> Document:
    return {
        "_id": one.entry_id,
        "conversation_id": one.conversation_id,
        "brand_id": one.brand_id,
        "slots": Binary(pack_slots(one.slots)),
        "print": one.print,
        "spam": one.spam.model_dump(),
        "learnt": one.learnt,
        "at": one.at,
    }


def _letter(row: dict[str, Any]) -> Letter:
    return Letter(
        entry_id=row["_id"],
        conversation_id=row["conversation_id"],
        brand_id=row["brand_id"],
        slots=unpack_slots(row["slots"]),
        print=row["print"],
        spam=Spam.model_validate(row["spam"]),
        at=row["at"],
        learnt=row["learnt"],
    )
