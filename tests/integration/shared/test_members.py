"""Replicas with a name (`Settings.member`): a crash disturbs nobody else, and who stops in order leaves at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest_asyncio

from shared.groups import Groups
from shared.kafka import TopicPartition, _member
from shared.settings import Settings
from tests.integration.shared.pattern_service import Pattern
from tests.integration.shared.processes import Program, program
from tests.integration.shared.world import Kafka, ids, until

GROUP = "tickets.conversations"
MODULE = "tests.integration.shared.pattern_service"
PARTITIONS = 12


class Stays(Pattern):
    """The replica that is not killed, and each time that its partitions were taken from it."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.disturbed: list[list[TopicPartition]] = []
        revoked = self.consumer.on_partitions_revoked

        async def noted(partitions: list[TopicPartition]) -> None:
            self.disturbed.append(partitions)
            await revoked(partitions)

        self.consumer.on_partitions_revoked = noted  # type: ignore[method-assign]

    async def has(self, partitions: int) -> bool:
        """Of the messages' topic; the range assignor gives as many of each other."""
        return sum("messages" in one.topic for one in self.consumer._assigned()) == partitions


@pytest_asyncio.fixture
async def stays(settings: Settings) -> AsyncIterator[Stays]:
    pattern = Stays(named(settings, "stays"))
    await pattern.start()
    yield pattern
    await pattern.stop()


def named(settings: Settings, name: str) -> Settings:
    return settings.model_copy(update={"member": name})


async def shared_with(stays: Stays, other: Program) -> None:
    """Wait until both have their half."""

    async def halved() -> bool:
        assert other.process.returncode is None, other.said
        return await stays.has(PARTITIONS // 2)

    await until(halved)


async def test_who_crashed_and_comes_back_has_its_partitions_again_and_the_others_kept_theirs(
    settings: Settings, kafka: Kafka, stays: Stays
) -> None:
    async with program(named(settings, "crashes"), MODULE) as first:
        await shared_with(stays, first)
        first.kill()
    stays.disturbed.clear()
    async with program(named(settings, "crashes"), MODULE):
        await each_is_applied(kafka)
        assert await stays.has(PARTITIONS // 2)
    assert stays.disturbed == []


async def test_who_leads_its_group_may_crash_too(settings: Settings, kafka: Kafka) -> None:
    """Kafka tells the leader of a group who comes back under its name that it follows; its partitions are its own."""
    async with program(named(settings, "leads"), MODULE) as first:
        groups = await Groups.open(settings)

        async def alone() -> bool:
            return await groups.members([GROUP]) == {GROUP: 1}

        await until(alone)
        stays = Stays(named(settings, "stays"))
        await stays.start()
        await shared_with(stays, first)
        first.kill()
    stays.disturbed.clear()
    async with program(named(settings, "leads"), MODULE):
        sent = await each_is_applied(kafka)
        assert stays.disturbed == []
        await stays.stop()
        await until(alone)
        await each_is_applied(kafka, sent)
    await groups.close()


async def test_who_stops_in_order_has_left(settings: Settings, stays: Stays) -> None:
    """A client leaves a named member in its group for the rest of its session, which is right for a crash alone."""
    groups = await Groups.open(settings)
    async with program(named(settings, "stops"), MODULE) as other:
        await shared_with(stays, other)
        other.process.terminate()
        assert await other.process.wait() == 0, other.said
        assert await groups.members([GROUP]) == {GROUP: 1}
    await groups.close()

    async def all_are_mine() -> bool:
        return await stays.has(PARTITIONS)

    await until(all_are_mine)


def test_a_member_that_reads_other_topics_is_another_one(settings: Settings) -> None:
    """Else it would be given what its release before had read, and nothing of what is new."""
    one = _member(named(settings, "tickets-1"), ["a.v1", "b.v1"])
    assert one == _member(named(settings, "tickets-1"), ["b.v1", "a.v1"])
    assert one != _member(named(settings, "tickets-1"), ["a.v1"])
    assert one != _member(named(settings, "tickets-2"), ["a.v1", "b.v1"])
    assert _member(settings, ["a.v1"]) is None


async def each_is_applied(kafka: Kafka, before: Sequence[str] = ()) -> list[str]:
    """Send one more to each partition, and wait until these and those of `before` are applied; all their ids."""
    first = len(before)
    sent = [await kafka.send(first + n, conversation=n, partition=n) for n in range(PARTITIONS)]
    wanted = [*before, *sent]

    async def applied() -> bool:
        records: list[Any] = await kafka.read("notifications.deliveries.v1")
        return set(ids(records)) == set(wanted)

    await until(applied)
    return wanted
