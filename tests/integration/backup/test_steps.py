"""Back-ups on real servers: one moment for all, indexes and files come back, and what is refused."""

from __future__ import annotations

import asyncio
import io
import itertools
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bson
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer
from gridfs import AsyncGridFSBucket
from pymongo import MongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import OperationFailure

from deploy.backup import files, records, steps
from deploy.backup.errors import BackupError
from deploy.backup.manifest import Manifest
from deploy.backup.parts import LEFT_OUT, SERVICES
from deploy.backup.steps import Terms
from deploy.local.progress import Progress
from services.tickets.store import Store
from shared import clock, mongo
from shared.mongo import Client, Database, in_transaction
from shared.redis import connect
from shared.settings import Settings
from tests.integration.shared.world import Kafka, headers

REPLACE = Terms(replace=True)


def quiet() -> Progress:
    return Progress(io.StringIO())


@pytest_asyncio.fixture
async def client(settings: Settings) -> AsyncIterator[Client]:
    made = mongo.connect(settings)
    yield made
    await made.close()


@pytest.fixture
def tickets(settings: Settings, client: Client) -> Database:
    return mongo.database(client, settings, "tickets")


async def contents(database: Database) -> dict[str, Any]:
    names = sorted(set(await database.list_collection_names()) - {"relays", "restored", "leases"})
    return {name: await database.get_collection(name).find().sort("_id").to_list(None) for name in names}


async def indexes(database: Database) -> dict[str, Any]:
    names = set(await database.list_collection_names()) - {"relays", "restored", "leases"}
    return {name: await database.get_collection(name).index_information() for name in names}


async def test_documents_indexes_options_and_files_come_back(
    settings: Settings, client: Client, tickets: Database, tmp_path: Path
) -> None:
    await Store(client, tickets, clock.now).ensure_indexes()
    await tickets.create_collection("words", collation={"locale": "de"})
    await tickets.get_collection("conversations").insert_many([{"_id": str(n), "n": n} for n in range(5000)])
    big, ingest = b"\x00\xff" * 600_000, mongo.database(client, settings, "ingest")
    file_id = await AsyncGridFSBucket(ingest, bucket_name="blob").upload_from_stream("sha", big)
    await tickets.get_collection("sessions").insert_one({"_id": "token"})
    await tickets.get_collection("applied").insert_one({"_id": "input", "at": datetime(2026, 5, 1, tzinfo=UTC)})
    before, keys = await contents(tickets), await indexes(tickets)

    manifest = await steps.back_up(settings, SERVICES, tmp_path / "b", quiet())
    await client.drop_database(tickets.name)
    await client.drop_database(ingest.name)
    await steps.restore(settings, tmp_path / "b", quiet(), Terms())

    after = await contents(tickets)
    (applied,) = after.pop("applied")
    assert applied["at"] - datetime(2026, 5, 1, tzinfo=UTC) > clock.now() - manifest.taken_at - timedelta(seconds=30)
    assert after == {name: rows for name, rows in before.items() if name not in (*LEFT_OUT, "applied")}
    wanted = {name: one for name, one in keys.items() if name in after or name == "applied"}
    assert await indexes(tickets) == wanted
    assert (await tickets.get_collection("words").options())["collation"]["locale"] == "de"
    stream = await AsyncGridFSBucket(ingest, bucket_name="blob").open_download_stream(file_id)
    assert await stream.read() == big
    relay = await tickets.get_collection("relays").find_one()
    assert relay is not None
    assert relay["at"].timestamp() == pytest.approx(manifest.taken_at.timestamp(), abs=0.01)
    assert "token" not in relay


async def test_all_databases_are_of_one_moment(settings: Settings, client: Client, tmp_path: Path) -> None:
    """A row in one database, then its answer in another: no dump has the answer without the row."""
    tickets, routing = (mongo.database(client, settings, name).get_collection("log") for name in ("tickets", "routing"))
    written: list[int] = []
    await routing.database.create_collection("log")

    async def write(n: int) -> None:
        async def work(session: AsyncClientSession) -> None:
            rows = [{"_id": one, "filler": "x" * 2000} for one in (n, -n - 1)]
            await tickets.insert_many(rows, session=session)

        await in_transaction(client, work)
        await routing.insert_one({"_id": n})
        written.append(n)

    async def write_on() -> None:
        for n in itertools.count():
            await write(n)

    await tickets.insert_many([{"_id": f"old-{n}", "filler": "x" * 2000} for n in range(20_000)])
    for n in range(-100, 0):
        await write(1_000_000 + n)
    writing = asyncio.create_task(write_on())
    # Routing is read last, long after tickets; still it must not be ahead.
    manifest = await steps.back_up(settings, ("tickets", "routing"), tmp_path / "b", quiet())
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    rows = manifest.databases["tickets"]["log"].documents - 20_000
    answers = manifest.databases["routing"]["log"].documents
    assert rows % 2 == 0, "half a transaction"
    assert rows // 2 - 1 <= answers <= rows // 2
    assert answers < len(written), "nothing was written meanwhile"


async def test_what_took_too_long_is_no_back_up_and_says_what_to_do(
    settings: Settings, tickets: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tickets.get_collection("log").insert_one({"_id": 1})

    def too_old(*_: Any, **__: Any) -> Any:
        raise OperationFailure("Read timestamp is older than the oldest available timestamp.", 239)

    monkeypatch.setattr("pymongo.asynchronous.collection.AsyncCollection.find_raw_batches", too_old)
    with pytest.raises(BackupError, match="minSnapshotHistoryWindowInSeconds"):
        await steps.back_up(settings, ("tickets",), tmp_path / "b", quiet())
    with pytest.raises(BackupError, match="no whole back-up"):
        Manifest.read(tmp_path / "b")


async def test_a_collection_that_is_made_meanwhile_is_no_obstacle(
    settings: Settings, tickets: Database, tmp_path: Path
) -> None:
    """MongoDB cannot read a moment before an index was made: the moment is chosen anew."""
    for n in range(20):
        await tickets.get_collection(f"c{n}").insert_one({"_id": 1})
    made: list[str] = []

    class Making(Progress):
        def detail(self, text: str) -> None:
            if not made and text.endswith(" 1"):
                made.append(text)
                with MongoClient[dict[str, Any]](settings.mongo.get_secret_value()) as client:
                    for n in range(20):
                        client[tickets.name][f"c{n}"].create_index("x")

    manifest = await steps.back_up(settings, ("tickets",), tmp_path / "b", Making(io.StringIO()))
    assert made
    assert all(len(one.indexes) == 2 for one in manifest.databases["tickets"].values())
    assert len(list((tmp_path / "b" / "tickets").iterdir())) == 20


async def test_nothing_is_restored_over_data_unless_told(
    settings: Settings, tickets: Database, kafka: Kafka, tmp_path: Path
) -> None:
    await tickets.get_collection("tags").insert_one({"_id": "old"})
    await steps.back_up(settings, SERVICES, tmp_path / "b", quiet())
    await tickets.get_collection("tags").insert_one({"_id": "new"})
    with pytest.raises(BackupError, match=r"not empty: .*switchboard_tickets \(2 documents\)"):
        await steps.restore(settings, tmp_path / "b", quiet(), Terms())
    await kafka.raw(b"{}", headers=headers("x"))
    with pytest.raises(BackupError, match=r"Kafka topics are not empty: .*ingest\.messages\.v1"):
        await steps.restore(settings, tmp_path / "b", quiet(), Terms())
    assert await tickets.get_collection("tags").count_documents({}) == 2
    await steps.restore(settings, tmp_path / "b", quiet(), REPLACE)
    assert await tickets.get_collection("tags").find().to_list(None) == [{"_id": "old"}]


async def test_nothing_is_restored_under_running_services_or_another_secret(settings: Settings, tmp_path: Path) -> None:
    await steps.back_up(settings, SERVICES, tmp_path / "b", quiet())
    other = Settings.model_validate({**settings.model_dump(), "secret": "another secret of thirty-two characters"})
    with pytest.raises(BackupError, match="another SWITCHBOARD_SECRET"):
        await steps.load(other, tmp_path / "b", SERVICES, quiet(), Terms())
    member = AIOKafkaConsumer(
        f"{settings.prefix}ingest.messages.v1",
        bootstrap_servers=settings.kafka,
        group_id=f"{settings.prefix}tickets.conversations",
    )
    await member.start()
    with pytest.raises(BackupError, match="Services are running"):
        await steps.restore(settings, tmp_path / "b", quiet(), REPLACE)
    await member.stop()


async def test_a_back_up_is_not_written_into_another(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "manifest.json").write_text("{}")
    with pytest.raises(BackupError, match="not empty"):
        await steps.back_up(settings, SERVICES, tmp_path / "b", quiet())


async def test_records_that_no_log_has_come_back_as_they_were(settings: Settings, kafka: Kafka, tmp_path: Path) -> None:
    """Read ones are in the databases, and are not kept; null values and headers are."""
    topic, dead = "integrations.inbound.v1", "ingest.messages.v1.tickets.conversations.dlq"
    for n in range(5):
        await kafka.producer.send_and_wait(
            f"{settings.prefix}{topic}", None if n == 4 else b"%d" % n, b"k", partition=3, headers=[("h", None)]
        )
    await kafka.producer.send_and_wait(f"{settings.prefix}{dead}", b"\xff bad", headers=[("dlq_reason", b"invalid")])
    await records._commit(settings, "ingest.integrations", {records.TopicPartition(f"{settings.prefix}{topic}", 3): 2})
    before = [_record(one) for one in (await kafka.read(topic))[2:] + await kafka.read(dead)]

    manifest = await steps.back_up(settings, SERVICES, tmp_path / "b", quiet())
    assert {name: one.documents for name, one in manifest.records.items()} == {topic: 3, dead: 1}
    async with records.admin(settings) as admin:
        names = [f"{settings.prefix}{topic}", f"{settings.prefix}{dead}"]
        await admin.delete_topics(names)
        await records._gone(admin, set(names))
    await steps.finish(settings, tmp_path / "b", SERVICES, quiet(), replace=True)
    assert [_record(one) for one in await kafka.read(topic) + await kafka.read(dead)] == before
    # What survived has them already.
    await steps.finish(settings, tmp_path / "b", SERVICES, quiet(), replace=True)
    assert len(await kafka.read(topic)) == 3


async def test_what_others_write_meanwhile_keeps_no_record_of_the_back_up_away(
    settings: Settings, kafka: Kafka, tmp_path: Path
) -> None:
    """Integrators write as soon as there is a topic, and a restore that was stopped half-way has written some."""
    topic = "integrations.inbound.v1"

    async def publish(*values: bytes) -> None:
        for one in values:
            await kafka.producer.send_and_wait(f"{settings.prefix}{topic}", one, b"k", partition=3)

    await publish(b"1", b"2", b"2", b"3")
    manifest = await steps.back_up(settings, SERVICES, tmp_path / "b", quiet())
    async with records.admin(settings) as admin:
        await admin.delete_topics([f"{settings.prefix}{topic}"])
        await records._gone(admin, {f"{settings.prefix}{topic}"})
    await records.make_anew(settings, quiet())
    stored = files.read(tmp_path / "b" / manifest.records[topic].file)
    first = bson.decode(next(iter(stored)))
    where = {"partition": first["partition"], "timestamp_ms": first["timestamp"]}
    await kafka.producer.send_and_wait(f"{settings.prefix}{topic}", first["value"], first["key"], **where)
    await publish(b"new", b"1")

    await steps.finish(settings, tmp_path / "b", SERVICES, quiet(), replace=True)

    assert [one.value for one in await kafka.read(topic)] == [b"1", b"new", b"1", b"2", b"2", b"3"]


async def test_redis_forgets_this_desk_and_no_other(settings: Settings) -> None:
    client = connect(settings)
    await client.mset({f"{settings.prefix}switchboard:{n}": n for n in range(2500)})
    await client.set("other.switchboard:1", 1)
    await steps.clear_redis(settings, quiet())
    assert [one async for one in client.scan_iter(f"{settings.prefix}*")] == []
    assert await client.get("other.switchboard:1") == "1"
    await client.delete("other.switchboard:1")
    await client.aclose()


def _record(one: Any) -> tuple[Any, ...]:
    return one.partition, one.key, one.value, one.headers
