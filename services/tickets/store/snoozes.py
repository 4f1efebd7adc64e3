"""When snoozed conversations wake: each has one row among the timers, with its own id; any other has none."""

from __future__ import annotations

from pymongo import DeleteOne, ReplaceOne

from shared.contracts.conversations import Head
from shared.mongo import Document


def snooze_write(before: Head | None, after: Head) -> ReplaceOne[Document] | DeleteOne | None:
    """What has to be written for a conversation that is new or has changed; None when it wakes when it did."""
    until = after.snoozed_until
    if until == (before.snoozed_until if before else None):
        return None
    if until is None:
        return DeleteOne({"_id": after.id})
    return ReplaceOne({"_id": after.id}, {"_id": after.id, "due_at": until}, upsert=True)
