"""Who could take a conversation, and who does: the directory, who is online, and the seats in Redis."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pymongo.asynchronous.client_session import AsyncClientSession

from services.routing.assignment import Board, Candidate, Queue, names, order, reason_for, waiting_reason
from services.routing.model.conversation import Want
from services.routing.model.decision import Seat
from services.routing.store.availability import Availability
from services.routing.store.conversations import Waiting
from services.routing.store.seats import Asked, Seats
from shared.contracts.directory import AgentChanged
from shared.directory import Directory

Queues = Mapping[Waiting, Queue]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A conversation that wants an agent."""

    conversation_id: str
    brand_id: str
    want: Want

    @property
    def waiting(self) -> Waiting:
        return Waiting(self.want.queue, self.want.one_agent)


@dataclass(frozen=True, slots=True)
class Seated:
    """The answers by conversation, and the build of the loads that they hold for ("": none was taken)."""

    seats: Mapping[str, Seat]
    build: str = ""


class Desk:
    def __init__(self, directory: Directory, availability: Availability, seats: Seats) -> None:
        self._directory = directory
        self._availability = availability
        self._seats = seats

    async def knows_all(self) -> bool:
        """Whether the directory is read: nobody is turned away before all are known."""
        return await self._directory.ready() is None

    def is_member(self, agent_id: str, team_id: str) -> bool:
        agent = self._directory.agents.get(agent_id)
        return agent is not None and agent.active and team_id in agent.team_ids

    async def queues(self, waiting: Collection[Waiting], session: AsyncClientSession) -> Queues:
        """The queues with their members and who of them is online."""
        members = {one: self._members(one) for one in set(waiting)}
        asked = sorted({agent.agent_id for agents in members.values() for agent in agents})
        online = await self._availability.online(asked, session)
        return {one: self._queue(one, agents, online) for one, agents in members.items()}

    async def board(self, queues: Queues) -> Board:
        by_name = {queue.name: queue for queue in queues.values()}
        return await self._seats.board(names(queues.values()), sorted(by_name))

    async def seat(self, wanted: Sequence[Wanted], queues: Queues, board: Board) -> Seated:
        """An agent, or the reason why nobody, for each in order. `board` is changed to what was taken."""
        asked: list[Asked] = []
        taken: list[tuple[Wanted, int]] = []
        seats: dict[str, Seat] = {}
        for one in wanted:
            queue = queues[one.waiting]
            preferred = order(queue, one.brand_id, one.want.strategy, board)
            if not preferred:
                seats[one.conversation_id] = Seat(None, waiting_reason(queue, one.brand_id))
                continue
            places = tuple((candidate.agent_id, candidate.capacity) for candidate in preferred)
            asked.append(Asked(one.conversation_id, queue.name, places))
            taken.append((one, board.loads.get(preferred[0].agent_id, 0)))
            board.take(queue.name, preferred[0].agent_id)
        if not asked:
            return Seated(seats)
        build, agents = await self._seats.reserve(asked)
        for (one, load), agent_id in zip(taken, agents, strict=True):
            seats[one.conversation_id] = _seat(one, queues[one.waiting], agent_id, load)
        return Seated(seats, build)

    async def stands(self, seated: Seated) -> bool:
        """Whether Redis still knows the seats that were taken."""
        return not seated.build or await self._seats.still(seated.build)

    def _members(self, waiting: Waiting) -> list[AgentChanged]:
        if not waiting.one_agent:
            return self._directory.members(waiting.queue)
        agent = self._directory.agents.get(waiting.queue)
        return [agent] if agent and agent.active else []

    def _queue(self, waiting: Waiting, members: Sequence[AgentChanged], online: frozenset[str]) -> Queue:
        team = self._directory.teams.get(waiting.queue)
        agent = self._directory.agents.get(waiting.queue)
        known = agent if waiting.one_agent else team
        candidates = tuple(
            Candidate(one.agent_id, one.name, one.agent_id in online, one.capacity, frozenset(one.brand_ids))
            for one in members
        )
        return Queue(waiting.queue, known.name if known else waiting.queue, candidates, waiting.one_agent)


def _seat(one: Wanted, queue: Queue, agent_id: str | None, load: int) -> Seat:
    if agent_id is None:
        # Another replica was quicker: it waits, and the next place that comes free is its.
        return Seat(None, f"Nobody has room in {queue.title} just now")
    return Seat(agent_id, reason_for(queue, one.brand_id, one.want.strategy, load))
