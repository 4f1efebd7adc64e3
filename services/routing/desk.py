"""Who could take a conversation, and who does: the directory, who is online, and the seats in Redis."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from services.routing.assignment import (
    Board,
    Candidate,
    Held,
    Need,
    Queue,
    Staff,
    order,
    places,
    reason_for,
    suits,
    waiting_reason,
)
from services.routing.model.conversation import Row
from services.routing.model.decision import Seat
from services.routing.model.want import Want
from services.routing.store.answers import LastAnswers
from services.routing.store.availability import Availability
from services.routing.store.conversations import Alike, Waiting
from services.routing.store.seats import Asked, Place, Seats
from shared.contracts.conversations import ConversationEvent, CustomerReplied
from shared.contracts.directory import AgentChanged, BrandChanged, TeamHours
from shared.directory import Directory
from shared.scope import why_gone

Queues = Mapping[Waiting, Queue]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A conversation that wants an agent; of the other team too, once it `overflows`. `first`: who answered its
    customer last, where a rule wants them."""

    conversation_id: str
    brand_id: str
    channel: str
    want: Want
    overflows: bool = False
    first: str | None = None

    @property
    def need(self) -> Need:
        return self.want.need(self.brand_id, self.channel, self.first)

    @property
    def turn(self) -> tuple[datetime, str]:
        """In this order they are given out."""
        return self.want.turn_at or self.want.since, self.conversation_id

    @property
    def asked(self) -> tuple[Waiting, ...]:
        """Whose members are asked: those of the first one before those of the second."""
        own = Waiting.of(self.want)
        return (own, Waiting(self.want.overflow_team, False)) if self.overflows and self.want.overflow_team else (own,)


@dataclass(frozen=True, slots=True)
class Seated:
    """The answers by conversation, and the build of the loads that they hold for ("": none was taken)."""

    seats: Mapping[str, Seat]
    build: str = ""


class Desk:
    def __init__(self, directory: Directory, availability: Availability, seats: Seats, answers: LastAnswers) -> None:
        self._directory = directory
        self._availability = availability
        self._seats = seats
        self._answers = answers

    async def knows_all(self) -> bool:
        """Whether the directory is read: nobody is turned away before all are known."""
        return self._directory.missing() is None

    def brand(self, brand_id: str) -> BrandChanged | None:
        return self._directory.brands.get(brand_id)

    def zone(self, brand_id: str) -> str:
        """The brand's time zone; UTC of one that is not known."""
        brand = self.brand(brand_id)
        return brand.time_zone if brand else "UTC"

    def zones(self) -> dict[str, str]:
        """The time zone of each brand."""
        return {id_: brand.time_zone for id_, brand in self._directory.brands.items()}

    def team_hours(self) -> dict[str, TeamHours | None]:
        """When each team works; None: always."""
        return {id_: team.hours for id_, team in self._directory.teams.items()}

    def why_gone(self, agent_id: str, brand_id: str) -> str | None:
        """Why an agent whom a rule names can never have a conversation of the brand; None when they may."""
        return why_gone(self._directory.agents.get(agent_id), brand_id)

    def not_everywhere(self) -> dict[str, tuple[str, ...]]:
        """Agents who may not have every conversation, with the brands whose they may; none of who is gone."""
        agents = self._directory.agents.values()
        return {one.agent_id: one.brand_ids if one.active else () for one in agents if not one.active or one.brand_ids}

    def is_member(self, agent_id: str, team_id: str) -> bool:
        agent = self._directory.agents.get(agent_id)
        return agent is not None and agent.active and team_id in agent.team_ids

    async def handing_over(self, events: Sequence[ConversationEvent], session: AsyncClientSession) -> frozenset[str]:
        """Of the agents whose customers wrote again: who is away and wants others to answer."""
        asked = {one.head.assignee_id for one in events if isinstance(one, CustomerReplied) and one.head.assignee_id}
        return await self._availability.handing_over(asked, session) if asked else frozenset()

    async def anybody_free(self, session: AsyncClientSession) -> bool:
        """Whether somebody online has room for something; quickly told, however much waits."""
        capacities = {one.agent_id: one.capacity for one in self._directory.agents.values() if one.active}
        online = sorted(await self._availability.online(capacities, session))
        loads = (await self._seats.board(online, [])).loads if online else {}
        return any(load < capacities[agent_id] for agent_id, load in loads.items())

    async def staff(self, waiting: Mapping[str, int], session: AsyncClientSession) -> Staff:
        """Who of all teams is there and has room; how many wait is passed on."""
        statuses = await self._availability.statuses(session)
        online = frozenset(id_ for id_, status in statuses.items() if status == "online")
        asked = [Waiting(id_, one_agent=False) for id_ in self._directory.teams]
        teams = {one.queue: self._queue(one, self._members(one), online) for one in asked}
        there = {one.agent_id: one for team in teams.values() for one in team.candidates if one.online}
        scarce = [Held(one.agent_id, channel) for one in there.values() for channel in one.capacities]
        board = await self._seats.board(sorted(there), [], sorted(scarce)) if there else Board()
        return Staff(statuses, teams, board, waiting)

    async def queues(self, waiting: Collection[Waiting], session: AsyncClientSession) -> Queues:
        """The queues with their members and who of them is online."""
        members = {one: self._members(one) for one in set(waiting)}
        asked = sorted({agent.agent_id for agents in members.values() for agent in agents})
        online = await self._availability.online(asked, session)
        return {one: self._queue(one, agents, online) for one, agents in members.items()}

    async def wanted(self, rows: Sequence[Row], now: datetime, session: AsyncClientSession) -> list[Wanted]:
        """What these rows want, in the order in which it is given out."""
        wants = [(row, row.want) for row in rows if row.want is not None]
        sticky = {want.contact_id for _, want in wants if want.sticky}
        first = await self._answers.of(sticky, session) if sticky else {}
        found = [
            Wanted(
                row.id,
                row.brand_id,
                row.channel,
                want,
                want.overflows(now),
                first.get(want.contact_id) if want.sticky else None,
            )
            for row, want in wants
        ]
        return sorted(found, key=lambda one: one.turn)

    async def board(self, queues: Queues, channels: Collection[str], conversations: Sequence[str] = ()) -> Board:
        """What the queues' members have, of these channels where they take less of one."""
        people = {one.agent_id: one for queue in queues.values() for one in queue.candidates}
        scarce = {Held(one.agent_id, each) for one in people.values() for each in channels if each in one.capacities}
        names = sorted({queue.name for queue in queues.values()})
        return await self._seats.board(sorted(people), names, sorted(scarce), conversations)

    async def seat(
        self,
        wanted: Sequence[Wanted],
        queues: Queues,
        board: Board,
        before: Sequence[Alike] = (),
        now: datetime | None = None,
    ) -> Seated:
        """An agent, or the reason why nobody, for each in order. `board` is changed to what was taken. Nobody is taken
        whom one of those `before` could have by `now` whose turn is earlier."""
        claims = [(one.first, _claimed(one, queues, board, now)) for one in before]
        asked: list[Asked] = []
        taken: list[tuple[Wanted, Mapping[str, int]]] = []
        seats: dict[str, Seat] = {}
        for one in wanted:
            board.release(one.conversation_id)
            claimed = {agent_id for turn, ids in claims if turn < one.turn[0] for agent_id in ids}
            preferred = _preferred(one, queues, board)
            free = tuple(place for place in preferred if place.agent_id not in claimed)
            if not free:
                seats[one.conversation_id] = Seat(None, _nobody(one, queues, board, claimed=bool(preferred)))
                continue
            asked.append(Asked(one.conversation_id, one.channel, free))
            taken.append((one, dict(board.loads)))
            board.take(free[0].queue, free[0].agent_id, one.channel)
        if not asked:
            return Seated(seats)
        build, agents = await self._seats.reserve(asked)
        for (one, loads), ask, agent_id in zip(taken, asked, agents, strict=True):
            seats[one.conversation_id] = _seat(one, ask, queues, agent_id, loads)
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
        candidates = tuple(self._candidate(one, one.agent_id in online) for one in members)
        return Queue(waiting.queue, known.name if known else waiting.queue, candidates, waiting.one_agent)

    def _candidate(self, agent: AgentChanged, online: bool) -> Candidate:
        """With what all members of their teams have."""
        teams = [self._directory.teams[one] for one in agent.team_ids if one in self._directory.teams]
        return Candidate(
            agent.agent_id,
            agent.name,
            online,
            agent.capacity,
            frozenset(agent.brand_ids),
            {channel: most for channel, most in agent.capacities if most is not None},
            (*agent.languages, *(one for team in teams for one in team.languages)),
            (*agent.skills, *(one for team in teams for one in team.skills)),
            f"{agent.agent_id} {agent.seq}",
        )


def somebody_could(wanted: Sequence[Wanted], queues: Queues, board: Board) -> bool:
    """Whether there is somebody with room for one of these."""
    return any(places(queues[waiting], one.need, board) for one in wanted for waiting in one.asked)


def _preferred(one: Wanted, queues: Queues, board: Board) -> list[Place]:
    """Those who may take it, the preferred one first, each once; of all teams that are asked, who had it and did not
    answer in time come last."""
    found: dict[str, Place] = {}
    for waiting in one.asked:
        for each in order(queues[waiting], one.need, board):
            place = Place(each.agent_id, waiting.queue, each.capacity, each.places(one.channel))
            found.setdefault(each.agent_id, place)
    had = {agent_id: n for n, agent_id in enumerate(one.need.last, 1)}
    return sorted(found.values(), key=lambda place: had.get(place.agent_id, 0))


def _claimed(alike: Alike, queues: Queues, board: Board, now: datetime | None) -> frozenset[str]:
    """Who could take one of them now."""
    asked = [queues[alike.waiting]]
    if alike.overflow and alike.overflows_from and now and alike.overflows_from <= now:
        asked.append(queues[alike.overflow])
    able = (one for queue in asked for one in queue.candidates if suits(one, alike.need))
    return frozenset(one.agent_id for one in able if board.room(one, alike.need.channel))


def _nobody(one: Wanted, queues: Queues, board: Board, *, claimed: bool) -> str:
    own = queues[one.asked[0]]
    if claimed:
        return f"Others have waited longer for somebody in {own.title}"
    reason = waiting_reason(own, one.need, board)
    others = [waiting_reason(queues[other], one.need, board) for other in one.asked[1:]]
    return "; ".join((reason, *others))


def _seat(one: Wanted, asked: Asked, queues: Queues, agent_id: str | None, loads: Mapping[str, int]) -> Seat:
    if agent_id is None:
        # Another replica was quicker: it waits, and the next place that comes free is its.
        return Seat(None, f"Nobody has room in {queues[one.asked[0]].title} just now")
    team_id = next(place.queue for place in asked.preferred if place.agent_id == agent_id)
    queue = next(queues[waiting] for waiting in one.asked if waiting.queue == team_id)
    chosen = next(each for each in queue.candidates if each.agent_id == agent_id)
    reason = reason_for(queue, one.need, chosen, loads.get(agent_id, 0))
    own = queues[one.asked[0]]
    overflowed = f"Nobody in {own.title} could take it in time. " if queue is not own else ""
    return Seat(agent_id, f"{overflowed}{reason}", team_id, chosen.known_as)
