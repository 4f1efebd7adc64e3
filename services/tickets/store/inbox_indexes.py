"""The indexes behind the inbox lists and their counts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from pymongo import ASCENDING, IndexModel

from shared.mongo import Collection

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _index(name: str, *fields: str, **options: Any) -> IndexModel:
    return IndexModel([(field, ASCENDING) for field in fields], name=name, **options)


INDEXES = [
    # An entry for each inbox that a conversation is in; the sort's field and the id give the order. The brand stands
    # last, so that who works for some brands skips the others' conversations without reading them.
    _index("inbox_activity", "boxes", "status", "priority", "last_activity_at", "_id", "brand_id"),
    _index("inbox_started", "boxes", "status", "started_at", "_id", "brand_id"),
    # Partial: only who waits, or has a target, has an entry, so most writes don't touch them.
    _index(
        "inbox_waiting",
        *("boxes", "status", "waiting_since", "_id", "brand_id"),
        partialFilterExpression={"waiting_since": {"$gt": EPOCH}},
    ),
    _index(
        "inbox_sla",
        *("boxes", "status", "next_sla_at", "_id", "brand_id"),
        partialFilterExpression={"next_sla_at": {"$gt": EPOCH}},
    ),
    # Never changes after the first message, so only new conversations touch it.
    _index("of_contact", "contact_id", "started_at", "_id"),
    # Partial: only those that are open or snoozed ("closed" and "merged" come before "n"). Finds the newest one of a
    # contact, however many are closed.
    _index("unclosed_of_contact", "contact_id", "started_at", "_id", partialFilterExpression={"status": {"$gt": "n"}}),
    # Partial: only conversations that somebody called from. Finds where an outgoing call was asked for.
    _index("dialed", *("dial.number", "dial.asked_at"), partialFilterExpression={"dial.asked_at": {"$gt": EPOCH}}),
    # Covers the sidebar's counts (`counts`): no document is read for them.
    _index(
        "inbox_counts",
        *("status", "spam", "brand_id", "channel", "team_id", "assignee_id", "waiting_since"),
        partialFilterExpression={"status": "open"},
    ),
]


async def ensure_indexes(conversations: Collection) -> None:
    await conversations.create_indexes(INDEXES)
