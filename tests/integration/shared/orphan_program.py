"""Writes to one document of tickets' database, and is killed with its transaction open."""

from __future__ import annotations

import asyncio
import os
import signal

from pymongo.asynchronous.client_session import AsyncClientSession

from shared import mongo
from shared.settings import Settings


async def main() -> None:
    settings = Settings()
    client = mongo.connect(settings)

    async def write_and_die(session: AsyncClientSession) -> None:
        things = mongo.database(client, settings, "tickets").get_collection("things")
        await things.update_one({"_id": "held"}, {"$set": {"by": "dead"}}, session=session)
        os.kill(os.getpid(), signal.SIGKILL)

    await mongo.in_transaction(client, write_and_die)


if __name__ == "__main__":
    asyncio.run(main())
