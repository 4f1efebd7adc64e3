"""How often one visitor or address may come, counted in Redis by the minute.

While Redis is away everybody is let in: a message is worth more than a limit.
"""

from __future__ import annotations

import time

from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared import metrics
from shared.errors import Overloaded
from shared.logs import get_logger
from shared.redis import key
from shared.settings import Settings

log = get_logger(__name__)

WINDOW_S = 60


class Limits:
    def __init__(self, redis: Redis, settings: Settings) -> None:
        self._redis = redis
        self._settings = settings

    async def count(self, kind: str, who: str, per_minute: int) -> None:
        """Raises Overloaded (429) when `who` came more than `per_minute` times in this minute."""
        window = int(time.time()) // WINDOW_S
        name = key(self._settings, "ingest", "limit", kind, who, str(window))
        try:
            async with self._redis.pipeline(transaction=False) as pipe:
                pipe.incr(name)
                pipe.expire(name, WINDOW_S * 2)
                times, _ = await pipe.execute()
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("limits not counted, redis is away", error=type(error).__name__)
            return
        if times > per_minute:
            metrics.refused.labels("chat", "rate").inc()
            raise Overloaded("too_many", "That was a lot at once. Please wait a moment and try again.")
