"""Who gets a conversation: pure choices over what is known of the candidates.

The order of preference is decided here; `store.seats` takes the first in that order who still has room, in
one step, so that two replicas choosing at once never go over anybody's capacity.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.routing.rules.schema import Strategy


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agent who could be asked. `capacity`: open conversations assigned to them automatically.
    `brand_ids` empty: every brand."""

    agent_id: str
    name: str
    online: bool
    capacity: int
    brand_ids: frozenset[str] = frozenset()

    def serves(self, brand_id: str) -> bool:
        return not self.brand_ids or brand_id in self.brand_ids


@dataclass(frozen=True, slots=True)
class Queue:
    """Where a conversation waits and whose members are asked: `name` is a team's or one agent's id and
    `title` how people call it. A round of turns belongs to a queue."""

    name: str
    title: str
    candidates: tuple[Candidate, ...]
    one_agent: bool = False


@dataclass
class Board:
    """Loads by agent, and by queue the number of each agent's last turn (0: never had one)."""

    loads: dict[str, int] = field(default_factory=dict)
    turns: dict[str, dict[str, int]] = field(default_factory=dict)

    def take(self, queue: str, agent_id: str) -> None:
        """Note that the agent was given one, for the choices that follow."""
        turns = self.turns.setdefault(queue, {})
        turns[agent_id] = max(turns.values(), default=0) + 1
        self.loads[agent_id] = self.loads.get(agent_id, 0) + 1

    def room(self, candidate: Candidate) -> int:
        return max(candidate.capacity - self.loads.get(candidate.agent_id, 0), 0)


def order(queue: Queue, brand_id: str, strategy: Strategy, board: Board) -> list[Candidate]:
    """Those who may take it now, the preferred one first.

    Round robin: whose last turn is longest ago; who comes back from a break is not given a pile.
    Balanced: the smallest share of their capacity in use, then as in round robin.
    """
    turns = board.turns.get(queue.name, {})

    def longest_ago(one: Candidate) -> tuple[int, str]:
        return turns.get(one.agent_id, 0), one.agent_id

    def least_used(one: Candidate) -> tuple[float, int, str]:
        return board.loads.get(one.agent_id, 0) / one.capacity, *longest_ago(one)

    free = [one for one in _online(queue, brand_id) if board.room(one)]
    return sorted(free, key=least_used if strategy == "balanced" else longest_ago)


def reason_for(queue: Queue, brand_id: str, strategy: Strategy, load: int) -> str:
    """Why this agent, as a sentence for the timeline. `load` is theirs before this conversation."""
    online = len(_online(queue, brand_id))
    if queue.one_agent:
        return f"{queue.title} is online"
    if strategy == "balanced":
        return f"Least busy ({load} open) among {online} online in {queue.title}"
    return f"Round robin among {online} online in {queue.title}"


def waiting_reason(queue: Queue, brand_id: str) -> str:
    """Why nobody yet."""
    online = len(_online(queue, brand_id))
    if queue.one_agent:
        return f"{queue.title} has no room" if online else f"{queue.title} is not online"
    if not queue.candidates:
        return f"{queue.title} has no members"
    if not online:
        return f"Nobody in {queue.title} is online"
    return f"Nobody has room among {online} online in {queue.title}"


def free_places(queue: Queue, board: Board) -> int:
    """How many conversations the queue's members could take now, all together."""
    return sum(board.room(one) for one in queue.candidates if one.online)


def brands_served(queue: Queue) -> frozenset[str] | None:
    """The brands that somebody online serves; None when somebody serves all."""
    online = [one for one in queue.candidates if one.online]
    if any(not one.brand_ids for one in online):
        return None
    return frozenset[str]().union(*(one.brand_ids for one in online))


def _online(queue: Queue, brand_id: str) -> Sequence[Candidate]:
    return [one for one in queue.candidates if one.online and one.serves(brand_id)]


def names(queues: Iterable[Queue]) -> list[str]:
    """All agents of the queues, each once."""
    return sorted({one.agent_id for queue in queues for one in queue.candidates})
