"""Who changed the configuration: one row for each change, in the transaction that made it, with its event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pymongo import DESCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from shared.clock import Clock
from shared.contracts.audit import ConfigurationChanged, FieldChange
from shared.contracts.base import Event
from shared.contracts.common import Actor
from shared.contracts.governance import ArtifactChanged
from shared.directory.known import key_of
from shared.ids import event_id
from shared.log import Cause, Fact, Log
from shared.mongo import Database, Document
from shared.topics import AUDIT

SYSTEM = Actor(kind="system")


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes something, and how, in a sentence, where that is not by signing in and doing it."""

    by: Actor
    how: str = ""


class AuditStore:
    """`audit`: the events as documents, `_id` theirs."""

    def __init__(self, database: Database, log: Log, clock: Clock) -> None:
        self._rows = database.get_collection("audit")
        self._log = log
        self._clock = clock

    async def ensure_indexes(self) -> None:
        newest = [("at", DESCENDING), ("_id", DESCENDING)]
        await self._rows.create_indexes(
            [
                IndexModel(newest),
                IndexModel([("kind", DESCENDING), *newest]),
                IndexModel([("kind", DESCENDING), ("entity_id", DESCENDING), *newest]),
                IndexModel([("by.id", DESCENDING), *newest]),
            ]
        )

    async def note(
        self,
        cause: Cause,
        entry: Event,
        name: str,
        made: bool,
        changes: tuple[FieldChange, ...],
        author: Author,
        session: AsyncClientSession,
    ) -> None:
        """Record what became of a directory entry; its event is the cause's second."""
        kind, _, entity_id = key_of(entry).partition(":")
        seq: int = entry.seq  # type: ignore[attr-defined]  # every event of the directory has one
        act_id = event_id(cause.id, 1)
        event = ConfigurationChanged(
            act_id=act_id,
            at=self._clock(),
            by=author.by,
            kind=kind,
            entity_id=entity_id,
            name=name,
            seq=seq,
            made=made,
            changes=changes,
            text=author.how,
        )
        await self._add(cause, event, session)

    async def noted(self, acts: Iterable[str], session: AsyncClientSession) -> set[str]:
        """Those of `acts` (`act_id`s of artifacts) that are recorded, however long ago."""
        rows = {_row_of(one): one for one in acts}
        found = self._rows.find({"_id": {"$in": list(rows)}}, projection={"_id": 1}, session=session)
        return {rows[row["_id"]] async for row in found}

    async def note_act(self, event: ArtifactChanged, by: Actor, session: AsyncClientSession) -> None:
        """Record what was done to a governed artifact. The same act again is the same row: see that it comes once."""
        act_id = _row_of(event.act_id)
        made = event.act == "saved" and event.version == 1
        same = event.model_dump(include={"at", "kind", "name", "seq", "act", "version", "text"})
        told = ConfigurationChanged(
            **same, act_id=act_id, by=by, entity_id=event.artifact_id, made=made, changes=event.changes
        )
        await self._add(Cause(event.act_id, event.act_id), told, session)

    async def _add(self, cause: Cause, event: ConfigurationChanged, session: AsyncClientSession) -> None:
        key = f"{event.kind}:{event.entity_id}"
        await self._rows.insert_one({**event.model_dump(exclude={"act_id"}), "_id": event.act_id}, session=session)
        await self._log.append([Fact.of(1, cause, AUDIT, key, f"audit:{key}", event.seq, event.at, event)], session)

    async def page(
        self,
        *,
        kind: str | None,
        entity_id: str | None,
        by: str | None,
        before: tuple[datetime, str] | None,
        limit: int,
    ) -> list[ConfigurationChanged]:
        """The newest first, those after `before` (a row's `at` and id)."""
        wanted: Document = {}
        if kind is not None:
            wanted["kind"] = kind
        if entity_id is not None:
            wanted["entity_id"] = entity_id
        if by is not None:
            wanted["by.id"] = by
        if before is not None:
            at, id_ = before
            wanted["$or"] = [{"at": {"$lt": at}}, {"at": at, "_id": {"$lt": id_}}]
        found = self._rows.find(wanted).sort([("at", -1), ("_id", -1)]).limit(limit)
        return [_read(row) async for row in found]


def _row_of(act_id: str) -> str:
    """The line of an act on an artifact, which came from elsewhere with an id of its own."""
    return event_id(act_id, 1)


def _read(row: Document) -> ConfigurationChanged:
    fields = {name: value for name, value in row.items() if name != "_id"}
    return ConfigurationChanged.model_validate({**fields, "act_id": row["_id"]})
