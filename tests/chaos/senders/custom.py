"""Integrators who publish to `integrations.inbound.v1`: accepted is what the broker acknowledged; some of it twice."""

from __future__ import annotations

import asyncio
import json

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from tests.chaos.senders.world import Refused, World, insist

TOPIC = "integrations.inbound.v1"
CHANNEL = "whatsapp"
AGAIN = 0.1
ACK_S = 30.0


class Publisher:
    """One producer for all, made anew when it has failed."""

    def __init__(self, servers: str) -> None:
        self._servers = servers
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def send(
        self, topic: str, value: bytes | None, key: bytes, headers: list[tuple[str, bytes | None]]
    ) -> tuple[int, int]:
        """(partition, offset) once the broker has it. Raises Refused."""
        producer = None
        try:
            async with asyncio.timeout(ACK_S):
                producer = await self.producer()
                sent = await producer.send_and_wait(topic, value, key=key, headers=headers)
        except (KafkaError, TimeoutError) as error:
            if producer is not None and producer is self._producer:
                self._producer = None
                asyncio.get_running_loop().create_task(_close(producer))
            raise Refused(type(error).__name__) from error
        return sent.partition, sent.offset

    async def producer(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                made = AIOKafkaProducer(
                    bootstrap_servers=self._servers,
                    enable_idempotence=True,
                    linger_ms=5,
                    max_request_size=16 * 1024 * 1024,
                    request_timeout_ms=10_000,
                )
                try:
                    await made.start()
                except BaseException:
                    await made.stop()
                    raise
                self._producer = made
            return self._producer

    async def close(self) -> None:
        if self._producer is not None:
            await _close(self._producer)


async def _close(producer: AIOKafkaProducer) -> None:
    try:
        async with asyncio.timeout(10):
            await producer.stop()
    except (KafkaError, TimeoutError):
        return


async def integrate(world: World, publisher: Publisher, number: int) -> None:
    """One thread on a custom channel."""
    chance = world.chance(f"custom-{number}")
    brand, who = world.brand(chance), f"wa-{world.seed}-{number}"
    for n in range(chance.randrange(4, 14)):
        mark = f"{world.seed}-w{number}-{n}"
        body = {
            "channel": CHANNEL,
            "brand": brand.id,
            "thread": who,
            "sender": {"id": who, "name": "Zoë"},
            "text": f"Event, mark:{mark}. {'More words. ' * chance.randrange(20)}",
        }
        value = json.dumps(body).encode()
        again = chance.random() < AGAIN
        await world.pace.turn()

        async def send(_: int, value: bytes = value, mark: str = mark) -> None:
            headers = event_headers(mark, "switchboard.integrations.MessagePosted.v1", "/whatsapp-bridge")
            await publisher.send(f"{world.prefix}{TOPIC}", value, who.encode(), headers)

        if await insist(world, "event", send):
            world.journal.write("message", channel="custom", mark=mark, thread=who)
            world.pace.accepted()
            if again:
                await insist(world, "event again", send)


def event_headers(id: str, type: str, source: str) -> list[tuple[str, bytes | None]]:
    """A CloudEvent in binary mode."""
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", id.encode()),
        ("ce_source", source.encode()),
        ("ce_type", type.encode()),
        ("content-type", b"application/json"),
    ]
