"""One endpoint's turn on made-up calls: what is begun when, and what is recorded with what."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from services.notifications.webhooks.model import Call, Endpoint, Health, Key, Verdict, attempted, health_after
from services.notifications.webhooks.store.calls import Due
from services.notifications.webhooks.turn import Turn
from shared.mongo import Document
from tests.unit.notifications.examples import AT

DONE = Verdict(ok=True, status=204)


def now() -> datetime:
    return datetime.now(UTC)


def calls(lane: str, *numbers: int) -> list[Call]:
    about = {"endpoint_id": "p", "event_type": "x", "created_at": AT, "updated_at": AT}
    return [Call(id=f"{lane}{n}", lane=lane, place=n, event_id=f"{lane}{n}", **about) for n in numbers]


def endpoint(**about: float | Health) -> Endpoint:
    given = {"per_second": 1e6, **about}
    return Endpoint(
        id="p", name="P", url="https://hooks.example.com/", keys=(Key(salt="s"),), created_at=AT, updated_at=AT, **given
    )


@dataclass
class Made:
    """A sender over lanes in memory: a lane's first call is due until it is recorded."""

    lanes: dict[str, list[Call]]
    endpoint: Endpoint = field(default_factory=endpoint)
    verdict: Callable[[Call], Verdict] = lambda _: DONE
    before_answer: Callable[[Call], asyncio.Event | None] = lambda _: None
    side_by_side: int = 4
    began: list[str] = field(default_factory=list)
    records: list[list[str]] = field(default_factory=list)
    off: list[str] = field(default_factory=list)
    lease_ended: bool = False
    looking: asyncio.Event | None = None
    retry_at: dict[str, datetime] = field(default_factory=dict)

    async def call(self, endpoint: Endpoint, due: Due) -> tuple[Call, Call, Verdict]:
        self.began.append(due.call.id)
        if wait := self.before_answer(due.call):
            await wait.wait()
        verdict = self.verdict(due.call)
        return due.call, attempted(due.call, verdict, now=now(), chance=0.0), verdict

    async def record(self, endpoint: Endpoint, made: Sequence[tuple[Call, Call]]) -> None:
        await asyncio.sleep(0)
        self.records.append([before.id for before, _ in made])
        for before, after in made:
            assert self.lanes[before.lane][0].id == before.id, "in order, and each once"
            if after.state == "queued":
                assert after.retry_at is not None
                self.retry_at[before.lane] = after.retry_at
            else:
                self.lanes[before.lane].pop(0)

    async def held(self, row: Document) -> Document | None:
        return None if self.lease_ended else row

    async def due(self, endpoint: Endpoint, limit: int, besides: frozenset[str]) -> list[Due]:
        waiting = [one[0] for lane, one in self.lanes.items() if one and self.retry_at.get(lane, AT) <= now()]
        if self.looking:
            await self.looking.wait()
        return [Due(one, b"{}") for one in waiting if one.lane not in besides][:limit]

    async def next_due(self, endpoint: Endpoint) -> datetime | None:
        return min((self.retry_at.get(lane, AT) for lane, one in self.lanes.items() if one), default=None)

    def may_go_on(self, until: datetime) -> bool:
        return not self.lease_ended and until > now()

    def after(self, health: Health, verdict: Verdict) -> tuple[Health, str | None]:
        return health_after(health, verdict, now=now()), "gone" if verdict.gone else None

    async def switch_off(self, endpoint: Endpoint, why: str) -> None:
        self.off.append(why)

    @property
    def clock(self) -> Callable[[], datetime]:
        return now

    def turn(self) -> Turn:
        fields = self.endpoint.model_dump(exclude={"id"})
        until = now() + timedelta(seconds=60)
        return Turn(self, {"_id": "p", "lease_until": until, **fields}, until=until)

    async def run(self) -> tuple[Health, datetime | None]:
        async with asyncio.timeout(20):
            return await self.turn().run()


def in_lane(began: Sequence[str], lane: str) -> list[str]:
    return [one for one in began if one[0] == lane]


async def test_each_lane_is_called_in_order_and_each_call_once() -> None:
    made = Made({lane: calls(lane, *range(1, 8)) for lane in "abcdefghijklmnopqrstuvwxyz"})
    health, due_at = await made.run()
    assert (due_at, health.failures) == (None, 0)
    for lane in made.lanes:
        assert in_lane(made.began, lane) == [f"{lane}{n}" for n in range(1, 8)]
    assert sorted(one for some in made.records for one in some) == sorted(made.began)


async def test_what_is_done_while_others_are_recorded_is_recorded_together() -> None:
    made = Made({lane: calls(lane, 1) for lane in "abcdefgh"}, side_by_side=8)
    await made.run()
    assert len(made.records) < 8


async def test_a_slow_call_holds_up_no_other_lane() -> None:
    slow = asyncio.Event()
    made = Made(
        {lane: calls(lane, 1, 2) for lane in "abcdef"}, before_answer=lambda one: slow if one.lane == "a" else None
    )
    running = asyncio.create_task(made.run())
    while sum(len(one) for one in made.lanes.values()) > 2:
        await asyncio.sleep(0.01)
    assert in_lane(made.began, "a") == ["a1"]
    slow.set()
    await running
    assert in_lane(made.began, "a") == ["a1", "a2"]


async def test_a_failed_call_waits_for_its_time_though_a_look_began_before_its_record() -> None:
    """The look saw the lane as it was while its call was in hand."""
    slow, looking = asyncio.Event(), asyncio.Event()
    made = Made({"a": calls("a", 1)}, verdict=lambda _: Verdict(ok=False, status=500), before_answer=lambda _: slow)
    running = asyncio.create_task(made.run())
    while not made.began:
        await asyncio.sleep(0.01)
    made.looking = looking
    await asyncio.sleep(0.3)  # the next look has begun by now; a test that is too early tries less, and passes
    slow.set()
    await asyncio.sleep(0.05)
    looking.set()
    _, due_at = await running
    assert made.began == ["a1"]
    assert due_at == made.retry_at["a"]


async def test_who_wants_no_more_is_called_no_more_and_what_was_begun_is_recorded() -> None:
    made = Made(
        {lane: calls(lane, 1, 2) for lane in "abcdefgh"}, verdict=lambda _: Verdict(ok=False, gone=True, final=True)
    )
    await made.run()
    assert made.off == ["gone"]
    assert len(made.began) == 4
    assert sorted(one for some in made.records for one in some) == sorted(made.began)


async def test_without_the_lease_nothing_more_is_begun() -> None:
    made = Made({lane: calls(lane, 1) for lane in "abcdefgh"})

    def ends(one: Call) -> Verdict:
        made.lease_ended = True
        return DONE

    made.verdict = ends
    await made.run()
    assert len(made.began) == 4


async def test_a_struggling_endpoint_gets_one_call_at_a_time_and_then_rests() -> None:
    made = Made(
        {lane: calls(lane, 1) for lane in "abcdefgh"},
        endpoint=endpoint(health=Health(failures=5)),
        verdict=lambda _: Verdict(ok=False, status=500),
    )
    health, due_at = await made.run()
    assert made.began == ["a1"]
    assert health.paused_until is not None
    assert due_at == health.paused_until


async def test_a_slow_rate_delays_no_record_and_gives_the_place_back() -> None:
    made = Made({lane: calls(lane, 1) for lane in "abc"}, endpoint=endpoint(per_second=0.5))
    health, due_at = await made.run()
    assert (made.began, made.records) == (["a1"], [["a1"]])
    assert due_at == health.next_at
    assert due_at is not None
    assert due_at > now()


@pytest.mark.parametrize("per_second", [20.0, 100.0])
async def test_the_rate_is_kept(per_second: float) -> None:
    made = Made({lane: calls(lane, 1) for lane in "abcdefghij"}, endpoint=endpoint(per_second=per_second))
    began = now()
    await made.run()
    assert len(made.began) == 10
    assert (now() - began).total_seconds() >= 9 / per_second - 0.01
