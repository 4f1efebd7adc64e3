"""Where groups stand, asked of a real broker."""

from __future__ import annotations

from aiokafka import AIOKafkaConsumer

from shared.groups import Groups
from shared.settings import Settings
from tests.integration.shared.world import until


async def test_several_groups_are_asked_for_at_once(settings: Settings) -> None:
    """Their members were never counted: aiokafka cannot read an answer about two groups."""
    consumer = AIOKafkaConsumer(
        f"{settings.prefix}ingest.messages.v1",
        bootstrap_servers=settings.kafka,
        group_id=f"{settings.prefix}tickets.conversations",
    )
    await consumer.start()
    groups = await Groups.open(settings)
    wanted = {"tickets.conversations": 1, "ingest.integrations": 0}

    async def counted() -> bool:
        return await groups.members(list(wanted)) == wanted

    await until(counted)
    await groups.close()
    await consumer.stop()
