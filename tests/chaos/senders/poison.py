"""Records that nobody can read, of every kind, on every Kafka topic that services read in a group.

Some are made byte by byte, as aiokafka would not send them and other clients would.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import struct
import time
from collections.abc import Callable
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

from tests.chaos.senders.custom import Publisher, event_headers
from tests.chaos.senders.world import Refused, World, insist

PARTITIONS = 12
TYPES = {
    "integrations.inbound.v1": "switchboard.integrations.MessagePosted.v1",
    "ingest.messages.v1": "switchboard.ingest.MessageReceived.v1",
    "ingest.activity.v1": "switchboard.ingest.ActivityRecorded.v1",
    "ingest.agents.v1": "switchboard.ingest.PhoneStatusChanged.v1",
    "tickets.conversations.v1": "switchboard.tickets.CustomerReplied.v1",
    "tickets.tickets.v1": "switchboard.tickets.TicketSubmitted.v1",
    "tickets.contacts.v1": "switchboard.tickets.ContactCreated.v1",
    "tickets.accounts.v1": "switchboard.tickets.PasswordResetRequested.v1",
    "routing.decisions.v1": "switchboard.routing.Decided.v1",
    "routing.tickets.v1": "switchboard.routing.TicketSlaChanged.v1",
    "routing.artifacts.v1": "switchboard.routing.ArtifactChanged.v1",
    "routing.availability.v1": "switchboard.routing.StatusChanged.v1",
    "notifications.deliveries.v1": "switchboard.notifications.DeliverySent.v1",
    "notifications.notices.v1": "switchboard.notifications.AgentNotified.v1",
    "notifications.endpoints.v1": "switchboard.notifications.EndpointChanged.v1",
}
"""Every Kafka topic that is read in a group, and an event of it; `tests/contracts/test_poison.py` holds it complete."""
BIG_BYTES = 5 * 1024 * 1024
BIG_ONE_IN = 41
"""A prime: with a divisor in common with the number of topics, some topic would never get a big one."""
_NAME = "ZQXJZQXJ"
_SPOILT = b"\xff\xfe\xc3(ZQXJ"

Headers = list[tuple[str, bytes | None]]
Record = tuple[bytes | None, Headers]


def _bad_json(headers: Headers, _: random.Random) -> Record:
    return b'{"conversation_id": "c", "seq": ', headers


def _wrong_types(headers: Headers, _: random.Random) -> Record:
    body = (
        b'{"conversation_id": 7, "seq": "first", "at": [], "head": "none", "message": 1, "channel": {}, "agent_id": 1}'
    )
    return body, headers


def _not_utf8(headers: Headers, _: random.Random) -> Record:
    return b"{}", [*(one for one in headers if one[0] != "ce_id"), ("ce_id", b"\xff\xfe\xc3(")]


def _null_header(headers: Headers, _: random.Random) -> Record:
    return b"{}", [*(one for one in headers if one[0] != "ce_source"), ("ce_source", None)]


def _not_utf8_name(headers: Headers, _: random.Random) -> Record:
    return b"{}", [*headers, (_NAME, b"x")]


def _null_value(headers: Headers, _: random.Random) -> Record:
    return None, headers


def _no_headers(_: Headers, __: random.Random) -> Record:
    return b"{}", []


def _big(headers: Headers, chance: random.Random) -> Record:
    return b'{"text": "' + chance.randbytes(1024) * (BIG_BYTES // 1024), headers


KINDS: dict[str, Callable[[Headers, random.Random], Record]] = {
    "bad JSON": _bad_json,
    "wrong types": _wrong_types,
    "a header value that is not UTF-8": _not_utf8,
    "a null header": _null_header,
    "a header name that is not UTF-8": _not_utf8_name,
    "a null value": _null_value,
    "no headers": _no_headers,
}
BIG = "5 MB"


def choice(number: int) -> tuple[str, str]:
    """The topic and the kind of the gate's so-manieth record: soon every kind, in the end each on every topic."""
    turn, at = divmod(number, len(TYPES))
    kind = BIG if number % BIG_ONE_IN == BIG_ONE_IN - 1 else list(KINDS)[(turn + at) % len(KINDS)]
    return list(TYPES)[at], kind


def make(topic: str, kind: str, id: str, chance: random.Random) -> Record:
    """The value and the headers."""
    return (_big if kind == BIG else KINDS[kind])(event_headers(id, TYPES[topic], "/nobody"), chance)


async def poison(world: World, publisher: Publisher, number: int) -> None:
    """One record that nobody can read; written down with its place once the broker has it."""
    chance = world.chance(f"poison-{number}")
    topic, what = choice(number)
    value, headers = make(topic, what, f"poison-{world.seed}-{number}", chance)
    partition = chance.randrange(PARTITIONS)

    async def send(_: int) -> None:
        offset = await _produce(publisher, f"{world.prefix}{topic}", partition, value, headers)
        digest = None if value is None else hashlib.sha256(value).hexdigest()
        world.journal.write("poison", topic=topic, partition=partition, offset=offset, what=what, sha256=digest)

    await insist(world, "poison", send)


async def _produce(publisher: Publisher, topic: str, partition: int, value: bytes | None, headers: Headers) -> int:
    """Send a record batch without any client's opinion of it; its offset. Raises Refused."""
    try:
        async with asyncio.timeout(30):
            producer = await publisher.producer()
            await producer.partitions_for(topic)
            leader = producer.client.cluster.leader_for_partition(TopicPartition(topic, partition))
            request = ProduceRequest(
                transactional_id=None,
                required_acks=-1,
                timeout=10_000,
                topics=[(topic, [(partition, _batch(value, headers))])],
            )
            answer: Any = await producer.client.send(leader, request)
    except (KafkaError, TimeoutError, RuntimeError) as error:
        # RuntimeError: uvloop's, where a transport was closed and aiokafka has not heard of it yet.
        raise Refused(type(error).__name__) from error
    _, error_code, offset, *_ = answer.topics[0][1][0]
    if error_code:
        raise Refused(f"Kafka error {error_code}")
    return int(offset)


def _batch(value: bytes | None, headers: Headers) -> bytes:
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=0,
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=2 * BIG_BYTES,
    )
    builder.append(0, int(time.time() * 1000), b"poison", value, headers)
    built = bytes(builder.build())
    if _NAME.encode() not in built:
        return built
    changed = bytearray(built.replace(_NAME.encode(), _SPOILT))
    struct.pack_into(">I", changed, 17, calc_crc32c(bytes(changed[21:])))
    return bytes(changed)
