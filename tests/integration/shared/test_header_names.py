"""A record whose header has a name that is not UTF-8, on real Kafka: its partition once stood still for ever, and
records of other partitions that came with it were never handled."""

from __future__ import annotations

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.protocol.produce import ProduceRequest

from shared.settings import Settings
from tests.integration.shared.pattern_service import Pattern
from tests.integration.shared.test_pattern import running
from tests.integration.shared.world import Kafka, ids, until
from tests.unit.shared.test_records import NAME, batch, spoil

IN = "ingest.messages.v1"
OUT = "notifications.deliveries.v1"
DEAD = "ingest.messages.v1.tickets.conversations.dlq"


async def test_it_is_put_aside_and_no_record_of_any_partition_is_lost(settings: Settings, kafka: Kafka) -> None:
    sent = [await kafka.send(n, conversation=n % 12, partition=n % 12) for n in range(24)]
    for partition in range(0, 12, 3):
        await send_as_it_is(kafka.producer, f"{settings.prefix}{IN}", partition, spoil(batch([NAME])))
    sent += [await kafka.send(n, conversation=n % 12, partition=n % 12) for n in range(24, 48)]

    async def all_there() -> list[object] | None:
        records = await kafka.read(OUT)
        return records if len(set(ids(records))) >= len(sent) else None

    async with running(Pattern(settings)):
        records = await until(all_there)
        assert sorted(ids(records)) == sorted(sent)

    dead = await kafka.read(DEAD)
    assert [record.value for record in dead] == [b"v0"] * 4
    assert {name for name, _ in dead[0].headers} >= {r"\xff\xfe\xc3(", "dlq_reason"}


async def send_as_it_is(producer: AIOKafkaProducer, topic: str, partition: int, data: bytes) -> None:
    """A record batch without any client's opinion of it."""
    await producer.partitions_for(topic)
    leader = producer.client.cluster.leader_for_partition(TopicPartition(topic, partition))
    request = ProduceRequest(
        transactional_id=None, required_acks=-1, timeout=10_000, topics=[(topic, [(partition, data)])]
    )
    answer = await producer.client.send(leader, request)
    assert answer.topics[0][1][0][1] == 0, answer
