"""Creates the Kafka topics of the registry: `python -m shared.setup`. Run again, it changes nothing."""

from __future__ import annotations

import asyncio
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared import kafka
from shared.settings import Settings
from shared.topics import DAY_MS, PARTITIONS, TOPICS, Topic

DEAD_LETTER_PARTITIONS = 1
DEAD_LETTER_RETENTION_MS = 45 * DAY_MS
"""Longer than any Kafka topic is kept, shorter than applied inputs are remembered."""


def wanted(settings: Settings, replication: int) -> list[NewTopic]:
    """Every topic and its dead-letter topics, with the desk's prefix."""
    limit = {"max.message.bytes": str(kafka.MAX_RECORD_BYTES)}
    found: list[NewTopic] = []
    for topic in TOPICS:
        name = kafka.topic_name(settings, topic.name)
        found.append(NewTopic(name, PARTITIONS, replication, topic_configs=limit | _retention(topic)))
        for group in topic.groups:
            dead = kafka.topic_name(settings, topic.dead_letters(group))
            kept = {
                "max.message.bytes": str(kafka.MAX_DEAD_LETTER_BYTES),
                "retention.ms": str(DEAD_LETTER_RETENTION_MS),
            }
            found.append(NewTopic(dead, DEAD_LETTER_PARTITIONS, replication, topic_configs=kept))
    return found


def _retention(topic: Topic) -> dict[str, str]:
    if topic.owner == "integrations":
        # A stranger's clock would make an event look years old, or not yet written.
        return {"retention.ms": str(topic.retention_ms or -1), "message.timestamp.type": "LogAppendTime"}
    if topic.compacted:
        return {"cleanup.policy": "compact", "retention.ms": "-1"}
    return {"retention.ms": str(topic.retention_ms or -1)}


async def create_topics(settings: Settings) -> list[str]:
    """Create what is missing; returns the names that were new. Replication 3 where there are three brokers."""
    admin = AIOKafkaAdminClient(**kafka.client_options(settings))
    await admin.start()
    try:
        existing = set(await admin.list_topics())
        brokers = len((await admin.describe_cluster())["brokers"])
        missing = [one for one in wanted(settings, min(3, brokers)) if one.name not in existing]
        if missing:
            answer: Any = await admin.create_topics(missing)
            bad = [(name, message) for name, code, message in answer.topic_errors if code not in (0, 36)]
            if bad:  # 36: somebody else created it meanwhile
                raise RuntimeError(f"Kafka would not create {bad[0][0]}: {bad[0][1]}")
        return [one.name for one in missing]
    finally:
        await admin.close()


def main() -> None:
    created = asyncio.run(create_topics(Settings()))
    print(f"{len(created)} Kafka topics created" if created else "all Kafka topics are there")


if __name__ == "__main__":
    main()
