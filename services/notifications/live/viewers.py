"""Who looks at a conversation at this moment, and who of them writes. Redis alone knows: lost, it is soon known again.

One hash for each conversation that somebody looks at, a field for each agent; both expire by themselves. Whoever
changes one says so on a channel, and every process tells those of its sockets whose agents look at it.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json
from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.notifications.live.hub import Hub
from services.notifications.settings import NotificationsSettings
from shared import redis
from shared.clock import Clock
from shared.logs import get_logger
from shared.loop import Listener

log = get_logger(__name__)

HERE_S = 45.0
"""Who said nothing for so long is gone; browsers say it every 15 s."""
TYPING_S = 7.0
"""Who wrote nothing for so long does not write any more."""
WAIT_S = 2.0


@dataclass(frozen=True, slots=True)
class Person:
    agent_id: str
    typing: bool


def person_of(agent_id: str, value: str, now_s: float) -> Person | None:
    """From a field `<here until>|<writes until>`, in seconds since the epoch; None for who is gone."""
    here, _, typing = value.partition("|")
    return Person(agent_id, float(typing) > now_s) if float(here) > now_s else None


class Viewers:
    def __init__(self, settings: NotificationsSettings, client: Redis, clock: Clock) -> None:
        self._settings = settings
        self._client = client
        self._clock = clock
        self.channel = redis.key(settings, "{live}", "viewers")

    async def seen(self, conversation_id: str, agent_id: str, *, typing: bool) -> None:
        """They look at it now."""
        now_s = self._clock().timestamp()
        value = f"{now_s + HERE_S}|{now_s + TYPING_S if typing else 0}"
        pipeline = self._client.pipeline(transaction=False)
        pipeline.hset(self._key(conversation_id), agent_id, value)
        pipeline.expire(self._key(conversation_id), int(HERE_S) + 1)
        pipeline.publish(self.channel, conversation_id)
        await pipeline.execute()

    async def left(self, conversation_id: str, agent_id: str) -> None:
        pipeline = self._client.pipeline(transaction=False)
        pipeline.hdel(self._key(conversation_id), agent_id)
        pipeline.publish(self.channel, conversation_id)
        await pipeline.execute()

    async def people(self, conversation_id: str) -> list[Person]:
        """By id."""
        fields: Any = await self._client.hgetall(self._key(conversation_id))
        now_s = self._clock().timestamp()
        found = (person_of(agent_id, value, now_s) for agent_id, value in sorted(fields.items()))
        return [one for one in found if one is not None]

    def listen(self) -> Any:
        return self._client.pubsub(ignore_subscribe_messages=True)

    def _key(self, conversation_id: str) -> str:
        return redis.key(self._settings, "{live}", "viewers", conversation_id)


class ViewersReader(Listener):
    """A part, one in every process that has sockets: tells who looks at a conversation to those who do. Always ready:
    without it agents see each other a little later."""

    name = "live.viewers"

    def __init__(self, viewers: Viewers, hub: Hub) -> None:
        super().__init__()
        self._viewers = viewers
        self._hub = hub

    async def run(self) -> None:
        pause_s = 0.1
        while True:
            try:
                async with self._viewers.listen() as channel:
                    await channel.subscribe(self._viewers.channel)
                    while True:
                        said = await channel.get_message(timeout=WAIT_S)
                        pause_s = 0.1
                        if said is not None:
                            await self._tell(str(said["data"]))
            except (RedisError, OSError) as error:
                log.warning("viewers wait", error=type(error).__name__)
                await asyncio.sleep(random.uniform(pause_s / 2, pause_s))  # noqa: S311
                pause_s = min(pause_s * 2, 5.0)

    async def _tell(self, conversation_id: str) -> None:
        people = await self._viewers.people(conversation_id)
        self._hub.tell([one.agent_id for one in people], frame_of(conversation_id, people))


def frame_of(conversation_id: str, people: list[Person]) -> str:
    """For those who look at it themselves, and nobody else."""
    shown = [{"agent_id": one.agent_id, "typing": one.typing} for one in people]
    return to_json({"type": "viewers", "conversation_id": conversation_id, "people": shown}).decode()
