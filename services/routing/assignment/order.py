"""Who of those who suit and have room is preferred: keys that are compared one after the other, by strategy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from services.routing.assignment.people import Board, Candidate, Held, Need, Queue
from services.routing.assignment.suits import suits
from services.routing.rules.schema import Strategy


class Key(Protocol):
    """One thing that candidates are compared by: the smaller, the sooner they are asked."""

    def __call__(self, one: Candidate, need: Need, queue: Queue, board: Board) -> float: ...


def had_it_before(one: Candidate, need: Need, queue: Queue, board: Board) -> float:  # noqa: ARG001
    """Who had it and did not answer in time comes last; of several, the one who had it longest ago first."""
    return need.last.index(one.agent_id) + 1 if one.agent_id in need.last else 0


def knows_them(one: Candidate, need: Need, queue: Queue, board: Board) -> float:  # noqa: ARG001
    """Who answered the customer last comes first, where a rule wants that."""
    return one.agent_id != need.first


def longest_ago(one: Candidate, need: Need, queue: Queue, board: Board) -> float:  # noqa: ARG001
    """Whose last turn is longest ago; who comes back from a break is not given a pile."""
    return board.turns.get(queue.name, {}).get(one.agent_id, 0)


def least_used(one: Candidate, need: Need, queue: Queue, board: Board) -> float:  # noqa: ARG001
    """The smallest share of their capacity in use; of the channel's, where that one is scarcer."""
    of_all = board.loads.get(one.agent_id, 0) / one.capacity
    return max(of_all, board.channels.get(Held(one.agent_id, need.channel), 0) / one.places(need.channel))


_FIRST: tuple[Key, ...] = (had_it_before, knows_them)

POLICIES: Mapping[Strategy, tuple[Key, ...]] = {
    "round_robin": (*_FIRST, longest_ago),
    "balanced": (*_FIRST, least_used, longest_ago),
}
"""What each strategy goes by; those who are equal in all of it are asked in the order of their ids."""


def order(queue: Queue, need: Need, board: Board) -> list[Candidate]:
    """Those who may take it now, the preferred one first."""
    keys = POLICIES[need.strategy]
    free = [one for one in queue.candidates if suits(one, need) and board.room(one, need.channel)]
    return sorted(free, key=lambda one: (*(key(one, need, queue, board) for key in keys), one.agent_id))


def places(queue: Queue, need: Need, board: Board) -> int:
    """How many conversations of this kind the queue's members could take now, all together."""
    return sum(board.room(one, need.channel) for one in queue.candidates if suits(one, need))
