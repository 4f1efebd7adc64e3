"""Parts with a task of their own: one that takes turns, at once when nudged, else after a pause; and one that waits for
what others say."""

from __future__ import annotations

import asyncio
import contextlib
import time

from shared.errors import is_away
from shared.logs import get_logger

log = get_logger(__name__)

STALL_S = 120.0
AFTER_ERROR_S = 1.0


class Loop:
    """Subclasses say in `turn` what is done. An error in one turn is logged and the next one comes."""

    def __init__(self, name: str, *, pause_s: float) -> None:
        self.name = name
        self._pause_s = pause_s
        self._nudged = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self._progressed_at = 0.0

    async def turn(self) -> bool:
        """Do what there is to do; True when there is more, so that the next turn comes at once."""
        raise NotImplementedError

    async def start(self) -> None:
        self._progressed_at = time.monotonic()
        self._task = asyncio.create_task(self._run(), name=self.name)

    def end(self) -> None:
        """No turn after the one in hand."""
        self._stopping = True
        self._nudged.set()

    async def stop(self) -> None:
        """After the turn in hand."""
        self.end()
        if self._task:
            await self._task

    def alive(self) -> bool:
        return self._task is None or (not self._task.done() and time.monotonic() - self._progressed_at < STALL_S)

    async def ready(self) -> str | None:
        return None

    def nudge(self) -> None:
        """Take the next turn now."""
        self._nudged.set()

    async def _run(self) -> None:
        while not self._stopping:
            self._nudged.clear()
            more, pause_s = False, self._pause_s
            try:
                more = await self.turn()
            except Exception as error:
                pause_s = max(pause_s, AFTER_ERROR_S)
                if is_away(error):
                    log.warning("waits", part=self.name, error=type(error).__name__)
                else:
                    # A bug with one thing must not end the work on all others.
                    log.exception("turn failed", part=self.name)
            self._progressed_at = time.monotonic()
            if not more:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._nudged.wait(), pause_s)


class Listener:
    """Subclasses say in `run` what is done for ever; it may be ended at any await."""

    name: str

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None

    async def run(self) -> None:
        raise NotImplementedError

    async def start(self) -> None:
        self._task = asyncio.create_task(self.run(), name=self.name)

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def alive(self) -> bool:
        return self._task is None or not self._task.done()

    async def ready(self) -> str | None:
        return None
