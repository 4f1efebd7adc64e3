"""Which conversations have the new version: stable, growing, even, and within teams and brands."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.governance import Rollout
from shared.governance.stages import NOBODY, Member, Stages, place_of, takes

IDS = st.text(min_size=1, max_size=40)


@dataclass(frozen=True)
class Where:
    id: str
    brand_id: str = "paleo-hacks"
    team_id: str | None = None


@dataclass(frozen=True)
class One:
    id: str
    version: int


@given(IDS, IDS, st.integers(1, 100), st.integers(1, 100))
def test_a_higher_percentage_only_adds_and_the_same_conversation_stays_on_its_side(
    artifact: str, conversation: str, less: int, more: int
) -> None:
    less, more = min(less, more), max(less, more)
    here = Where(conversation)
    if takes(Rollout(percentage=less), artifact, here):
        assert takes(Rollout(percentage=more), artifact, here)
    assert takes(Rollout(percentage=less), artifact, here) == takes(Rollout(percentage=less), artifact, here)
    assert takes(Rollout(), artifact, here)


def test_so_many_in_a_hundred_and_not_the_same_ones_for_every_artifact() -> None:
    conversations = [Where(f"c{n}") for n in range(5000)]
    for percentage in (1, 20, 50, 99):
        taken = sum(takes(Rollout(percentage=percentage), "r1", one) for one in conversations)
        assert abs(taken / 50 - percentage) < 3
    same = sum(place_of("r1", one.id) < 50 and place_of("r2", one.id) < 50 for one in conversations)
    assert abs(same / 50 - 25) < 3


def test_only_within_the_teams_and_brands_that_are_named() -> None:
    rollout = Rollout(team_ids=("vip",), brand_ids=("paleo-hacks",))
    assert takes(rollout, "r1", Where("c1", team_id="vip"))
    assert not takes(rollout, "r1", Where("c1"))
    assert not takes(rollout, "r1", Where("c1", brand_id="earth-echo", team_id="vip"))


@given(st.integers(1, 99), st.lists(IDS, min_size=1, max_size=20))
def test_each_conversation_has_one_version_of_each(percentage: int, conversations: list[str]) -> None:
    staged = Member(One("r1", 2), One("r1", 1), Rollout(percentage=percentage))
    stages = Stages([Member(One("r0", 7)), staged])
    for id_ in conversations:
        left = stages.left_out(Where(id_))
        assert left == ({"r1:1"} if takes(Rollout(percentage=percentage), "r1", Where(id_)) else {"r1:2"})


def test_whom_a_first_version_leaves_out_has_none_of_it() -> None:
    stages = Stages([Member(One("r1", 1), None, Rollout(brand_ids=("earth-echo",)))])
    assert stages.left_out(Where("c1")) == {"r1:1"}
    assert stages.left_out(Where("c1", "earth-echo")) == NOBODY


def test_nothing_staged_costs_nothing() -> None:
    assert Stages([Member(One("r0", 7))]).left_out(Where("c1")) is NOBODY
