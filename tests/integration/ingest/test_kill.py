"""The process killed at any moment: what got 250 is on the topic once, what did not may be sent again."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import smtplib
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.local.ports import any_free
from shared.setup import create_topics
from shared.topics import PARTITIONS
from tests.integration.ingest.conftest import PALEO, SECRET, brand, ingest_settings, tell_directory
from tests.servers import Servers

MAILS = 60
KILLS = 4


@dataclass
class Ingest:
    """`python -m services.ingest`, to be killed and started again on the same ports."""

    env: dict[str, str]
    http_port: int
    smtp_port: int
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "services.ingest"]
        self.process = subprocess.Popen(command, env={**os.environ, **self.env}, stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def ready(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"http://127.0.0.1:{self.http_port}/health/ready", timeout=2).status_code == 200
        return False

    def wait_ready(self) -> None:
        end = time.monotonic() + 30
        while not self.ready():
            assert time.monotonic() < end, "not ready in time"
            time.sleep(0.05)


@contextlib.contextmanager
def running(servers: Servers, prefix: str) -> Iterator[Ingest]:
    http_port, smtp_port = any_free(2)
    env = servers.env(prefix) | {
        "SWITCHBOARD_SECRET": SECRET,
        "SWITCHBOARD_HTTP_PORT": str(http_port),
        "SWITCHBOARD_SMTP_PORT": str(smtp_port),
        "SWITCHBOARD_LOG_LEVEL": "WARNING",
    }
    ingest = Ingest(env, http_port, smtp_port)
    ingest.start()
    try:
        ingest.wait_ready()
        yield ingest
    finally:
        ingest.kill()


def raw(n: int) -> bytes:
    head = f"From: ann{n}@x.example\r\nTo: {PALEO}\r\nMessage-ID: <kill-{n}@x.example>\r\nSubject: n {n}\r\n"
    return f"{head}\r\nbody {n}\r\n".encode()


def send_until_accepted(port: int, n: int) -> None:
    """As a mail server does: again until it hears 250."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with contextlib.suppress(OSError, smtplib.SMTPException), smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
            if not client.sendmail(f"ann{n}@x.example", [PALEO], raw(n)):
                return
        time.sleep(0.05)
    raise AssertionError(f"mail {n} was not accepted in time")


async def published(settings: Any, wanted: int) -> list[Any]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka, auto_offset_reset="earliest", isolation_level="read_committed"
    )
    await consumer.start()
    try:
        partitions = [TopicPartition(f"{settings.prefix}ingest.messages.v1", n) for n in range(PARTITIONS)]
        consumer.assign(partitions)
        found: list[Any] = []
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < (2 if len(found) >= wanted else 30):
            got = [one for records in (await consumer.getmany(timeout_ms=200)).values() for one in records]
            found += got
            quiet_since = time.monotonic() if got else quiet_since
        return found
    finally:
        await consumer.stop()


async def test_mails_accepted_while_the_process_is_killed_are_published_once_each(servers: Servers) -> None:
    settings = ingest_settings(servers)
    await create_topics(settings)
    await tell_directory(settings, [("brand:paleo-hacks", brand("paleo-hacks", "Paleo Hacks", [PALEO]))])
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    print("seed", seed)

    def trouble(ingest: Ingest, sending: asyncio.Future[Any]) -> None:
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.05, 0.6))
            ingest.kill()
            ingest.start()
            ingest.wait_ready()
            if sending.done():
                return

    with running(servers, settings.prefix) as ingest:
        limit = asyncio.Semaphore(4)

        async def one(n: int) -> None:
            async with limit:
                await asyncio.to_thread(send_until_accepted, ingest.smtp_port, n)

        sending = asyncio.gather(*(one(n) for n in range(MAILS)))
        await asyncio.to_thread(trouble, ingest, sending)
        await sending
        records = await published(settings, MAILS)
    events = {dict(record.headers)["ce_id"]: json.loads(record.value) for record in records}
    times = Counter(event["message"]["message_id"] for event in events.values())
    assert times == {f"<kill-{n}@x.example>": 1 for n in range(MAILS)}
