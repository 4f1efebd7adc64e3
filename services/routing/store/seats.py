"""Loads and turns in Redis: a projection of MongoDB, where a seat is taken in one step across replicas.

An agent's load is a set of conversation ids, so that counting a conversation twice changes nothing. The
key `built` holds a random id; without it Redis was emptied, nothing can be taken, and all is built again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from redis.asyncio import Redis

from services.routing.assignment import Board
from shared import redis as keys
from shared.errors import Transient
from shared.ids import random_id
from shared.logs import get_logger
from shared.settings import Settings

log = get_logger(__name__)

Holders = Mapping[str, str | None]
"""Conversation → the agent who holds it and whose load it counts to; None: nobody's."""

BUILD_S = 30
_UNBUILT = "unbuilt"

# All keys share the hash tag {routing}, so that they lie on one node of a cluster.
_RESERVE = """
local built = redis.call('GET', KEYS[1])
if not built then return {'unbuilt', ''} end
local prefix, conversation, queue = ARGV[1], ARGV[2], ARGV[3]
local held = redis.call('HGET', KEYS[2], conversation)
for i = 4, #ARGV, 2 do
  if ARGV[i] == held then return {built, held} end
end
for i = 4, #ARGV, 2 do
  local load = prefix .. 'load:' .. ARGV[i]
  if redis.call('SCARD', load) < tonumber(ARGV[i + 1]) then
    if held then redis.call('SREM', prefix .. 'load:' .. held, conversation) end
    redis.call('SADD', load, conversation)
    redis.call('HSET', KEYS[2], conversation, ARGV[i])
    redis.call('ZADD', prefix .. 'turns:' .. queue, redis.call('INCR', prefix .. 'turn'), ARGV[i])
    return {built, ARGV[i]}
  end
end
return {built, ''}
"""

_SETTLE = """
local prefix = ARGV[1]
for i = 2, #ARGV, 2 do
  local conversation, agent = ARGV[i], ARGV[i + 1]
  local held = redis.call('HGET', KEYS[1], conversation)
  if held and held ~= agent then
    redis.call('SREM', prefix .. 'load:' .. held, conversation)
    redis.call('HDEL', KEYS[1], conversation)
  end
  if agent ~= '' and held ~= agent then
    redis.call('SADD', prefix .. 'load:' .. agent, conversation)
    redis.call('HSET', KEYS[1], conversation, agent)
  end
end
"""

_BUILD = """
local prefix = ARGV[1]
for _, agent in ipairs(redis.call('HVALS', KEYS[2])) do redis.call('DEL', prefix .. 'load:' .. agent) end
redis.call('DEL', KEYS[2])
for i = 3, #ARGV, 2 do
  redis.call('SADD', prefix .. 'load:' .. ARGV[i + 1], ARGV[i])
  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1])
end
redis.call('SET', KEYS[1], ARGV[2])
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A seat asked for: agents with their capacities, the preferred one first."""

    conversation_id: str
    queue: str
    preferred: tuple[tuple[str, int], ...]


class Seats:
    """`truth` gives the holders as MongoDB knows them."""

    def __init__(self, client: Redis, settings: Settings, truth: Callable[[], Awaitable[dict[str, str]]]) -> None:
        self._redis = client
        self._prefix = keys.key(settings, "{routing}", "")
        self._built = f"{self._prefix}built"
        self._holders = f"{self._prefix}holders"
        self._truth = truth
        self._reserve = client.register_script(_RESERVE)
        self._settle = client.register_script(_SETTLE)
        self._build = client.register_script(_BUILD)
        self._suspects: dict[str, str] = {}

    async def board(self, agents: Sequence[str], queues: Sequence[str]) -> Board:
        """Loads and turns as they are; builds them first when Redis was emptied."""
        await self.ensure_built()
        async with self._redis.pipeline(transaction=False) as pipe:
            for agent in agents:
                pipe.scard(f"{self._prefix}load:{agent}")
            for queue in queues:
                pipe.zrange(f"{self._prefix}turns:{queue}", 0, -1, withscores=True)
            answers = await pipe.execute()
        turns = [{agent: int(score) for agent, score in pairs} for pairs in answers[len(agents) :]]
        return Board(dict(zip(agents, answers, strict=False)), dict(zip(queues, turns, strict=True)))

    async def reserve(self, asked: Sequence[Asked]) -> tuple[str, list[str | None]]:
        """Take a seat for each, in order: the first preferred agent with room, or the one who has it already.

        Gives the build that they were taken in, and the agents. Raises Transient when Redis was emptied just now.
        """
        async with self._redis.pipeline(transaction=False) as pipe:
            for one in asked:
                args = [self._prefix, one.conversation_id, one.queue]
                for agent, capacity in one.preferred:
                    args += [agent, str(capacity)]
                await self._reserve(keys=[self._built, self._holders], args=args, client=pipe)
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
            for conversation_id, agent_id in holders.items():
                args += [conversation_id, agent_id or ""]
            await self._settle(keys=[self._holders], args=args)

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
        for conversation_id, agent_id in holders.items():
            args += [conversation_id, agent_id]
        await self._build(keys=[self._built, self._holders], args=args)
        log.info("loads built from MongoDB", conversations=len(holders))

    async def audit(self) -> int:
        """Compare with MongoDB and mend what differed in the last audit too; how many were mended.

        A difference seen once may be a batch in hand; one that stays was left by a process that died between
        its two writes, or by a Redis that came back from an old file.
        """
        await self.ensure_built()
        kept = {str(one): str(agent) for one, agent in (await self._redis.hgetall(self._holders)).items()}
        truth = await self._truth()
        differing = {
            conversation: truth.get(conversation, "")
            for conversation in kept.keys() | truth.keys()
            if kept.get(conversation) != truth.get(conversation)
        }
        staying = {one: agent for one, agent in differing.items() if self._suspects.get(one) == agent}
        await self.settle(staying)
        self._suspects = differing
        return len(staying)
