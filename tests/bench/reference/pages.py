"""The floor for a page of an inbox: one bare `find` on its index with PyMongo, and nothing made of it.

Nothing is counted, nobody's unread marks are looked up, no JSON is written.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pymongo.asynchronous.collection import AsyncCollection

Document = dict[str, Any]
Collection = AsyncCollection[Document]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EITHER = {"$in": [True, False]}
ANY_STATUS = {"$in": ["open", "snoozed", "closed"]}
NEWEST = ({"priority": EITHER}, "last_activity_at", -1, "inbox_activity")

FINDS: dict[str, list[tuple[Document, str, int, str]]] = {
    "newest": [NEWEST],
    "oldest": [({"priority": EITHER}, "last_activity_at", 1, "inbox_activity")],
    "started_first": [({}, "started_at", 1, "inbox_started")],
    "started_last": [({}, "started_at", -1, "inbox_started")],
    "waited_longest": [
        ({"waiting_since": {"$gt": EPOCH}}, "waiting_since", 1, "inbox_waiting"),
        ({"priority": EITHER, "waiting_since": None}, "last_activity_at", -1, "inbox_activity"),
    ],
    "next_sla": [
        ({"next_sla_at": {"$gt": EPOCH}}, "next_sla_at", 1, "inbox_sla"),
        ({"priority": EITHER, "next_sla_at": None}, "last_activity_at", -1, "inbox_activity"),
    ],
    "priority": [
        ({"priority": True}, "last_activity_at", -1, "inbox_activity"),
        ({"priority": False}, "last_activity_at", -1, "inbox_activity"),
    ],
}
"""By sort: what is asked, in turn until the page is full."""


async def page(
    collection: Collection,
    box: str,
    status: str,
    sort: str,
    *,
    brands: tuple[str, ...] = (),
    skip: Document | None = None,
    limit: int,
) -> list[Document]:
    """`box`: an inbox as documents name it. `skip`: the last row of the page before."""
    wanted: Document = {"boxes": box, "status": ANY_STATUS if status == "all" else status}
    if brands:
        wanted["brand_id"] = {"$in": list(brands)}
        if box == "all":
            wanted["boxes"] = {"$in": [f"brand:{one}" for one in brands]}
    found: list[Document] = []
    for match, field, direction, index in FINDS[sort]:
        asked: Document = {**wanted, **match}
        if skip is not None:
            if not _is_in(match, skip):
                continue
            word, beyond = ("$gte", "$gt") if direction > 0 else ("$lte", "$lt")
            tied = {"$or": [{field: {beyond: skip[field]}}, {"_id": {beyond: skip["_id"]}}]}
            asked = {"$and": [asked, {field: {word: skip[field]}, **tied}]}
            skip = None
        rows = collection.find(asked, hint=index).sort([(field, direction), ("_id", direction)])
        found += await rows.limit(limit - len(found)).to_list(None)
        if len(found) == limit:
            break
    return found


async def by_ids(collection: Collection, ids: tuple[str, ...]) -> list[Document]:
    """In the order of `ids`."""
    rows = {row["_id"]: row for row in await collection.find({"_id": {"$in": list(ids)}}).to_list(None)}
    return [rows[one] for one in ids]


def _is_in(match: Document, row: Document) -> bool:
    """Whether a row is one of those that this find gives."""
    return all(
        row[name] is None if want is None else row[name] == want if isinstance(want, bool) else row[name] is not None
        for name, want in match.items()
    )
