"""Loads and turns in Redis: a projection of MongoDB, where a seat is taken in one step across replicas.

An agent's load is a set of conversation ids, one of all and one of each channel, so that counting a conversation twice
changes nothing. The key `built` holds a random id; without it Redis was emptied, nothing can be taken, and all is built
again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from redis.asyncio import Redis

from services.routing.assignment import Board, Held
from shared import redis as keys
from shared.errors import Transient
from shared.ids import random_id
from shared.logs import get_logger
from shared.settings import Settings

log = get_logger(__name__)

Holders = Mapping[str, Held | None]
"""Conversation → who holds it and whose load it counts to; None: nobody's."""

BUILD_S = 30
_UNBUILT = "unbuilt"

# All keys share the hash tag {routing}, so that they lie on one node of a cluster: `seats:<channel>:<agent>` are sets
# of conversations, with the channel "*" for all; `held` has "<channel> <agent>" of each conversation that is held.
_MOVE = """
local function move(prefix, held, conversation, now)
  local before = redis.call('HGET', held, conversation)
  if before == now then return end
  for _, one in ipairs({before or '', now}) do
    local channel, agent = string.match(one, '^(%S*) (.+)$')
    local change = one == now and 'SADD' or 'SREM'
    if agent then
      redis.call(change, prefix .. 'seats:*:' .. agent, conversation)
      redis.call(change, prefix .. 'seats:' .. channel .. ':' .. agent, conversation)
    end
  end
  if now == '' then redis.call('HDEL', held, conversation) else redis.call('HSET', held, conversation, now) end
end
"""

_RESERVE = (
    _MOVE
    + """
local built = redis.call('GET', KEYS[1])
if not built then return {'unbuilt', ''} end
local prefix, conversation, channel = ARGV[1], ARGV[2], ARGV[3]
local held = redis.call('HGET', KEYS[2], conversation)
for i = 4, #ARGV, 4 do
  if channel .. ' ' .. ARGV[i] == held then return {built, ARGV[i]} end
end
for i = 4, #ARGV, 4 do
  local agent, queue, capacity, of_channel = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3])
  if redis.call('SCARD', prefix .. 'seats:*:' .. agent) < capacity
    and redis.call('SCARD', prefix .. 'seats:' .. channel .. ':' .. agent) < of_channel then
    move(prefix, KEYS[2], conversation, channel .. ' ' .. agent)
    redis.call('ZADD', prefix .. 'turns:' .. queue, redis.call('INCR', prefix .. 'turn'), agent)
    return {built, agent}
  end
end
return {built, ''}
"""
)

_SETTLE = (
    _MOVE
    + """
for i = 2, #ARGV, 2 do move(ARGV[1], KEYS[1], ARGV[i], ARGV[i + 1]) end
"""
)

_BUILD = (
    _MOVE
    + """
local before = redis.call('HKEYS', KEYS[2])
for _, conversation in ipairs(before) do move(ARGV[1], KEYS[2], conversation, '') end
for i = 3, #ARGV, 2 do move(ARGV[1], KEYS[2], ARGV[i], ARGV[i + 1]) end
redis.call('SET', KEYS[1], ARGV[2])
"""
)


@dataclass(frozen=True, slots=True)
class Place:
    """An agent who could be given a seat, as a member of a queue, and how much they take in all and of the channel."""

    agent_id: str
    queue: str
    capacity: int
    of_channel: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A seat asked for; the preferred one first."""

    conversation_id: str
    channel: str
    preferred: tuple[Place, ...]


class Seats:
    """`truth` gives the holders as MongoDB knows them."""

    def __init__(self, client: Redis, settings: Settings, truth: Callable[[], Awaitable[dict[str, Held]]]) -> None:
        self._redis = client
        self._prefix = keys.key(settings, "{routing}", "")
        self._built = f"{self._prefix}built:channels"
        self._held = f"{self._prefix}held"
        self._truth = truth
        self._reserve = client.register_script(_RESERVE)
        self._settle = client.register_script(_SETTLE)
        self._build = client.register_script(_BUILD)
        self._suspects: dict[str, Held | None] = {}

    async def board(
        self,
        agents: Sequence[str],
        queues: Sequence[str],
        channels: Sequence[Held] = (),
        conversations: Sequence[str] = (),
    ) -> Board:
        """Loads of the agents, in all and of these channels, the queues' turns and who has the conversations, as it all
        is; builds it first when Redis was emptied."""
        await self.ensure_built()
        async with self._redis.pipeline(transaction=False) as pipe:
            for agent in agents:
                pipe.scard(f"{self._prefix}seats:*:{agent}")
            for one in channels:
                pipe.scard(f"{self._prefix}seats:{one.channel}:{one.agent_id}")
            for queue in queues:
                pipe.zrange(f"{self._prefix}turns:{queue}", 0, -1, withscores=True)
            if conversations:
                pipe.hmget(self._held, list(conversations))
            answers = iter(await pipe.execute())
        loads, by_channel = dict(zip(agents, answers, strict=False)), dict[Held, int]()
        for one in channels:
            by_channel[one] = next(answers)
        turns = {queue: {agent: int(score) for agent, score in next(answers)} for queue in queues}
        kept = next(answers) if conversations else ()
        held = {id_: _held(one) for id_, one in zip(conversations, kept, strict=True) if one}
        return Board(loads, turns, by_channel, held)

    async def reserve(self, asked: Sequence[Asked]) -> tuple[str, list[str | None]]:
        """Take a seat for each, in order: the first preferred agent with room, or the one who has it already.

        Gives the build that they were taken in, and the agents. Raises Transient when Redis was emptied just now.
        """
        async with self._redis.pipeline(transaction=False) as pipe:
            for one in asked:
                args = [self._prefix, one.conversation_id, one.channel]
                for place in one.preferred:
                    args += [place.agent_id, place.queue, str(place.capacity), str(place.of_channel)]
                await self._reserve(keys=[self._built, self._held], args=args, client=pipe)
            answers = await pipe.execute()
        builds = {build for build, _ in answers}
        if len(builds) != 1 or _UNBUILT in builds:
            raise Transient("Redis was emptied while seats were taken")
        return builds.pop(), [agent or None for _, agent in answers]

    async def still(self, build: str) -> bool:
        """Whether the seats of that build stand."""
        return bool(await self._redis.get(self._built) == build)

    async def settle(self, holders: Holders) -> None:
        """Make the loads say what MongoDB says of these conversations."""
        if holders:
            args = [self._prefix]
            for conversation_id, held in holders.items():
                args += [conversation_id, _written(held)]
            await self._settle(keys=[self._held], args=args)

    async def ensure_built(self) -> None:
        """One replica builds while the others wait."""
        while not await self._redis.exists(self._built):
            lock = f"{self._prefix}building"
            if await self._redis.set(lock, "1", nx=True, ex=BUILD_S):
                try:
                    await self._rebuild()
                finally:
                    await self._redis.delete(lock)
            else:
                await asyncio.sleep(0.05)

    async def _rebuild(self) -> None:
        holders = await self._truth()
        args = [self._prefix, random_id()]
        for conversation_id, held in holders.items():
            args += [conversation_id, _written(held)]
        await self._build(keys=[self._built, self._held], args=args)
        log.info("loads built from MongoDB", conversations=len(holders))

    async def audit(self) -> int:
        """Compare with MongoDB and mend what differed in the last audit too; how many were mended.

        A difference seen once may be a batch in hand; one that stays was left by a process that died between
        its two writes, or by a Redis that came back from an old file.
        """
        await self.ensure_built()
        kept = {str(one): _held(str(held)) for one, held in (await self._redis.hgetall(self._held)).items()}
        truth = await self._truth()
        differing = {
            conversation: truth.get(conversation)
            for conversation in kept.keys() | truth.keys()
            if kept.get(conversation) != truth.get(conversation)
        }
        staying = {
            one: held for one, held in differing.items() if one in self._suspects and self._suspects[one] == held
        }
        await self.settle(staying)
        self._suspects = differing
        return len(staying)


def _written(held: Held | None) -> str:
    return f"{held.channel} {held.agent_id}" if held else ""


def _held(written: str) -> Held:
    channel, _, agent_id = written.partition(" ")
    return Held(agent_id, channel)
