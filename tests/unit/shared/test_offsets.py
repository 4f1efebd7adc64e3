"""Acknowledgements: the first at once, then together, none lost when a member leaves."""

from __future__ import annotations

import asyncio

import pytest

from shared import offsets
from shared.kafka import TopicPartition
from shared.offsets import Offsets

ONE, TWO = TopicPartition("t", 1), TopicPartition("t", 2)
BOTH = {ONE, TWO}


class Broker:
    def __init__(self) -> None:
        self.commits: list[dict[TopicPartition, int]] = []
        self.came = asyncio.Event()

    async def commit(self, positions: dict[TopicPartition, int]) -> bool:
        self.commits.append(positions)
        self.came.set()
        return True


class Away(Broker):
    """It answers once it is back."""

    def __init__(self) -> None:
        super().__init__()
        self.back = asyncio.Event()
        self.asked = asyncio.Event()

    async def commit(self, positions: dict[TopicPartition, int]) -> bool:
        self.asked.set()
        await self.back.wait()
        return await super().commit(positions)


async def test_the_first_is_committed_at_once_and_those_that_follow_together() -> None:
    broker = Broker()
    kept = Offsets(broker.commit, lambda: BOTH)
    kept.add({ONE: 1})
    await asyncio.wait_for(broker.came.wait(), 5)
    for position in range(2, 50):
        kept.add({ONE: position, TWO: position})
    await kept.flush()
    assert broker.commits == [{ONE: 1}, {ONE: 49, TWO: 49}]
    await kept.close()


async def test_what_follows_is_committed_without_being_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offsets, "EVERY_S", 0.01)
    broker = Broker()
    kept = Offsets(broker.commit, lambda: BOTH)
    for position in (1, 2):
        broker.came.clear()
        kept.add({ONE: position})
        await asyncio.wait_for(broker.came.wait(), 5)
    assert broker.commits == [{ONE: 1}, {ONE: 2}]
    await kept.close()


async def test_a_partition_that_somebody_else_reads_is_not_committed() -> None:
    broker = Broker()
    kept = Offsets(broker.commit, lambda: BOTH)
    kept.add({ONE: 1, TWO: 1})
    await kept.forget([ONE])
    await kept.flush()
    assert broker.commits == [{TWO: 1}]
    await kept.close()


async def test_a_commit_that_waits_for_the_broker_does_not_end_after_the_next_one() -> None:
    """It did: an empty partition's 0 was tried until the broker was back, and came after the first record's 1."""
    broker = Away()
    kept = Offsets(broker.commit, lambda: BOTH)
    kept.catch_up({ONE: 0})
    await asyncio.wait_for(broker.asked.wait(), 5)
    kept.add({ONE: 1})
    broker.back.set()
    await kept.flush()
    assert broker.commits == [{ONE: 0}, {ONE: 1}]
    await kept.close()


async def test_what_was_not_committed_is_committed_when_all_is_quiet_and_only_then_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(offsets, "EVERY_S", 0.0)
    tries: list[dict[TopicPartition, int]] = []

    async def commit(positions: dict[TopicPartition, int]) -> bool:
        tries.append(positions)
        return len(tries) > 1

    kept = Offsets(commit, lambda: BOTH)
    kept.add({ONE: 1})
    await kept.flush()
    for _ in range(3):
        kept.catch_up({ONE: 1})
        await kept.flush()
    assert tries == [{ONE: 1}, {ONE: 1}]
    kept.catch_up({ONE: 2})
    await kept.flush()
    assert tries[2:] == [{ONE: 2}]
    await kept.close()


async def test_a_commit_that_is_still_tried_when_somebody_else_reads_is_given_up() -> None:
    broker = Away()
    kept = Offsets(broker.commit, lambda: BOTH)
    kept.add({ONE: 1})
    await asyncio.wait_for(broker.asked.wait(), 5)
    await kept.forget([ONE])
    broker.back.set()
    await kept.flush()
    assert broker.commits == []
    await kept.close()


async def test_what_was_handled_after_its_partition_was_lost_does_not_hold_the_others_up() -> None:
    """It did: the broker's client refuses a commit with a partition in it that is not assigned, the others' too."""
    mine = {ONE, TWO}
    tries: list[dict[TopicPartition, int]] = []

    async def commit(positions: dict[TopicPartition, int]) -> bool:
        tries.append(positions)
        return positions.keys() <= mine

    kept = Offsets(commit, lambda: mine)
    await kept.forget([ONE])
    mine.remove(ONE)
    kept.add({ONE: 1, TWO: 1})
    await kept.flush()
    assert tries == [{TWO: 1}]
    # once it comes back, what is read there is committed: nothing of the time before counts
    mine.add(ONE)
    kept.catch_up({ONE: 1})
    await kept.flush()
    assert tries[1:] == [{ONE: 1}]
    await kept.close()
