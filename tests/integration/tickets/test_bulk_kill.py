"""A process that is killed while it changes many conversations: the next one goes on, and each was changed once."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.local.ports import any_free
from services.tickets.store.bulk import PORTION, Item
from shared import clock
from shared.republish import republish
from shared.setup import create_topics
from shared.topics import DIRECTORY, PARTITIONS
from tests.integration.tickets.conftest import Running
from tests.integration.tickets.inputs import conversation_id, message, received
from tests.servers import Servers

MANY = PORTION * 50
IDS = [conversation_id(n) for n in range(MANY)]
AT_ONCE = 500
WITHIN_S = 120


@contextmanager
def process(servers: Servers, running: Running) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m services.tickets` on the same database; it only ever ends by being killed."""
    (port,) = any_free(1)
    env = servers.env(running.settings.prefix) | {
        "SWITCHBOARD_SECRET": running.settings.secret.get_secret_value(),
        "SWITCHBOARD_HTTP_PORT": str(port),
        "SWITCHBOARD_ROLES": '["timers","relay"]',
        "SWITCHBOARD_LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-m", "services.tickets"]
    started = subprocess.Popen(command, env={**os.environ, **env}, stdout=subprocess.DEVNULL)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


async def test_each_is_changed_once_though_the_process_is_killed_in_the_middle(
    running: Running, servers: Servers
) -> None:
    await create_topics(running.settings)
    # As it was when they signed in: a process that begins with an empty topic knows nobody yet.
    await republish(running.settings, "tickets", topics=[DIRECTORY])
    for start in range(0, MANY, AT_ONCE):
        await running.handlers.on_batch([received(message(n)) for n in range(start, start + AT_ONCE)])
    about = {"agent_id": "maya", "agent_name": "Maya", "action": {"kind": "close"}, "undo_of": None}
    wanted = {"_id": "job", "created_at": clock.now(), **about}
    await running.store.bulk.begin(wanted, [Item(one) for one in IDS])

    with process(servers, running):
        begun = await reached(running, lambda job: job["next"] > 0)
    assert begun["next"] < begun["portions"], "it was killed too late to tell"
    with process(servers, running):
        done = await reached(running, lambda job: "finished_at" in job)
        assert (done["changed"], done["failed"], done["unchanged"]) == (MANY, 0, 0)
        assert {head.seq for head in (await running.store.heads(IDS)).values()} == {2}
        told = await closed(servers, running.settings.prefix)
    assert told == Counter(dict.fromkeys(IDS, 1))


async def reached(running: Running, check: Any) -> dict[str, Any]:
    async with asyncio.timeout(WITHIN_S):
        while True:
            job = await running.store.bulk.job("job", "maya")
            assert job is not None
            if check(job):
                return job
            await asyncio.sleep(0.005)


async def closed(servers: Servers, prefix: str) -> Counter[str]:
    """How often the topic says of each that it was closed; an event that is repeated has the same id."""
    consumer = AIOKafkaConsumer(bootstrap_servers=servers.kafka, auto_offset_reset="earliest")
    await consumer.start()
    found: dict[str, str] = {}
    try:
        consumer.assign([TopicPartition(f"{prefix}tickets.conversations.v1", n) for n in range(PARTITIONS)])
        async with asyncio.timeout(WITHIN_S):
            while len(found) < MANY:
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    for record in records:
                        headers = dict(record.headers)
                        if b".Closed." in headers["ce_type"]:
                            found[headers["ce_id"].decode()] = json.loads(record.value)["conversation_id"]
    finally:
        await consumer.stop()
    return Counter(found.values())
