"""Keeps a replica's signing keys up to date: hears of new ones, makes one when the last has signed long enough."""

from __future__ import annotations

import asyncio
import contextlib

from pymongo.errors import PyMongoError

from services.tickets.api.tokens import Tokens
from shared.errors import Transient
from shared.logs import get_logger

log = get_logger(__name__)

LOOK_S = 60.0
"""Well below the time that a new key is announced before it signs."""


class Keys:
    """A part. While MongoDB is away the known keys go on signing."""

    name = "keys"

    def __init__(self, tokens: Tokens, *, rotates: bool) -> None:
        self._tokens = tokens
        self._rotates = rotates
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name=self.name)

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def alive(self) -> bool:
        return self._task is None or not self._task.done()

    async def ready(self) -> str | None:
        return self._tokens.waits

    async def _run(self) -> None:
        while True:
            try:
                if self._rotates and await self._tokens.rotate_when_due():
                    log.info("new signing key announced")
                await self._tokens.prepare()
            except (PyMongoError, Transient) as error:
                log.warning("signing keys wait", error=type(error).__name__)
            await asyncio.sleep(LOOK_S)
