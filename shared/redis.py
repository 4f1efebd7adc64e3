"""Redis: how to connect, and how keys are named."""

from __future__ import annotations

import re

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import ClusterDownError, OutOfMemoryError, ReadOnlyError, ResponseError, TryAgainError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoPermissionError as RedisNoPermissionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shared.errors import away_when
from shared.settings import Settings

_REFUSES_ALL = (ReadOnlyError, OutOfMemoryError, ClusterDownError, TryAgainError, RedisNoPermissionError)
"""It answers, and takes nothing from anybody: a replica, full, without its master, a slot on its way elsewhere, our
rights withdrawn. (LOADING and a wrong password are connection errors to the client.)"""
_REFUSES_ALL_TOO = {"MISCONF", "NOREPLICAS", "BUSY", "READONLY", "OOM", "CLUSTERDOWN", "TRYAGAIN", "MASTERDOWN"}
"""Without a class of their own (a full disk, no replicas, a script that holds it), or said inside a script."""
_SAID = re.compile(r"(?:.* of pipeline caused error: \(['\"])?(?:Error running script [^-]*-)?([A-Z]+) ", re.DOTALL)
"""A pipeline puts the command before the server's words, and Redis 6 the place in the script."""


def refuses_all(error: Exception) -> bool:
    """Whether Redis would refuse any command of that sort now, whatever is in it."""
    said = _SAID.match(str(error))
    return isinstance(error, _REFUSES_ALL) or (said is not None and said[1] in _REFUSES_ALL_TOO)


away_when(RedisConnectionError)
away_when(RedisTimeoutError)
away_when(ResponseError, refuses_all)


def connect(settings: Settings) -> Redis:
    """A client that answers or fails within about two seconds, so that its callers can decide.

    One that became a replica is connected to anew: its name may lead to the new master by now.
    """
    return Redis.from_url(
        settings.redis.get_secret_value(),
        decode_responses=True,
        socket_connect_timeout=1.0,
        socket_timeout=10.0,
        health_check_interval=15,
        retry=Retry(ExponentialWithJitterBackoff(base=0.05, cap=0.5), 3),
        retry_on_error=[RedisConnectionError, RedisTimeoutError, ReadOnlyError],
    )


def key(settings: Settings, *parts: str) -> str:
    """`<prefix>switchboard:a:b`; the prefix keeps several desks on one Redis apart."""
    return ":".join((f"{settings.prefix}switchboard", *parts))
