"""Who is asked first: fair, never over capacity, nobody who is away."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from services.routing.assignment import (
    Board,
    Candidate,
    Queue,
    brands_served,
    free_places,
    order,
    reason_for,
    waiting_reason,
)
from services.routing.rules.schema import Strategy


def candidate(id_: str, *, online: bool = True, capacity: int = 10, brands: tuple[str, ...] = ()) -> Candidate:
    return Candidate(id_, id_.title(), online, capacity, frozenset(brands))


def queue(*candidates: Candidate) -> Queue:
    return Queue("email-support", "Email Support", candidates)


def give_out(one: Queue, count: int, strategy: Strategy, board: Board | None = None) -> list[str | None]:
    board = board or Board()
    given: list[str | None] = []
    for _ in range(count):
        preferred = order(one, "b", strategy, board)
        given.append(preferred[0].agent_id if preferred else None)
        if preferred:
            board.take(one.name, preferred[0].agent_id)
    return given


def test_round_robin_takes_turns() -> None:
    one = queue(candidate("a"), candidate("b"), candidate("c"))
    assert give_out(one, 6, "round_robin") == ["a", "b", "c", "a", "b", "c"]


def test_who_comes_back_gets_the_next_one_and_not_a_pile() -> None:
    board = Board()
    give_out(queue(candidate("a"), candidate("b"), candidate("c", online=False)), 4, "round_robin", board)
    back = queue(candidate("a"), candidate("b"), candidate("c"))
    assert give_out(back, 4, "round_robin", board) == ["c", "a", "b", "c"]


def test_balanced_fills_by_share_of_capacity() -> None:
    one = queue(candidate("a", capacity=2), candidate("b", capacity=4))
    assert Counter(give_out(one, 6, "balanced")) == {"a": 2, "b": 4}
    board = Board(loads={"a": 1, "b": 1})
    assert give_out(one, 1, "balanced", board) == ["b"]


def test_away_other_brands_and_full_are_passed_over() -> None:
    one = queue(
        candidate("away", online=False),
        candidate("other", brands=("x",)),
        candidate("none", capacity=0),
        candidate("a"),
    )
    assert give_out(one, 11, "round_robin") == ["a"] * 10 + [None]


def test_reasons_are_sentences() -> None:
    one = queue(candidate("a"), candidate("b"), candidate("c", online=False))
    assert reason_for(one, "b", "round_robin", 0) == "Round robin among 2 online in Email Support"
    assert reason_for(one, "b", "balanced", 3) == "Least busy (3 open) among 2 online in Email Support"
    assert waiting_reason(one, "b") == "Nobody has room among 2 online in Email Support"
    assert waiting_reason(queue(candidate("a", online=False)), "b") == "Nobody in Email Support is online"
    assert waiting_reason(queue(), "b") == "Email Support has no members"
    named = Queue("a", "Ann", (candidate("a", online=False),), one_agent=True)
    assert waiting_reason(named, "b") == "Ann is not online"


def test_places_and_brands_count_those_who_are_online() -> None:
    one = queue(candidate("a", capacity=2, brands=("x",)), candidate("b", online=False))
    assert free_places(one, Board(loads={"a": 1})) == 1
    assert brands_served(one) == {"x"}
    assert brands_served(queue(candidate("a", brands=("x",)), candidate("b"))) is None


team = st.lists(
    st.tuples(st.booleans(), st.integers(0, 6), st.sampled_from([(), ("b",), ("other",)])), min_size=1, max_size=6
)


@given(team, st.sampled_from(["round_robin", "balanced"]), st.integers(0, 40))
def test_nobody_goes_over_capacity_and_no_place_stays_empty(
    people: list[tuple[bool, int, tuple[str, ...]]], strategy: Strategy, count: int
) -> None:
    candidates = [candidate(f"a{n}", online=on, capacity=cap, brands=b) for n, (on, cap, b) in enumerate(people)]
    given_out = Counter(one for one in give_out(queue(*candidates), count, strategy) if one)
    able = {one.agent_id: one.capacity for one in candidates if one.online and one.serves("b")}
    assert all(given_out[agent] <= able.get(agent, 0) for agent in given_out)
    assert sum(given_out.values()) == min(count, sum(able.values()))


@given(st.integers(1, 6), st.integers(0, 60))
def test_round_robin_is_fair_to_within_one(people: int, count: int) -> None:
    shares = Counter(give_out(queue(*(candidate(f"a{n}", capacity=100) for n in range(people))), count, "round_robin"))
    counts = [shares.get(f"a{n}", 0) for n in range(people)]
    assert max(counts) - min(counts) <= 1
