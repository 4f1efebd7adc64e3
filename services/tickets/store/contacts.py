"""Contacts by id, as sorted lists in cursor pages, and by the words that somebody looks for; each from an index."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic_core import from_json, to_json
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import ExecutionTimeout

from services.tickets.model.contact_words import LAST, alike, fold, name_key, prefixes
from services.tickets.store.documents import read_contact
from shared.contracts.contacts import Contact
from shared.errors import Invalid, Overloaded
from shared.mongo import Collection, Document

ContactSort = Literal["name", "newest"]

TOTAL_MAX = 10_000
"""Counting goes no further: of more, nobody needs to know how many, and it would cost more than the page."""
HITS_MAX = 200
"""Of a search; who has more hits adds a word."""
SLOWEST_MS = 3_000
ALIKE_MAX = 10
_ALIKE_CHARS = 7
"""A shorter local part (`=` and six letters) says nothing: `info`, `anna`."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SORTS: dict[ContactSort, tuple[str, int]] = {"name": ("name_key", ASCENDING), "newest": ("created_at", DESCENDING)}

INDEXES = [
    # One handle, one person: two that write for the first time at once meet here, and one runs again.
    IndexModel([("handles", ASCENDING)], unique=True, partialFilterExpression={"handles": {"$gt": ""}}),
    IndexModel([("terms", ASCENDING)], name="contact_terms"),
    IndexModel([("facets", ASCENDING), ("name_key", ASCENDING), ("_id", ASCENDING)], name="contact_names"),
    IndexModel([("facets", ASCENDING), ("created_at", ASCENDING), ("_id", ASCENDING)], name="contact_created"),
    # Partial: who has none of it has no entry, so that a first message does not touch them.
    *(
        IndexModel([(path, ASCENDING)], name=name, partialFilterExpression={path: {"$gt": least}})
        for name, path, least in (
            ("contact_merged", "merged_ids", ""),
            ("contact_purchases", "last_purchase_at", _EPOCH),
            ("contact_revenue", "revenue", -1e16),
        )
    ),
    # Of what one wrote with us: as who knows only some brands, and as who knows all, sees it (`store.talk_work`).
    IndexModel([("talked", ASCENDING)], name="contact_talked", partialFilterExpression={"talked": {"$gt": ""}}),
    *(
        IndexModel([("talks.place", ASCENDING), (f"talks.{one}", ASCENDING)], name=f"contact_{one}", sparse=True)
        for one in ("last_wrote", "first_wrote", "last_answered", "conversations")
    ),
    IndexModel([("talks.did.name", ASCENDING), ("talks.did.day", ASCENDING)], name="contact_did", sparse=True),
    IndexModel(
        [("attributes.id", ASCENDING), ("attributes.value", ASCENDING)],
        name="contact_attributes",
        sparse=True,
    ),
]


async def ensure_indexes(contacts: Collection) -> None:
    await contacts.create_indexes(INDEXES)


@dataclass(frozen=True, slots=True)
class ContactQuery:
    """`brands` empty: of all. `segment` is a filter of `store.segments`."""

    brands: frozenset[str] = frozenset()
    sort: ContactSort = "name"
    segment: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ContactPage:
    items: list[Contact]
    next_cursor: str | None


def place(brands: frozenset[str]) -> Document:
    """The lists that hold what somebody sees."""
    return {"facets": {"$in": [f"brand:{one}" for one in sorted(brands)]} if brands else "all"}


async def find_contact(contacts: Collection, contact_id: str) -> Contact | None:
    """The contact, or the one that stands for it since they were merged."""
    both: Document = {"$or": [{"_id": contact_id}, {"merged_ids": contact_id}]}
    found = [read_contact(row) for row in await contacts.find(both).to_list(None)]
    return min(found, key=lambda one: one.merged_into is not None, default=None)


async def find_contacts(contacts: Collection, query: ContactQuery, *, cursor: str | None, limit: int) -> ContactPage:
    """One page of a list. Raises Invalid when the cursor is not one of ours, Overloaded when it takes too long."""
    by, direction = _SORTS[query.sort]
    wanted: Document = {"$and": [place(query.brands), query.segment] if query.segment else [place(query.brands)]}
    if cursor:
        wanted["$and"].append(_beyond(by, direction, cursor))
    found = contacts.find(wanted).sort([(by, direction), ("_id", direction)]).limit(limit + 1).max_time_ms(SLOWEST_MS)
    try:
        rows = await found.to_list(None)
    except ExecutionTimeout as error:
        raise Overloaded(
            "too_slow", "That takes too long to find. Add a condition that fits fewer contacts."
        ) from error
    following = _cursor(by, rows[limit - 1]) if len(rows) > limit else None
    return ContactPage([read_contact(row) for row in rows[:limit]], following)


async def count_contacts(contacts: Collection, query: ContactQuery) -> int | None:
    """How many, up to TOTAL_MAX; None when that takes too long to count."""
    wanted: Document = {"$and": [place(query.brands), query.segment] if query.segment else [place(query.brands)]}
    command: Document = {"count": contacts.name, "query": wanted, "limit": TOTAL_MAX, "maxTimeMS": SLOWEST_MS}
    try:
        answer: Document = await contacts.database.command(command)
    except ExecutionTimeout:
        return None
    return int(answer["n"])


async def search_contacts(contacts: Collection, text: str, brands: frozenset[str], limit: int) -> list[Contact]:
    """Who has all the words, the best first; at most `limit` of the first HITS_MAX."""
    groups = prefixes(text)
    if not groups:
        return []
    # The longest word narrows most: it comes first, the others are looked at on what it finds.
    parts = [
        {"$or": [{"terms": {"$regex": f"^{re.escape(one)}"}} for one in group]}
        for group in sorted(groups, key=lambda group: -max(map(len, group)))
    ]
    wanted = {"$and": [*parts, place(brands)]}
    found = contacts.find(wanted, hint="contact_terms").limit(HITS_MAX).max_time_ms(SLOWEST_MS)
    try:
        people = [read_contact(row) for row in await found.to_list(None)]
    except ExecutionTimeout as error:
        raise Overloaded("too_slow", "That is found too often. Add another word.") from error
    whole = fold(text)
    people.sort(key=lambda one: (not name_key(one).startswith(whole), name_key(one), one.id))
    return people[:limit]


async def alike_contacts(contacts: Collection, contact: Contact, brands: frozenset[str]) -> list[Contact]:
    """Who may be the same person: of the same full name, or with the same local part of an address."""
    key = name_key(contact)
    local = [one for one in map(alike, contact.emails) if len(one) >= _ALIKE_CHARS]
    either: list[Document] = [{"terms": {"$in": local}}] if local else []
    if " " in key and not key.startswith(LAST):
        either.append({"facets": "all", "name_key": key})
    if not either:
        return []
    found = contacts.find({"$and": [{"$or": either}, place(brands), {"_id": {"$ne": contact.id}}]})
    rows = await found.limit(ALIKE_MAX).max_time_ms(SLOWEST_MS).to_list(None)
    return sorted((read_contact(row) for row in rows), key=lambda one: (name_key(one), one.id))


def _beyond(by: str, direction: int, cursor: str) -> Document:
    """Strictly beyond a place. The first condition bounds the index scan, the second only skips ties."""
    beyond, reached = ("$gt", "$gte") if direction == ASCENDING else ("$lt", "$lte")
    try:
        named, value, id_ = from_json(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if named == by and isinstance(id_, str) and isinstance(value, str if by == "name_key" else int):
            at: Any = _EPOCH + timedelta(milliseconds=value) if isinstance(value, int) else value
            return {by: {reached: at}, "$or": [{by: {beyond: at}}, {"_id": {beyond: id_}}]}
    except (ValueError, TypeError, OverflowError):
        pass  # told below, in the same words as a cursor of another sort
    raise Invalid("bad_cursor", "This page does not exist; start again without a cursor.")


def _cursor(by: str, row: Document) -> str:
    value = row[by] if by == "name_key" else (row[by] - _EPOCH) // timedelta(milliseconds=1)
    return base64.urlsafe_b64encode(to_json([by, value, row["_id"]])).decode().rstrip("=")
