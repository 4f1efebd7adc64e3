"""Where each conversation stands: what lists are filtered by, in a small collection of its own.

A row has the conversation's `_id`, what the conversation says in FIELDS, and since when it is quiet. It is written in
the same transaction, only when one of them changes. MongoDB makes the keys of every index of a collection anew for each
update of a document, so the same indexes on `conversations` would be paid for by every message
(`docs/decisions/011-combined-filters.md`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel, InsertOne, ReplaceOne
from pymongo.errors import ExecutionTimeout

from services.tickets.store.documents import stored_status
from services.tickets.store.filters import NOBODY
from services.tickets.store.inbox_indexes import EPOCH
from shared.contracts.conversations import Head
from shared.mongo import Collection, Document

NAME = "standings"
FIELDS = (
    "status",
    "spam",
    "brand_id",
    "team_id",
    "priority",
    "channel",
    "topic",
    "assignee_id",
    "created_by",
    "tags",
    "started_at",
)
"""What filters and scopes ask for, and when it began. None of it changes with a mere message."""
_ABSENT = ("team_id", "assignee_id")
"""Said as NOBODY where there is none: where an index says null, MongoDB reads the row to know."""
QUIET = "quiet_since"
"""`last_activity_at` of one that is not open, None of an open one, whose time every message changes."""
TIMES = {"started_at": "started_at", "last_activity_at": QUIET}
"""Which times of conversations the rows have, and as what."""
WITHIN_MS = 150
"""What is not found by then is not counted: of an inbox that is narrowed to what it seldom has. Next to all is found in
a tenth of it, where the machine has a core left."""


def _index(name: str, *fields: str, **options: Any) -> IndexModel:
    return IndexModel([(field, ASCENDING) for field in fields], name=name, **options)


_KIND = ("priority", "channel", "topic")
_END = ("started_at", QUIET, "_id")
"""All that a list of ids in order needs besides, so that no row is read for it."""
_TAGGED = {"partialFilterExpression": {"tags": {"$gt": ""}}}
# Where a field is not asked for, MongoDB skips from value to value, so fields of few values stand before those of many.
INDEXES = [
    _index("by_place", "status", "spam", "brand_id", *_KIND, "team_id", "assignee_id", *_END),
    _index("by_agent", "status", "spam", "assignee_id", *_KIND, "brand_id", "team_id", *_END),
    _index("by_tag", "tags", "status", "spam", *_KIND, "brand_id", "team_id", "assignee_id", *_END, **_TAGGED),
    _index("by_tag_of_agent", "tags", "assignee_id", "status", "spam", *_KIND, "brand_id", "team_id", *_END, **_TAGGED),
    # In their order, for what many have in common. What is open has no entry in the second.
    _index("by_start", "status", "spam", "started_at", "_id", "brand_id", *_KIND, "team_id", "assignee_id"),
    _index(
        "by_quiet",
        *("status", "spam", QUIET, "_id", "brand_id", *_KIND, "team_id", "assignee_id"),
        partialFilterExpression={QUIET: {"$gt": EPOCH}},
    ),
]
IN_ORDER = {"started_at": "by_start", QUIET: "by_quiet"}


async def ensure_indexes(standings: Collection) -> None:
    await standings.create_indexes(INDEXES)


def standing(conversation: Mapping[str, Any]) -> Document:
    """The row of a conversation's document."""
    quiet = None if conversation["status"] == "open" else conversation["last_activity_at"]
    fields = {name: conversation[name] for name in FIELDS}
    return {"_id": conversation["_id"], **fields, **{name: fields[name] or NOBODY for name in _ABSENT}, QUIET: quiet}


def standing_match(match: Mapping[str, Any]) -> Document:
    """The same condition (`filters.Part.match`) of a row."""
    return {name: NOBODY if value is None else value for name, value in match.items()}


def standing_write(head: Head, changes: Document | None) -> InsertOne[Document] | ReplaceOne[Document] | None:
    """What has to be written for a conversation of whose document `changes` are other than before, None when it is new.
    None when it stands where it stood."""
    status = stored_status(head)
    if changes is not None and changes.keys().isdisjoint(FIELDS if status == "open" else _OF_QUIET):
        return None
    row = standing({name: getattr(head, name) for name in _OF_QUIET} | {"_id": head.id, "status": status})
    return InsertOne(row) if changes is None else ReplaceOne({"_id": head.id}, row, upsert=True)


_OF_QUIET = frozenset((*FIELDS, "last_activity_at"))


async def find_standing(standings: Collection, match: Document, index: str, limit: int) -> list[str] | None:
    """Ids of up to `limit` conversations that stand there, in no order; None when it takes too long."""
    found = standings.find(match, {"_id": 1}, hint=index).limit(limit).batch_size(limit).max_time_ms(WITHIN_MS)
    try:
        return [row["_id"] for row in await found.to_list(None)]
    except ExecutionTimeout:
        return None


async def find_first(
    standings: Collection,
    match: Document,
    index: str,
    time: str,
    direction: int,
    limit: int,
    *,
    within_ms: int | None,
) -> list[tuple[datetime, str]] | None:
    """(time, id) of the first `limit` that stand there, by one of TIMES and then by their ids; None when it takes
    longer."""
    asked = {"$and": [match, {time: {"$gt": EPOCH}}]}
    found = standings.find(asked, {time: 1}, hint=index).sort([(time, direction), ("_id", direction)])
    try:
        return [(row[time], row["_id"]) for row in await found.limit(limit).max_time_ms(within_ms).to_list(None)]
    except ExecutionTimeout:
        return None
