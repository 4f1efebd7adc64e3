"""The services' MongoDB databases into files and back. All collections are read at one moment.

A snapshot session (MongoDB manual, "Read Concern snapshot") reads every database of one replica set as it was at one
cluster time, so no service is ahead of another: what a reader has applied is in the log that it came from.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import bson
from bson.codec_options import CodecOptions
from bson.json_util import dumps, loads
from bson.raw_bson import RawBSONDocument
from pymongo import IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import OperationFailure

from deploy.backup import files
from deploy.backup.errors import BackupError
from deploy.backup.manifest import Manifest, Stored
from deploy.backup.parts import LEFT_OUT, REMEMBERED
from deploy.local.progress import Progress
from shared import clock, mongo
from shared.mongo import Client, Collection
from shared.settings import Settings

BATCH_BYTES = 8 * 1024 * 1024
BATCH_DOCUMENTS = 2000
ATTEMPTS = 3
_SNAPSHOT_TOO_OLD = 239
_SNAPSHOT_UNAVAILABLE = 246
_RAW = CodecOptions(document_class=RawBSONDocument)
_TOO_OLD = (
    "MongoDB no longer has the moment that the back-up began with: it took longer than the server keeps history. "
    "Raise the server's parameter minSnapshotHistoryWindowInSeconds (300 by default) above the time it takes."
)


class _Moved(Exception):
    """A collection or an index was made since the moment that is read; MongoDB cannot read across that."""


async def dump(
    client: Client, settings: Settings, services: tuple[str, ...], to: Path, progress: Progress
) -> tuple[datetime, dict[str, dict[str, Stored]]]:
    """Every durable collection of these services, and a time before the moment that was read.

    Raises BackupError when it takes longer than MongoDB keeps a moment.
    """
    for _ in range(ATTEMPTS):
        taken_at = clock.now()
        try:
            async with client.start_session(snapshot=True) as session:
                return taken_at, {
                    service: await _dump_all(client, settings, service, session, to, progress) for service in services
                }
        except _Moved:
            for service in services:
                shutil.rmtree(to / service, ignore_errors=True)
    raise BackupError("Collections or indexes are being made all the time; wait until the services have started.")


async def _dump_all(
    client: Client, settings: Settings, service: str, session: AsyncClientSession, to: Path, progress: Progress
) -> dict[str, Stored]:
    database = mongo.database(client, settings, service)
    found: dict[str, Stored] = {}
    with progress.step(f"Reading {database.name}") as step:
        async for one in await database.list_collections(filter={"type": "collection"}):
            name: str = one["name"]
            if name in LEFT_OUT or name.startswith("system."):
                continue
            collection, file = database.get_collection(name), f"{service}/{name}.bson.gz"
            content = await _dump_one(collection, session, to / file, step)
            indexes = [dict(index) async for index in await collection.list_indexes()]
            found[name] = Stored.of(file, content, options=_plain(one["options"]), indexes=_plain(indexes))
        step.detail(f"{sum(one.documents for one in found.values()):,} documents")
    return found


async def _dump_one(
    collection: Collection, session: AsyncClientSession, file: Path, progress: Progress
) -> files.Content:
    with files.Writer(file) as out:
        try:
            batches = collection.find_raw_batches(session=session, batch_size=BATCH_DOCUMENTS)
            async for batch in batches:
                out.add(cast(bytes, batch))
                progress.detail(f"{collection.name} {out.documents:,}")
        except OperationFailure as error:
            if error.code == _SNAPSHOT_UNAVAILABLE:
                raise _Moved from error
            if error.code == _SNAPSHOT_TOO_OLD:
                raise BackupError(_TOO_OLD) from error
            raise
    return out.content


def _plain(value: Any) -> Any:
    """As JSON that keeps MongoDB's types (Extended JSON)."""
    return json.loads(dumps(value))


def _typed(value: Any) -> Any:
    return loads(json.dumps(value))


async def used(client: Client, settings: Settings, services: tuple[str, ...]) -> list[str]:
    """The databases that have something in them, as `name (documents)`."""
    found = []
    for service in services:
        database = mongo.database(client, settings, service)
        count = 0
        for name in await database.list_collection_names():
            count += await database.get_collection(name).estimated_document_count()
        if count:
            found.append(f"{database.name} ({count:,} documents)")
    return found


async def load(
    client: Client, settings: Settings, service: str, manifest: Manifest, folder: Path, now: datetime, step: Progress
) -> None:
    """One service's database as it was; what was there is dropped."""
    database = mongo.database(client, settings, service)
    await client.drop_database(database.name)
    for name, stored in manifest.databases[service].items():
        collection = await database.create_collection(name, **_typed(stored.options))
        later = now - manifest.taken_at if name == REMEMBERED else None
        await _load_one(collection, folder / stored.file, stored, later, step)
        await _index(collection, stored)
    # No token and no epoch: the relay reads the log from a little before the back-up on, and then follows it.
    await database.get_collection("relays").insert_one({"_id": "relay", "at": manifest.taken_at, "epoch": 0})
    step.detail(f"{sum(one.documents for one in manifest.databases[service].values()):,} documents")


async def mark(
    client: Client, settings: Settings, service: str, taken_at: datetime, now: datetime, *, hold: bool
) -> None:
    """Say in the database which back-up it came from. `hold`: mails that waited then are not sent by themselves."""
    restored = mongo.database(client, settings, service).get_collection("restored")
    await restored.insert_one({"_id": "restored", "taken_at": taken_at, "at": now, "hold": hold})


async def _load_one(
    collection: Collection, file: Path, stored: Stored, later: timedelta | None, step: Progress
) -> None:
    through = 0
    for batch in _batches(file):
        documents: list[Any] = [RawBSONDocument(one, _RAW) if later is None else _moved(one, later) for one in batch]
        await collection.insert_many(documents, ordered=False)
        through += len(batch)
        step.detail(f"{collection.name} {through:,} of {stored.documents:,}")


def _moved(document: bytes, later: timedelta) -> dict[str, Any]:
    fields = bson.decode(document)
    return {**fields, "at": fields["at"] + later}


def _batches(file: Path) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for document in files.read(file):
        batch.append(document)
        size += len(document)
        if size >= BATCH_BYTES or len(batch) >= BATCH_DOCUMENTS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


async def _index(collection: Collection, stored: Stored) -> None:
    """After the documents, as building once is quicker than keeping up."""
    wanted = _typed(stored.indexes)
    models = [
        IndexModel(list(one["key"].items()), **{name: value for name, value in one.items() if name not in _GIVEN})
        for one in wanted
        if list(one["key"]) != ["_id"]
    ]
    if models:
        await collection.create_indexes(models)


_GIVEN = {"key", "v", "ns"}
