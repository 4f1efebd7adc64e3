"""A desk without servers, for simulations: seats, rows and who is online, as the stores keep them, in memory.

`tests/integration/routing/test_seats.py` holds these seats against the ones in Redis.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from services.routing.assignment import Board, Held
from services.routing.desk import Desk
from services.routing.model.conversation import Row
from services.routing.settings import RoutingSettings
from services.routing.store.conversations import _ALIKE, Alike, Turn, _alike
from services.routing.store.seats import Asked
from services.routing.waiting import WaitingRoom
from shared.contracts.directory import AgentChanged, TeamChanged
from shared.directory.known import Known
from tests.unit.routing.examples import AT

_KEY = attrgetter(*_ALIKE.values())


class Seats:
    """As `services.routing.store.seats.Seats`, without Redis."""

    def __init__(self) -> None:
        self.held: dict[str, Held] = {}
        self._turns: dict[str, dict[str, int]] = {}
        self._turn = 0

    async def board(
        self,
        agents: Sequence[str],
        queues: Sequence[str],
        channels: Sequence[Held] = (),
        conversations: Sequence[str] = (),
    ) -> Board:
        return Board(
            {one: self.load(one) for one in agents},
            {one: dict(self._turns.get(one, {})) for one in queues},
            {one: self.load(*one) for one in channels},
            {one: self.held[one] for one in conversations if one in self.held},
        )

    async def reserve(self, asked: Sequence[Asked]) -> tuple[str, list[str | None]]:
        return "build", [self._reserve(one) for one in asked]

    async def settle(self, holders: Mapping[str, Held | None]) -> None:
        for id_, held in holders.items():
            self.held.pop(id_, None)
            if held:
                self.held[id_] = held

    def load(self, agent_id: str, channel: str | None = None) -> int:
        return sum(1 for one in self.held.values() if one.agent_id == agent_id and channel in (None, one.channel))

    def _reserve(self, one: Asked) -> str | None:
        now = self.held.get(one.conversation_id)
        if now and any(now == Held(place.agent_id, one.channel) for place in one.preferred):
            return now.agent_id
        for place in one.preferred:
            here = self.load(place.agent_id) < place.capacity
            if here and self.load(place.agent_id, one.channel) < place.of_channel:
                self.held[one.conversation_id] = Held(place.agent_id, one.channel)
                self._turn += 1
                self._turns.setdefault(place.queue, {})[place.agent_id] = self._turn
                return place.agent_id
        return None


class Rows:
    """As `services.routing.store.conversations.Conversations`, of what waits."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}

    @property
    def waiting(self) -> list[Row]:
        return [row for row in self.rows.values() if row.open and row.want is not None and row.want.ready]

    async def alike(self, _: Any) -> list[Alike]:
        found: dict[tuple[Any, ...], list[Row]] = {}
        for row in self.waiting:
            found.setdefault(_KEY(row), []).append(row)
        return [
            _alike(
                dict(zip(_ALIKE, key, strict=True)),
                min(_turn(row) for row in rows),
                min((row.want.overflow_at for row in rows if row.want and row.want.overflow_at), default=None),
            )
            for key, rows in found.items()
        ]

    async def next(self, alike: Alike, limit: int, _: Any, *, overflowed_by: datetime | None = None) -> list[Turn]:
        key = tuple(alike.asked.values())
        found = [row for row in self.waiting if _KEY(row) == key]
        if overflowed_by is not None:
            found = [row for row in found if row.want and row.want.overflows(overflowed_by)]
        return sorted((_turn(row), row.id) for row in found)[:limit]

    async def read(self, ids: Collection[str], _: Any) -> dict[str, Row]:
        return {id_: self.rows[id_] for id_ in ids}


class InMemory:
    """The parts of routing that give conversations out, with a clock that the simulation moves."""

    def __init__(self, settings: RoutingSettings, teams: Sequence[TeamChanged], agents: Sequence[AgentChanged]) -> None:
        self.now = AT
        self.directory: Any = Known()
        for event in (*teams, *agents):
            self.directory.put(event)
        self.online_now: set[str] = set()
        self.last_answers: dict[str, str] = {}
        self.seats: Any = Seats()
        self.conversations: Any = Rows()
        this: Any = self
        self.desk = Desk(self.directory, this, self.seats, this)
        self.room = WaitingRoom(this, self.desk, self.seats, lambda: self.now, settings)

    def move(self, seconds: float) -> None:
        self.now = AT + timedelta(seconds=seconds)

    async def online(self, agent_ids: Collection[str], _: Any) -> frozenset[str]:
        return frozenset(self.online_now & set(agent_ids))

    async def of(self, contact_ids: Collection[str], _: Any) -> Mapping[str, str]:
        return {one: self.last_answers[one] for one in contact_ids if one in self.last_answers}


def _turn(row: Row) -> datetime:
    assert row.want is not None
    return row.want.turn_at or row.want.since
