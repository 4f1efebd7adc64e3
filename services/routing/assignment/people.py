"""Who could be asked, for what, and what they have already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from services.routing.rules.schema import Strategy


class Held(NamedTuple):
    """Who holds a conversation and whose load it counts to, in all and by its channel."""

    agent_id: str
    channel: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """An agent who could be asked. `capacity`: open conversations assigned to them automatically; `capacities`: of one
    channel at most so many of those. `brand_ids` empty: every brand. `languages` are BCP 47 tags. `known_as` is another
    whenever the directory says something else of them."""

    agent_id: str
    name: str
    online: bool
    capacity: int
    brand_ids: frozenset[str] = frozenset()
    capacities: Mapping[str, int] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    known_as: str = ""

    def serves(self, brand_id: str) -> bool:
        return not self.brand_ids or brand_id in self.brand_ids

    def places(self, channel: str) -> int:
        """How many of a channel they take at most."""
        return min(self.capacities.get(channel, self.capacity), self.capacity)


@dataclass(frozen=True, slots=True)
class Need:
    """What a conversation asks of who takes it: all of `skills`, and to speak `language` ("": nobody must).

    `not_by`: who has it, and is not to keep it. `first`: who is to have it when they can. `last`: agents who had it and
    did not answer in time, in the order in which they had it; the others are preferred. `refused`: agents as they were
    known (`known_as`) when tickets did not accept them.
    """

    brand_id: str
    channel: str = ""
    strategy: Strategy = "round_robin"
    skills: tuple[str, ...] = ()
    language: str = ""
    not_by: str | None = None
    first: str | None = None
    last: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


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
    """Loads by agent, and by agent and channel; by queue the number of each agent's last turn (0: never had one); and
    who holds the conversations that are asked for, from an attempt that was cut off."""

    loads: dict[str, int] = field(default_factory=dict)
    turns: dict[str, dict[str, int]] = field(default_factory=dict)
    channels: dict[Held, int] = field(default_factory=dict)
    held: dict[str, Held] = field(default_factory=dict)

    def take(self, queue: str, agent_id: str, channel: str) -> None:
        """Note that the agent was given one, for the choices that follow."""
        turns = self.turns.setdefault(queue, {})
        turns[agent_id] = max(turns.values(), default=0) + 1
        self._count(Held(agent_id, channel), 1)

    def release(self, conversation_id: str) -> None:
        """The conversation is asked for anew: what holds a place for it already is no reason to pass them over."""
        held = self.held.pop(conversation_id, None)
        if held is not None:
            self._count(held, -1)

    def room(self, candidate: Candidate, channel: str) -> int:
        """How many more of a channel they can take."""
        of_all = candidate.capacity - self.loads.get(candidate.agent_id, 0)
        of_it = candidate.places(channel) - self.channels.get(Held(candidate.agent_id, channel), 0)
        return max(min(of_all, of_it), 0)

    def _count(self, held: Held, by: int) -> None:
        self.loads[held.agent_id] = self.loads.get(held.agent_id, 0) + by
        self.channels[held] = self.channels.get(held, 0) + by
