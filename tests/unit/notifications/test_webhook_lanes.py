"""Lanes: whatever is added, taken, tried again and replayed, each names the call whose turn it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.notifications.webhooks.model import Call, Verdict, attempted, requeued
from services.notifications.webhooks.store.lanes import Queue
from shared.mongo import Document
from tests.unit.notifications.examples import AT

DONE, FAILED = Verdict(ok=True, status=204), Verdict(ok=False, status=500)


def call(n: int, lane: str = "a") -> Call:
    about: dict[str, Any] = {"event_id": f"e-{n}", "event_type": "x", "created_at": AT, "updated_at": AT}
    return Call(id=f"c-{n}", endpoint_id="p", lane=lane, place=0, **about)


class Kept:
    """What the collections would hold. Each step is one transaction, as in the store."""

    def __init__(self) -> None:
        self.lanes: dict[str, Document] = {}
        self.calls: dict[str, Call] = {}
        self.now = AT

    def queue(self) -> Queue:
        return Queue(list(self.lanes.values()))

    def write(self, queue: Queue) -> None:
        for before, row in queue.changes():
            assert before == self.lanes.get(row["_id"], {"seq": 0})["seq"], "as replace_versions asks"
            assert row["seq"] == before + 1
            self.lanes[row["_id"]] = row
        for gone, seq in queue.ended().items():
            assert self.lanes.pop(gone)["seq"] == seq

    def add(self, *calls: Call) -> None:
        queue = self.queue()
        self.calls |= {one.id: queue.add(one) for one in calls}
        self.write(queue)

    def waiting(self, lane: str) -> list[Call]:
        found = [one for one in self.calls.values() if one.lane == lane and one.state == "queued"]
        return sorted(found, key=lambda one: one.place)

    def make(self, lane: str, verdict: Verdict) -> Call:
        after = attempted(self.calls[self.lanes[lane]["first"]], verdict, now=self.now, chance=0.5)
        self.calls[after.id] = after
        queue = self.queue()
        asked = {one: next((call.id for call in self.waiting(one)), None) for one in queue.ask_for_next([after])}
        queue.take(after, asked.get(lane))
        self.write(queue)
        return after

    def check(self) -> None:
        for name in {one.lane for one in self.calls.values()}:
            waiting = self.waiting(name)
            assert (name in self.lanes) == bool(waiting)
            if waiting:
                row = self.lanes[name]
                first = waiting[0]
                assert (row["first"], row["waiting"]) == (first.id, len(waiting))
                assert row["due_at"] <= max(self.now, first.retry_at or self.now)


STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "add two", "take", "fail", "again", "hurry"]), st.sampled_from("ab")), max_size=40
)


@given(STEPS)
def test_a_lane_is_in_order_and_says_what_waits_in_it(steps: list[tuple[str, str]]) -> None:
    kept, made = Kept(), []
    for n, (step, lane) in enumerate(steps):
        kept.now += timedelta(seconds=1)
        over = next((one for one in kept.calls.values() if one.lane == lane and one.state != "queued"), None)
        if step == "add":
            kept.add(call(n, lane))
        elif step == "add two":
            kept.add(call(n, lane), call(n + 1000, lane))
        elif step in ("take", "fail") and lane in kept.lanes:
            made.append(kept.make(lane, DONE if step == "take" else FAILED))
        elif step == "again" and over is not None:
            kept.add(requeued(over, 0, now=kept.now))
        elif step == "hurry":
            queue = kept.queue()
            queue.hurry(lane, kept.now)
            kept.write(queue)
        kept.check()
    taken = [one for one in made if one.state != "queued"]
    assert all(one.place > 0 for one in taken)


def test_a_lane_waits_for_the_retry_of_its_first_and_goes_on_after_it() -> None:
    kept = Kept()
    kept.add(call(1), call(2))
    failed = kept.make("a", FAILED)
    assert (kept.lanes["a"]["first"], kept.lanes["a"]["due_at"]) == ("c-1", failed.retry_at)
    kept.add(call(3))
    assert kept.lanes["a"]["due_at"] == failed.retry_at, "what comes later does not push it"
    assert [kept.make("a", DONE).id for _ in range(3)] == ["c-1", "c-2", "c-3"]
    assert kept.lanes == {}


def test_what_is_replayed_goes_behind_what_waits() -> None:
    kept = Kept()
    kept.add(call(1))
    over = kept.make("a", DONE)
    kept.add(call(2))
    kept.add(requeued(over, 0, now=AT))
    assert [kept.make("a", DONE).id for _ in range(2)] == ["c-2", "c-1"]


def test_a_result_for_a_lane_that_ended_meanwhile_changes_nothing() -> None:
    queue = Queue([])
    queue.take(call(1), None)
    assert (queue.changes(), dict(queue.ended())) == ([], {})
