"""The embedded servers: they serve, keep their data over stops and crashes, and leave no process behind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import AsyncMongoClient, MongoClient
from redis import Redis

from deploy.local.layout import Layout
from deploy.local.packages import server_packages
from deploy.local.ports import HOST, any_free
from deploy.local.processes import Processes
from deploy.local.progress import Progress
from deploy.local.servers import Mongo
from tests.servers import Embedded, Servers


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    here = Embedded(tmp_path_factory.mktemp("servers"), server_packages(Layout.of(), Progress()))
    here.start()
    yield here
    here.stop()


async def test_kafka_takes_a_record_and_gives_it_back(servers: Servers, namespace: str) -> None:
    topic = f"{namespace}records"
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.kafka)
    await admin.start()
    await admin.create_topics([NewTopic(topic, num_partitions=3, replication_factor=1)])
    await admin.close()
    async with AIOKafkaProducer(bootstrap_servers=servers.kafka, enable_idempotence=True) as producer:
        await producer.send_and_wait(topic, b"hello", key=b"k")
    async with AIOKafkaConsumer(
        topic, bootstrap_servers=servers.kafka, group_id=namespace, auto_offset_reset="earliest"
    ) as consumer:
        record = await consumer.getone()
    assert (record.key, record.value) == (b"k", b"hello")


async def test_mongo_commits_a_transaction(servers: Servers) -> None:
    async with AsyncMongoClient[dict[str, Any]](servers.mongo) as client:
        notes = client["try"]["notes"]
        await notes.drop()
        async with client.start_session() as session, await session.start_transaction():
            await notes.insert_one({"_id": 1}, session=session)
        assert await notes.count_documents({}) == 1


def test_redis_keeps_a_value(servers: Servers) -> None:
    with Redis.from_url(servers.redis) as redis:
        redis.set("k", "v")
        assert redis.get("k") == b"v"


def test_data_is_there_after_a_restart_and_after_a_crash(embedded: Embedded) -> None:
    mongo = embedded.mongo.members[0]
    with Redis.from_url(embedded.redis.address) as redis, MongoClient[Any](embedded.mongo.address) as client:
        redis.set("k", "v")
        client["try"]["notes"].insert_one({"_id": 1})
        embedded.redis.restart()
        mongo.restart(crash=True)
        embedded.mongo.wait_ready()
        assert redis.get("k") == b"v"
        assert client["try"]["notes"].count_documents({}) == 1
    embedded.kafka.restart(crash=True)
    assert embedded.kafka.answers()


def test_a_frozen_server_does_not_answer_until_it_is_resumed(embedded: Embedded) -> None:
    embedded.redis.pause()
    assert not embedded.redis.answers()
    embedded.redis.resume()
    embedded.redis.wait_ready()


def test_a_set_of_three_elects_another_primary(tmp_path: Path) -> None:
    processes = Processes(tmp_path / "run", tmp_path / "logs", die_with_parent=True)
    mongo = Mongo(processes, server_packages(Layout.of(), Progress()), tmp_path, any_free(3))
    try:
        mongo.start()
        first = mongo.primary
        mongo.step_down()
        mongo.wait_ready()
        assert first is not None
        assert mongo.primary is not None
        assert mongo.primary.name != first.name
    finally:
        mongo.stop()


def test_a_moved_port_keeps_the_replica_set(tmp_path: Path) -> None:
    packages = server_packages(Layout.of(), Progress())
    processes = Processes(tmp_path / "run", tmp_path / "logs", die_with_parent=True)
    before, after = any_free(2)
    mongo = Mongo(processes, packages, tmp_path, [before])
    mongo.start()
    mongo.stop()
    moved = Mongo(processes, packages, tmp_path, [after])
    try:
        assert f"{HOST}:{after}" in moved.start()
    finally:
        moved.stop()


def test_nothing_is_left_after_stop(tmp_path: Path) -> None:
    embedded = Embedded(tmp_path, server_packages(Layout.of(), Progress()))
    embedded.start()
    started = embedded.processes.all()
    embedded.stop()
    assert len(started) == 3
    assert not [process.name for process in started if process.alive]
    assert embedded.processes.all() == []
