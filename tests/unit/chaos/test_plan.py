"""The same seed breaks the same things at the same moments, and nothing is forgotten."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest

from tests.chaos.plan import DOWNSTREAM, SERVICES, Measure, faults, full, short

WHAT = {
    *("kill", "freeze", "join"),
    *("kafka restart", "kafka crash"),
    *("step down", "mongo crash", "mongo restart"),
    *("redis flush", "redis crash"),
    *("slow", "failing", "silent"),
}


def test_the_same_seed_makes_the_same_plan() -> None:
    assert faults("7", full(20)) == faults("7", full(20))
    assert faults("7", full(20)) != faults("8", full(20))


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_the_whole_gate_has_every_fault_as_often_as_promised(seed: str) -> None:
    planned = faults(seed, full(20))
    counts = Counter(one.what for one in planned)
    assert counts["kafka restart"] + counts["kafka crash"] == 10
    assert counts["step down"] + counts["mongo crash"] + counts["mongo restart"] == 10
    assert counts["redis flush"] == counts["redis crash"] == 3
    frozen = [one for one in planned if one.what == "freeze"]
    assert all(20 <= one.seconds <= 60 for one in frozen)
    assert {one.whom.partition("-")[0] for one in frozen} == set(SERVICES)
    assert all(one.seconds == 30 for one in planned if one.what == "silent")
    assert {one.whom for one in planned if one.what == "join"} == set(SERVICES)
    assert {(one.what, one.whom) for one in planned} >= {
        (mood, whom) for mood in ("slow", "failing", "silent") for whom in ("mail", "hooks")
    }


@pytest.mark.parametrize("measure", [full(20), short(75)], ids=["full", "short"])
def test_each_service_dies_again_and_again(measure: Measure) -> None:
    for service in SERVICES:
        kills = [one.at_s for one in faults("5", measure) if one.what == "kill" and one.whom.startswith(service)]
        pauses = [later - earlier for earlier, later in itertools.pairwise(kills)]
        assert pauses
        assert all(measure.kill_s[0] <= pause <= measure.kill_s[1] for pause in pauses)


@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_the_short_form_has_every_kind_of_fault_too(seed: str) -> None:
    few, all_ = faults(seed, short(75)), faults(seed, full(20))
    assert {one.what for one in few} == {one.what for one in all_} == WHAT
    receivers = [{(one.what, one.whom) for one in plan if one.whom in DOWNSTREAM} for plan in (few, all_)]
    assert receivers[0] == receivers[1]


def test_nothing_is_planned_after_the_end() -> None:
    assert all(0 < one.at_s < 75 for one in faults("4", short(75)))
