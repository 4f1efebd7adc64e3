"""Redis: how to connect, and how keys are named."""

from __future__ import annotations

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shared.errors import away_when
from shared.settings import Settings

away_when(RedisConnectionError)
away_when(RedisTimeoutError)


def connect(settings: Settings) -> Redis:
    """A client that answers or fails within about two seconds, so that its callers can decide."""
    return Redis.from_url(
        settings.redis.get_secret_value(),
        decode_responses=True,
        socket_connect_timeout=1.0,
        socket_timeout=10.0,
        health_check_interval=15,
        retry=Retry(ExponentialWithJitterBackoff(base=0.05, cap=0.5), 3),
        retry_on_error=[RedisConnectionError, RedisTimeoutError],
    )


def key(settings: Settings, *parts: str) -> str:
    """`<prefix>switchboard:a:b`; the prefix keeps several desks on one Redis apart."""
    return ":".join((f"{settings.prefix}switchboard", *parts))
