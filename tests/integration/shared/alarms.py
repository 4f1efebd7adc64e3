"""What the tests' timers do: each rings once in effect, in one transaction with its own removal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from shared import mongo
from shared.mongo import Client, Database, Document


class Alarms:
    def __init__(self, client: Client, database: Database) -> None:
        self._client = client
        self.timers = database.get_collection("timers")
        self.rung = database.get_collection("rung")

    async def set(self, count: int, due_at: datetime) -> None:
        await self.timers.insert_many([{"_id": n, "due_at": due_at} for n in range(count)])

    async def ring(self, rows: Sequence[Document], by: str = "") -> None:
        """A row that is gone has rung already, by whoever held it when our lease ran out."""

        async def work(session: AsyncClientSession) -> None:
            for row in rows:
                gone = await self.timers.delete_one({"_id": row["_id"]}, session=session)
                if gone.deleted_count:
                    await self.rung.insert_one({"timer": row["_id"], "by": by}, session=session)

        await mongo.in_transaction(self._client, work)

    async def heard(self) -> list[Document]:
        return await self.rung.find().to_list(None)
