"""The bare hops of the screen benchmark: each record passes every hop once, each with its write."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pymongo import AsyncMongoClient

from tests.bench import running
from tests.bench.reference import screen as bare
from tests.servers import Servers

COUNT = 40
LIMIT_S = 60


async def test_each_hop_writes_each_record_and_sends_it_on(servers: Servers) -> None:
    prefix = running.new_prefix()
    names = [bare.topic(prefix, number) for number in range(1, bare.HOPS + 1)]
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.kafka)
    producer = AIOKafkaProducer(bootstrap_servers=servers.kafka)
    last = bare.reader(servers.kafka, prefix, bare.HOPS)
    await admin.start()
    await producer.start()
    await admin.create_topics([NewTopic(name, num_partitions=2, replication_factor=1) for name in names])
    program = [sys.executable, "-m", "tests.bench.reference.screen"]
    process = subprocess.Popen(program, env=running.environment(servers, prefix))
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(servers.mongo)
    try:
        sent = [str(number).encode() for number in range(COUNT)]
        for one in sent:
            await producer.send_and_wait(names[0], one, one)
        await last.start()
        arrived: list[bytes] = []
        until = time.monotonic() + LIMIT_S
        while len(arrived) < COUNT and time.monotonic() < until:
            for records in (await last.getmany(timeout_ms=200)).values():
                arrived += [one.value or b"" for one in records]
        assert sorted(arrived) == sorted(sent)
        written = client[f"{prefix}reference"].written
        for hop in range(1, bare.HOPS):
            assert sorted([row["value"] async for row in written.find({"hop": hop})]) == sorted(sent)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 30)
        await last.stop()
        await producer.stop()
        await admin.delete_topics(names)
        await admin.close()
        await client.close()
        running.drop(servers, prefix)
