"""What is written to the log, as it is written: which conversations and contacts changed. By change stream, without the
events themselves, as the commands are (MongoDB manual, `aggregate` and `getMore`), so that a batch stays one."""

from __future__ import annotations

import asyncio
from typing import Any

from pymongo.asynchronous.client_session import AsyncClientSession

from shared.errors import Transient
from shared.mongo import Database, Document

BATCH = 1_000
SILENT_S = 10.0


class LogStream:
    """From when it is opened; it begins anew from the log itself after any error, so it keeps no token."""

    def __init__(self, database: Database, session: AsyncClientSession) -> None:
        self._database = database
        self._session = session
        self._cursor = 0

    async def open(self) -> None:
        fields = {f"fullDocument.{name}": 1 for name in ("aggregate_id", "topic", "logged_at")}
        pipeline: list[Document] = [
            {"$changeStream": {}},
            {"$match": {"operationType": "insert"}},
            {"$project": fields},
        ]
        command = {"aggregate": "log", "pipeline": pipeline, "cursor": {"batchSize": 0}}
        self._cursor = self._cursor_of(await self._run(command))

    async def rows(self, wait_ms: int) -> list[Document]:
        """The next ones, `aggregate_id`, `topic` and `logged_at` each; none when nothing came within `wait_ms`."""
        answer = await self._run(
            {"getMore": self._cursor, "collection": "log", "batchSize": BATCH, "maxTimeMS": max(1, wait_ms)}
        )
        self._cursor = self._cursor_of(answer)
        return [change["fullDocument"] for change in answer["cursor"]["nextBatch"] if "fullDocument" in change]

    async def _run(self, command: Document) -> dict[str, Any]:
        # The server answers within the wait, so a silent connection is a dead one.
        async with asyncio.timeout(SILENT_S):
            answer: dict[str, Any] = await self._database.command(
                command, session=self._session, codec_options=self._database.codec_options
            )
            return answer

    @staticmethod
    def _cursor_of(answer: dict[str, Any]) -> int:
        cursor = int(answer["cursor"]["id"])
        if not cursor:
            raise Transient("the stream of the log has ended")  # it was dropped, as by a restore over it
        return cursor
