"""Where consumer groups stand, as the broker knows it: so that it can be told of a group that does not run.

Only reads. Needs the permission to describe the groups and to read the Kafka topics (Kafka ACLs Describe and Read).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from shared import kafka
from shared.settings import Settings

READ_S = 10.0


@dataclass(frozen=True, slots=True)
class Standing:
    """One group on one partition: the log's `start` and `end`, and the `at` that it reads next.

    `oldest_ms` is the timestamp of the first record not yet acknowledged; None when there is none, as what is left
    are the markers that end transactions.
    """

    topic: str
    partition: int
    start: int
    at: int
    end: int
    oldest_ms: int | None = None

    @property
    def lag(self) -> int:
        return max(0, self.end - self.at)

    @property
    def room(self) -> float:
        """How far the group is from the log's start, where unread records are deleted: 0 at the start, 1 at the end.

        A group that has read everything, or whose log was never cut, has nothing to lose: 1.
        """
        if self.lag == 0 or self.start == 0:
            return 1.0
        return max(0.0, (self.at - self.start) / (self.end - self.start))


class Groups:
    """Two clients of one cluster, made by `open`. All raise KafkaError or TimeoutError while the cluster is away."""

    def __init__(self, settings: Settings, admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer) -> None:
        self._settings = settings
        self._admin = admin
        self._consumer = consumer

    @classmethod
    async def open(cls, settings: Settings) -> Self:
        admin, consumer = AIOKafkaAdminClient(**kafka.client_options(settings)), kafka.peeker(settings)
        made = cls(settings, admin, consumer)
        try:
            await admin.start()
            await consumer.start()
        except BaseException:
            await made.close()
            raise
        return made

    async def close(self) -> None:
        await kafka.close(self._consumer)
        await self._admin.close()

    async def members(self, groups: Sequence[str]) -> dict[str, int]:
        """How many members each group has now; 0 for one that nobody is in."""
        found = dict.fromkeys(groups, 0)
        names = {f"{self._settings.prefix}{group}": group for group in groups}
        for asked in names:
            # One at a time: asked for two, the answer is not understood (aiokafka 0.14, Kafka 4.1), and the
            # connection is closed over it.
            answers: Any = await self._admin.describe_consumer_groups([asked])
            # DescribeGroupsResponse: error_code, group_id, state, protocol_type, protocol, members, …
            for _, name, _, _, _, members, *_ in answers[0].groups:
                found[names[name]] = len(members)
        return found

    async def standing(self, group: str, topics: Sequence[str]) -> list[Standing]:
        """One for each partition of the topics; a group that never acknowledged anything stands at the start."""
        partitions = await self._partitions(topics)
        committed = await self._admin.list_consumer_group_offsets(f"{self._settings.prefix}{group}", None, partitions)
        starts = await self._consumer.beginning_offsets(partitions)
        ends = await self._consumer.end_offsets(partitions)
        at = {one: max(starts[one], committed[one].offset if one in committed else -1) for one in partitions}
        oldest = await self._oldest({one: at[one] for one in partitions if at[one] < ends[one]}, ends)
        return [
            Standing(
                topic=one.topic.removeprefix(self._settings.prefix),
                partition=one.partition,
                start=starts[one],
                at=at[one],
                end=ends[one],
                oldest_ms=oldest.get(one),
            )
            for one in partitions
        ]

    async def _partitions(self, topics: Sequence[str]) -> list[TopicPartition]:
        names = [kafka.topic_name(self._settings, topic) for topic in topics]
        described: Any = await self._admin.describe_topics(names)
        return [
            TopicPartition(topic["topic"], one["partition"])
            for topic in described
            for one in sorted(topic["partitions"], key=lambda each: int(each["partition"]))
        ]

    async def _oldest(
        self, behind: Mapping[TopicPartition, int], ends: Mapping[TopicPartition, int]
    ) -> dict[TopicPartition, int]:
        """The timestamp of the first record at or after each offset; none where only markers follow.

        Raises TimeoutError when the broker does not say in READ_S.
        """
        found: dict[TopicPartition, int] = {}
        if not behind:
            return found
        self._consumer.assign(list(behind))
        for one, offset in behind.items():
            self._consumer.seek(one, offset)
        asked = set(behind)
        async with asyncio.timeout(READ_S):
            while asked:
                # What has arrived so far may be a part of the partitions; markers only move the place.
                batches = await self._consumer.getmany(*asked, timeout_ms=100, max_records=1)
                found |= {one: records[0].timestamp for one, records in batches.items() if records}
                asked -= found.keys()
                asked -= {one for one in asked if await self._consumer.position(one) >= ends[one]}
        return found
