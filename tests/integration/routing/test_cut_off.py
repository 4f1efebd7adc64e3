"""Routing cut off at every point of its work: another replica goes on, and everybody's queue and loads are right.

A replica that is cut off does nothing more at all, as after a kill: what it wrote stays, what was not
committed is gone.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

from services.routing.assignment import Held
from services.routing.model.conversation import Row, held
from shared.errors import Transient
from tests.integration.routing.conftest import Replica
from tests.integration.routing.test_assignment import of, team_shown
from tests.integration.routing.world import add_rule, agents, come, decided, received
from tests.unit.routing.examples import closed, head, started

MOST = {"maya": 3, "jonas": 2}
CHATS = {"maya": 1, "jonas": 2}
CHANNELS = ("email", "chat", "email", "chat", "email", "email", "chat")


class CutOff(Exception):
    """In place of a process that dies."""


class Dying:
    """Ends a replica at its n-th reach for MongoDB or Redis, before or after that was done."""

    def __init__(self, replica: Replica, at: int) -> None:
        self._left = at
        self.dead = False
        self._wrapped: list[tuple[Any, str]] = []
        store, seats = replica.store, replica.seats
        for owner, name in (
            (seats, "board"),
            (seats, "reserve"),
            (seats, "settle"),
            (seats, "still"),
            (store.conversations, "read"),
            (store.conversations, "write"),
            (store.decisions, "add"),
            (store.log, "append"),
            (store.log, "remember"),
        ):
            self._wrap(owner, name)

    def _wrap(self, owner: Any, name: str) -> None:
        real = getattr(owner, name)

        async def reach(*args: Any, **more: Any) -> Any:
            self._step()
            found = await real(*args, **more)
            self._step()
            return found

        setattr(owner, name, reach)
        self._wrapped.append((owner, name))

    def restore(self) -> None:
        for owner, name in self._wrapped:
            delattr(owner, name)

    def _step(self) -> None:
        self._left -= 1
        if self._left < 0:
            self.dead = True
            raise CutOff


def conversation(id_: str, channel: str) -> Any:
    return started().model_copy(update={"conversation_id": id_, "head": head(id=id_, channel=channel)})


Step = Callable[[Replica], Awaitable[Any]]


async def rest(round_: str, one: Replica, other: Replica, dying: Dying) -> None:
    """What comes in, step by step: by the one replica until it dies, then by the other from that step on."""
    starts = {f"{round_}-{n}": conversation(f"{round_}-{n}", channel) for n, channel in enumerate(CHANNELS)}
    by = one

    async def run(step: Step) -> None:
        nonlocal by
        try:
            await step(by)
        except CutOff:
            by = other
            await step(by)
        assert by is other or not dying.dead

    async def hear(replica: Replica, events: list[Any]) -> None:
        while True:
            try:
                return await replica.handlers.on_conversation_events([received(event) for event in events])
            except Transient:
                await asyncio.sleep(0.01)

    await run(lambda replica: hear(replica, list(starts.values())))
    waiting = [event for event in await decided(other.store.database) if event["waiting"]]
    shown = [team_shown(event) for event in waiting if event["conversation_id"] in starts]
    shown = [with_channel(event, starts[event.conversation_id].head.channel) for event in shown]
    await run(lambda replica: hear(replica, shown))
    await run(lambda replica: replica.waiting.fill())
    given = sorted(id_ for id_ in agents(await decided(other.store.database)) if id_ in starts)
    ended = with_channel(of(closed(5), given[0]), starts[given[0]].head.channel)
    await run(lambda replica: hear(replica, [ended]))
    await run(lambda replica: replica.waiting.fill())


def with_channel(event: Any, channel: str) -> Any:
    return event.model_copy(update={"head": event.head.model_copy(update={"channel": channel})})


async def test_wherever_it_is_cut_off_the_queue_and_the_loads_are_right(replicas: list[Replica]) -> None:
    one, other = replicas
    for replica in replicas:
        for id_, most in MOST.items():
            known = replica.directory.agents[id_]
            room = {"capacity": most, "capacities": {"chat": CHATS[id_]}, "seq": 2}
            replica.directory.learn(type(known).model_validate(known.model_dump() | room))
    await add_rule(one.store, "r", when=["ConversationStarted"], then=[{"kind": "assign", "team_id": "email-support"}])
    await come(one.store, "maya")
    await come(one.store, "jonas")
    cut = 0
    for at in range(0, 400, 3):
        dying = Dying(one, at)
        await rest(f"r{at}", one, other, dying)
        dying.restore()
        await right(other)
        await empty(other)
        cut += dying.dead
        if not dying.dead:
            break
    assert cut > 10
    assert not dying.dead, "the last round was not cut off: all points were tried"


async def rows_of(replica: Replica) -> list[Row]:
    ids = [document["_id"] async for document in replica.store.conversations.rows.find({}, projection={"_id": 1})]
    return list((await replica.store.conversations.read(ids)).values())


async def right(replica: Replica) -> None:
    """After two audits and a look at what waits, which come by themselves in a desk."""
    await replica.seats.audit()
    await replica.seats.audit()
    await replica.waiting.fill()
    rows = await rows_of(replica)
    truth = {row.id: found for row in rows if (found := held(row))}
    by_agent = Counter(one.agent_id for one in truth.values())
    by_channel = Counter(truth.values())
    channels = [Held(agent_id, channel) for agent_id in MOST for channel in ("email", "chat")]
    board = await replica.seats.board(sorted(MOST), [], channels, sorted(truth))
    assert board.loads == {id_: by_agent[id_] for id_ in MOST}
    assert board.channels == {one: by_channel[one] for one in channels}
    assert board.held == truth
    for id_, most in MOST.items():
        assert by_agent[id_] <= most
        assert by_channel[Held(id_, "chat")] <= CHATS[id_]
    for row in rows:
        assert not row.open or (row.agent_id is None) is (row.want is not None), "held or waiting, never neither"
        if row.open and row.want is not None:
            able = [
                id_
                for id_, most in MOST.items()
                if by_agent[id_] < most and (row.channel != "chat" or by_channel[Held(id_, "chat")] < CHATS[id_])
            ]
            assert able == [], f"{row.id} waits for nothing"


async def empty(replica: Replica) -> None:
    """All is closed, for the next round."""
    rows = [row for row in await rows_of(replica) if row.open]
    events = [with_channel(of(closed(9), row.id), row.channel) for row in rows]
    await replica.handlers.on_conversation_events([received(event) for event in events])
    assert await replica.seats._redis.hgetall(replica.seats._held) == {}
