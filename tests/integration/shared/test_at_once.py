"""Several collections read in one round trip, and a transaction of the moment at which they were (shared.mongo)."""

from __future__ import annotations

import pytest
from bson.timestamp import Timestamp
from pymongo.asynchronous.client_session import AsyncClientSession

from shared import mongo
from shared.mongo import Asked, Client, Database, Document
from shared.settings import Settings

ALL: Document = {}


@pytest.fixture
def database(client: Client, settings: Settings) -> Database:
    return mongo.database(client, settings, "tickets")


async def test_rows_of_several_collections_come_together(database: Database) -> None:
    await database.boxes.insert_many([{"_id": n, "size": n * 10} for n in range(3)])
    await database.people.insert_one({"_id": "ada", "name": "Ada"})
    asked = [
        Asked("boxes", {"_id": {"$gte": 1}}, {"_id": True}),
        Asked("people", {"name": "Ada"}),
        Asked("nobody_made_this", ALL),
    ]
    rows, _ = await mongo.read_at_once(database, asked)
    assert sorted(rows, key=str) == sorted([{"_id": 1}, {"_id": 2}, {"_id": "ada", "name": "Ada"}], key=str)


async def test_what_does_not_fit_into_one_answer_is_asked_for_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mongo, "_ONE_ANSWER", 10)
    await database.boxes.insert_many([{"_id": n} for n in range(35)])
    await database.people.insert_many([{"_id": 100 + n} for n in range(35)])
    rows, _ = await mongo.read_at_once(database, [Asked("boxes", ALL), Asked("people", ALL)])
    assert sorted(row["_id"] for row in rows) == [*range(35), *range(100, 135)]


async def test_what_somebody_wrote_since_is_a_conflict_and_read_anew(client: Client, database: Database) -> None:
    await database.boxes.insert_one({"_id": 1, "size": 0})
    seen: list[int] = []

    async def read() -> Timestamp:
        rows, at = await mongo.read_at_once(database, [Asked("boxes", ALL)])
        seen.append(rows[0]["size"])
        if len(seen) == 1:
            await database.boxes.update_one({"_id": 1}, {"$inc": {"size": 5}})
        return at

    async def write(session: AsyncClientSession) -> int:
        inside = await database.boxes.find_one({"_id": 1}, session=session)
        assert inside == {"_id": 1, "size": seen[-1]}, "the transaction is of the moment that was read"
        await database.boxes.update_one({"_id": 1}, {"$set": {"size": seen[-1] + 1}}, session=session)
        return seen[-1]

    assert await mongo.in_transaction(client, write, first=read) == 5
    assert seen == [0, 5]
    assert await database.boxes.find_one() == {"_id": 1, "size": 6}


async def test_what_was_just_written_is_read(client: Client, database: Database) -> None:
    """What the majority has: all that was acknowledged."""
    for n in range(1, 101):

        async def write(session: AsyncClientSession, n: int = n) -> None:
            await database.boxes.update_one({"_id": 1}, {"$set": {"size": n}}, upsert=True, session=session)

        await mongo.in_transaction(client, write)
        rows, _ = await mongo.read_at_once(database, [Asked("boxes", ALL)])
        assert rows[0]["size"] == n


async def test_a_collection_that_was_made_a_moment_ago_is_no_obstacle(client: Client, database: Database) -> None:
    """MongoDB gives no snapshot of before a collection's index was made; it is tried again."""
    for n in range(10):
        name = f"fresh_{n}"

        async def read(name: str = name) -> Timestamp:
            _, at = await mongo.read_at_once(database, [Asked(name, ALL)])
            await database[name].create_index("size")
            return at

        async def write(session: AsyncClientSession, name: str = name) -> None:
            await database[name].insert_one({"_id": 1, "size": 1}, session=session)

        await mongo.in_transaction(client, write, first=read)
        assert await database[name].count_documents({}) == 1
