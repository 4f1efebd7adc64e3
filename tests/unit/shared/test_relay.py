"""The order in which the relay publishes from the log: each aggregate's own, whatever the clocks said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from shared.publish import SKEW, in_turn

START = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


def row(aggregate: str, seq: int, ms: int) -> dict[str, Any]:
    return {"aggregate_id": aggregate, "seq": seq, "logged_at": START + timedelta(milliseconds=ms)}


def places(rows: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(one["aggregate_id"], one["seq"]) for one in rows]


def test_rows_of_one_aggregate_change_places_and_others_keep_theirs() -> None:
    ready, held = in_turn([row("a", 2, 0), row("b", 1, 10), row("a", 1, 20)], START + SKEW)
    assert places(ready) == [("a", 1), ("b", 1), ("a", 2)]
    assert held == []


def test_what_may_still_be_overtaken_is_held() -> None:
    ready, held = in_turn([row("a", 2, 0), row("a", 1, 20)], START + timedelta(milliseconds=10))
    assert (places(ready), places(held)) == ([("a", 1)], [("a", 2)])


@given(
    writes=st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(0, 3000), st.integers(0, int(SKEW / timedelta(milliseconds=1)))),
        max_size=60,
    ),
    page=st.integers(1, 10),
)
def test_any_clocks_within_the_skew_give_every_aggregate_in_order(
    writes: list[tuple[str, int, int]], page: int
) -> None:
    """Written one after another (`ms` apart), each by a replica whose clock is behind by up to SKEW."""
    rows, seq, now = list[dict[str, Any]](), dict[str, int](), 10_000
    for aggregate, ms, behind in writes:
        now += ms
        seq[aggregate] = seq.get(aggregate, 0) + 1
        rows.append(row(aggregate, seq[aggregate], now - behind))
    stored = sorted(rows, key=lambda one: (one["logged_at"], one["seq"]))
    published, held = list[dict[str, Any]](), list[dict[str, Any]]()
    for start in range(0, len(stored), page):
        some = stored[start : start + page]
        ready, held = in_turn([*held, *some], some[-1]["logged_at"] - SKEW)
        published += ready
    published += held
    assert len(published) == len(rows)
    for aggregate, count in seq.items():
        assert [n for name, n in places(published) if name == aggregate] == list(range(1, count + 1))
