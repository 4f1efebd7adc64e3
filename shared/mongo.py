"""MongoDB: how to connect, and the one way to run a transaction."""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, TypeVar

import pymongo.lock
from bson.codec_options import CodecOptions
from bson.timestamp import Timestamp
from pymongo import AsyncMongoClient, InsertOne, ReplaceOne
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import BulkWriteError, ConnectionFailure, DuplicateKeyError, OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared import metrics
from shared.errors import Transient, away_when
from shared.orphans import end_orphans
from shared.settings import Settings

T = TypeVar("T")
Document = dict[str, Any]
Client = AsyncMongoClient[Document]
Database = AsyncDatabase[Document]
Collection = AsyncCollection[Document]

_ATTEMPTS = 20
PATIENCE_S = 5.0
"""How long a transaction rides out a server that is away, a new primary for one; then its caller decides."""
_DUPLICATE_KEY = 11000
_WRITE_CONFLICT = 112
_INDEX_OPTIONS_CONFLICT = 85
_NOT_LET_IN = {13, 18}
"""Unauthorized, AuthenticationFailed."""
_NO_SUCH_MOMENT = {239, 246}
"""SnapshotTooOld, SnapshotUnavailable: a collection or an index was made meanwhile, for one."""
_ONE_ANSWER = 100_000
"""Rows asked for at once: the 16 MiB of an answer are the limit."""


async def _wait_for(work: Awaitable[T], timeout: float | None) -> T:  # noqa: ASYNC109 (the original has it)
    """As Python 3.12's `asyncio.wait_for`: in the caller's own task (bpo-42130).

    Before, it waits in a task of its own, and a cancellation that comes just as that one ends is lost. With PyMongo
    4.20: a loop that was told to stop while a connection was being made went on for ever; and a wait left behind took
    the lock of the driver's condition after its caller had given it back, so that every query of that client hung.
    """
    async with asyncio.timeout(timeout):
        return await work


if sys.version_info < (3, 12):
    asyncio.wait_for = pymongo.lock.wait_for = _wait_for  # type: ignore[assignment, attr-defined]


class StaleVersion(Transient):
    """Somebody else changed a document since it was read; read again and decide again."""


def connect(settings: Settings) -> Client:
    """A client that reads UTC datetimes, writes with majority, and gives up on a dead server after 5 s."""
    return AsyncMongoClient(
        settings.mongo.get_secret_value(),
        tz_aware=True,
        tzinfo=UTC,
        w="majority",
        serverSelectionTimeoutMS=5000,
        connectTimeoutMS=3000,
        socketTimeoutMS=30000,
        maxPoolSize=50,
        appname="switchboard",
    )


def database(client: Client, settings: Settings, service: str) -> Database:
    return client.get_database(settings.database(service), codec_options=CodecOptions(tz_aware=True, tzinfo=UTC))


def is_transient(error: Exception) -> bool:
    """Whether the same work may succeed later without anybody mending anything."""
    if isinstance(error, OperationFailure) and error.code in _NO_SUCH_MOMENT:
        return True
    return isinstance(error, ConnectionFailure) or (
        isinstance(error, PyMongoError)
        and any(
            error.has_error_label(label)
            for label in ("TransientTransactionError", "UnknownTransactionCommitResult", "RetryableWriteError")
        )
    )


def is_away(error: Exception) -> bool:
    """Whether the server is away to us: it cannot be reached, or it does not let us in.

    A password that was changed, or rights that were withdrawn, refuse whatever is asked. That is mended outside, and
    until then the event that happened to be in hand is as good as any other.
    """
    return is_transient(error) or (isinstance(error, OperationFailure) and error.code in _NOT_LET_IN)


away_when(PyMongoError, is_away)


def _is_duplicate(error: PyMongoError) -> bool:
    if isinstance(error, DuplicateKeyError):
        return True
    if isinstance(error, BulkWriteError):
        found = (error.details or {}).get("writeErrors", [])
        return bool(found) and all(one.get("code") == _DUPLICATE_KEY for one in found)
    return False


@dataclass(frozen=True, slots=True)
class Asked:
    """A part of what is read at once: of one collection, by a filter, some fields or all."""

    collection: str
    match: Document
    fields: Mapping[str, bool] | None = None


async def read_at_once(database: Database, asked: Sequence[Asked]) -> tuple[list[Document], Timestamp]:
    """What several collections say at one moment, in one round trip, and that moment, for `in_transaction`.

    Only what the majority has. In which order, and which row is whose, is not said. A transaction would take a round
    trip for each: it has no `$unionWith` (MongoDB manual, "Transactions and Operations").
    """
    first, *others = ((one.collection, _stages(one)) for one in asked)
    collection, pipeline = first
    pipeline += [{"$unionWith": {"coll": name, "pipeline": stages}} for name, stages in others]
    ask = {"aggregate": collection, "pipeline": pipeline, "cursor": {"batchSize": _ONE_ANSWER}}
    async with database.client.start_session(causal_consistency=False) as session:

        async def cursor_of(command: Document) -> Document:
            answer = await database.command(command, session=session, codec_options=database.codec_options)
            found: Document = answer["cursor"]
            return found

        cursor = await cursor_of(ask | {"readConcern": {"level": "snapshot"}})
        rows, at = cursor["firstBatch"], cursor["atClusterTime"]
        while cursor["id"]:
            more = {"getMore": cursor["id"], "collection": collection, "batchSize": _ONE_ANSWER}
            cursor = await cursor_of(more)
            rows += cursor["nextBatch"]
    return rows, at


def _stages(asked: Asked) -> list[Document]:
    return [{"$match": asked.match}, *([{"$project": asked.fields}] if asked.fields else [])]


class _At(ReadConcern):
    """The snapshot of a moment (MongoDB manual, read concern "snapshot", `atClusterTime`), which the driver has no
    option for."""

    def __init__(self, moment: Timestamp) -> None:
        super().__init__("snapshot")
        self._moment = moment

    @property
    def document(self) -> dict[str, Any]:
        return {**super().document, "atClusterTime": self._moment}


async def in_transaction(
    client: Client,
    work: Callable[[AsyncClientSession], Awaitable[T]],
    *,
    first: Callable[[], Awaitable[Timestamp]] | None = None,
) -> T:
    """Run `work` in one snapshot transaction, majority committed, and give what it returned.

    All of `work` runs again after a conflict: a write conflict, a `StaleVersion`, or a duplicate key
    (somebody inserted the same row since our snapshot). So it must read what it decides on inside, and
    change nothing outside. `first` may read for it before (`read_at_once`): the transaction is of the moment that it
    gives, so what anybody wrote since is a conflict like any other, and `first` runs again too.
    Raises Transient when the servers stay away for PATIENCE_S, and the duplicate
    key error itself when it comes back every time, as that is a bug.
    """
    give_up_at = time.monotonic() + PATIENCE_S
    # A session that remembers when it last read could not be told which moment to read.
    async with client.start_session(causal_consistency=first is None) as session:
        for attempt in range(_ATTEMPTS):
            last = attempt == _ATTEMPTS - 1
            try:
                return await _once(session, work, give_up_at, await first() if first else None)
            except StaleVersion:
                if last:
                    raise
            except PyMongoError as error:
                if isinstance(error, ConnectionFailure) and time.monotonic() > give_up_at:
                    raise Transient(f"MongoDB: {type(error).__name__}") from error
                if not (_is_duplicate(error) or is_transient(error)):
                    raise
                if last and _is_duplicate(error):
                    raise
                if last:
                    raise Transient(f"MongoDB: {type(error).__name__}") from error
                if isinstance(error, OperationFailure) and error.code == _WRITE_CONFLICT:
                    await end_orphans(client)
            metrics.transactions_retried.inc()
            # Two writers that met once would meet again without a random pause between them.
            await asyncio.sleep(random.uniform(0.001, 0.01) * min(attempt + 1, 10))  # noqa: S311
        raise AssertionError("unreachable: the last attempt returns or raises")


async def _once(
    session: AsyncClientSession,
    work: Callable[[AsyncClientSession], Awaitable[T]],
    until: float,
    at: Timestamp | None,
) -> T:
    """One transaction, of the moment `at` or of now. The driver's own `with_transaction` would try for two minutes
    while a server is away, and neither readiness nor a shutdown would hear of it."""
    await session.start_transaction(
        read_concern=_At(at) if at else ReadConcern("snapshot"),
        write_concern=WriteConcern("majority", wtimeout=15000),
        max_commit_time_ms=15000,
    )
    try:
        answer = await work(session)
    except BaseException:
        if session.in_transaction:
            await session.abort_transaction()
        raise
    while True:
        try:
            await session.commit_transaction()
            return answer
        except PyMongoError as error:
            # Whether it was committed is not known: to commit again is safe, and says so.
            if not error.has_error_label("UnknownTransactionCommitResult") or time.monotonic() > until:
                raise


async def replace_versions(
    collection: Collection, changes: Sequence[tuple[int, Document]], session: AsyncClientSession
) -> None:
    """Write documents whose version (`seq`) must still be what was read. One round trip.

    Each change is (seq before, new document with `_id` and `seq`); 0 before means it must not exist yet.
    Raises StaleVersion when one has moved on.
    """
    if not changes:
        return
    writes: list[InsertOne[Document] | ReplaceOne[Document]] = [
        ReplaceOne({"_id": document["_id"], "seq": before}, document) if before else InsertOne(document)
        for before, document in changes
    ]
    result = await collection.bulk_write(writes, ordered=False, session=session)
    if result.inserted_count + result.matched_count != len(changes):
        raise StaleVersion(f"{collection.name}: a version moved on")


async def expire_after(collection: Collection, field: str, seconds: int) -> None:
    """A TTL index on a time; when there is one with another period, it gets this one."""
    try:
        await collection.create_index(field, expireAfterSeconds=seconds)
    except OperationFailure as error:
        if error.code != _INDEX_OPTIONS_CONFLICT:
            raise
        change = {"keyPattern": {field: 1}, "expireAfterSeconds": seconds}
        await collection.database.command({"collMod": collection.name, "index": change})
