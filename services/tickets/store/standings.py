"""Where each conversation stands: what lists are filtered by, in a small collection of its own.

A row has the conversation's `_id` and what the conversation says in FIELDS, and is written in the same transaction,
only when one of them changes. MongoDB makes the keys of every index of a collection anew for each update of a document,
so the same indexes on `conversations` would be paid for by every message (`docs/decisions/011-combined-filters.md`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo import ASCENDING, IndexModel, InsertOne, ReplaceOne
from pymongo.errors import ExecutionTimeout

from services.tickets.store.documents import stored_status
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
)
"""What filters and scopes ask for. None of it changes with a mere message."""
WITHIN_MS = 50
"""What is not found by then is not counted: of an inbox that is narrowed to what it seldom has."""


def _index(name: str, *fields: str, **options: Any) -> IndexModel:
    return IndexModel([(field, ASCENDING) for field in fields], name=name, **options)


# Where a field is not asked for, MongoDB skips from value to value, so fields of few values stand before those of many.
INDEXES = [
    _index("place", *("status", "spam", "brand_id", "team_id", "priority", "channel", "topic", "assignee_id")),
    _index("agent", *("status", "spam", "assignee_id", "channel", "priority", "topic", "brand_id", "team_id")),
    _index("kind", *("status", "spam", "brand_id", "channel", "topic", "priority")),
    _index(
        "tags",
        *("tags", "status", "spam", "priority", "channel", "brand_id", "team_id", "assignee_id", "topic"),
        partialFilterExpression={"tags": {"$gt": ""}},
    ),
]


async def ensure_indexes(standings: Collection) -> None:
    await standings.create_indexes(INDEXES)


def standing(conversation: Mapping[str, Any]) -> Document:
    """The row of a conversation's document."""
    return {"_id": conversation["_id"], **{name: conversation[name] for name in FIELDS}}


def standing_write(head: Head, changes: Document | None) -> InsertOne[Document] | ReplaceOne[Document] | None:
    """What has to be written for a conversation of whose document `changes` are other than before, None when it is new.
    None when it stands where it stood."""
    if changes is not None and changes.keys().isdisjoint(FIELDS):
        return None
    row = {"_id": head.id, **{name: getattr(head, name) for name in FIELDS}, "status": stored_status(head)}
    return InsertOne(row) if changes is None else ReplaceOne({"_id": head.id}, row, upsert=True)


async def find_standing(standings: Collection, match: Document, index: str, limit: int) -> list[str] | None:
    """Ids of up to `limit` conversations that stand there, in no order; None when it takes too long."""
    found = standings.find(match, {"_id": 1}, hint=index).limit(limit).batch_size(limit).max_time_ms(WITHIN_MS)
    try:
        return [row["_id"] for row in await found.to_list(None)]
    except ExecutionTimeout:
        return None
