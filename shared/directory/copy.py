"""The directory as a service last knew it, in its own database (collection `directory`): for a start without Kafka.

The Kafka topic is the truth; the copy stands in until it has been read, and is then made to say the same.
A row: `_id` is the topic's key (`<kind>:<id>`), `type` the CloudEvents type, `seq` the entity's, `value` its JSON.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError
from pymongo import DeleteOne, ReplaceOne
from pymongo.errors import BulkWriteError

from shared.contracts.base import Event
from shared.logs import get_logger
from shared.mongo import Collection, Database, Document
from shared.topics import DIRECTORY, EVENT_TYPES

log = get_logger(__name__)

COLLECTION = "directory"
_DUPLICATE_KEY = 11000

Changes = Mapping[str, Event | None]
"""What is new, by the topic's key; None: it is gone."""


class DirectoryCopy:
    """Every replica of a service writes the same rows: an older change never replaces a newer one."""

    def __init__(self, database: Database) -> None:
        self._rows: Collection = database.get_collection(COLLECTION)

    async def load(self) -> dict[str, Event]:
        """All that was kept, by key; a row that this version cannot read is passed over. Raises PyMongo's errors."""
        found: dict[str, Event] = {}
        for row in await self._rows.find().to_list(None):
            model = EVENT_TYPES.get((DIRECTORY.name, row["type"]))
            try:
                if model is not None:
                    found[row["_id"]] = model.read(row["value"])
            except ValidationError:
                log.warning("kept directory row unreadable", key=row["_id"])
        return found

    async def keep(self, changes: Changes) -> None:
        """Write what is newer than what is kept; remove what is gone."""
        writes: list[ReplaceOne[Document] | DeleteOne] = []
        for key, event in changes.items():
            if event is None:
                writes.append(DeleteOne({"_id": key}))
            else:
                row = _row(key, event)
                # With a newer row there, this is an insert of a second one, which is refused.
                writes.append(ReplaceOne({"_id": key, "seq": {"$lt": row["seq"]}}, row, upsert=True))
        await self._write(writes)

    async def agree(self, truth: Mapping[str, Event]) -> None:
        """Make the copy say what the whole topic says: after a restore that is less than what was kept."""
        kept = {row["_id"]: row["seq"] async for row in self._rows.find(projection={"seq": 1})}
        writes: list[ReplaceOne[Document] | DeleteOne] = []
        for key, seq in kept.items():
            there = {"_id": key, "seq": seq}
            event = truth.get(key)
            if event is None:
                writes.append(DeleteOne(there))
            elif _row(key, event)["seq"] < seq:
                writes.append(ReplaceOne(there, _row(key, event)))
        await self._write(writes)
        await self.keep(truth)

    async def _write(self, writes: list[ReplaceOne[Document] | DeleteOne]) -> None:
        if not writes:
            return
        try:
            await self._rows.bulk_write(writes, ordered=False)
        except BulkWriteError as error:
            if any(one["code"] != _DUPLICATE_KEY for one in (error.details or {}).get("writeErrors", [])):
                raise


def _row(key: str, event: Event) -> Document:
    seq: int = event.seq  # type: ignore[attr-defined]  # every event of the directory has one
    return {"_id": key, "type": DIRECTORY.type_of(type(event)), "seq": seq, "value": event.model_dump_json()}
