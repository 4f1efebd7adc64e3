"""Keeps a replica's signing keys up to date: hears of new ones, makes one when the last has signed long enough."""

from __future__ import annotations

from services.tickets.api.tokens import Tokens
from shared.logs import get_logger
from shared.loop import Loop

log = get_logger(__name__)

LOOK_S = 60.0
"""Well below the time that a new key is announced before it signs."""


class Keys(Loop):
    """A part. While MongoDB is away the known keys go on signing."""

    def __init__(self, tokens: Tokens, *, rotates: bool) -> None:
        super().__init__("keys", pause_s=LOOK_S)
        self._tokens = tokens
        self._rotates = rotates

    async def ready(self) -> str | None:
        return self._tokens.waits

    async def turn(self) -> bool:
        if self._rotates and await self._tokens.rotate_when_due():
            log.info("new signing key announced")
        await self._tokens.prepare()
        return False
