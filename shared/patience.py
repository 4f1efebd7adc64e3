"""Waiting for servers that are away, as long as it takes, in a way that says so and can be asked to stop."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

from shared import metrics
from shared.errors import is_away
from shared.logs import get_logger

log = get_logger(__name__)

BACKOFF_CAP_S = 10.0


class Stopping(Exception):
    """We are asked to stop while waiting: leave the batch unacknowledged for the next member."""


class Patience:
    """Of one consumer. `waits_for` is a sentence while it waits; `progressed_at` counts a wait as progress."""

    def __init__(self, group: str) -> None:
        self.stopping = asyncio.Event()
        self.waits_for: str | None = None
        self.progressed_at = 0.0
        self._group = group

    def progress(self) -> None:
        self.progressed_at = time.monotonic()

    async def until_done(self, work: Callable[[], Awaitable[Any]]) -> None:
        """Do it; while a server is away, wait with growing, jittered pauses and try again. Raises Stopping."""
        attempt = 0
        while True:
            try:
                await work()
            except Exception as error:
                if not is_away(error):
                    raise
                attempt += 1
                metrics.batch_retries.labels(self._group, "away").inc()
                log.warning("waiting", group=self._group, attempt=attempt, error=repr(error)[:300])
                pause = min(BACKOFF_CAP_S, 0.05 * 2**attempt)
                self.waits_for = f"{self._group} waits: {type(error).__name__}"
                await self.sleep(random.uniform(pause / 2, pause))  # noqa: S311
            else:
                self.waits_for = None
                return

    async def sleep(self, seconds: float) -> None:
        self.progress()
        try:
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        except TimeoutError:
            return
        raise Stopping
