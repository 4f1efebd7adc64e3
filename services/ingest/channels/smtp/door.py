"""Who may connect: not too many altogether, not too many from one address, and the silent give way to the next."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Protocol, cast

TOO_MANY = "421 4.3.2 Too many connections; please try again later\r\n"
TOO_MANY_OF_YOU = "421 4.7.0 Too many connections from your address; please try again later\r\n"
SILENT_S = 10.0
"""Who said nothing for so long gives way when all places are taken, as Postfix does under stress."""


class Guest(Protocol):
    """A connection that was let in."""

    address: str

    def silent_s(self) -> float:
        """For how long nothing came from it; 0 while we are the ones who work."""

    def give_way(self) -> None: ...


class Places:
    """An address "" (a mail server of our own, which speaks for many) has no limit of its own."""

    def __init__(self, total: int, of_one: int) -> None:
        self._total = total
        self._of_one = of_one
        self._by_address: Counter[str] = Counter()
        self.guests: set[Guest] = set()

    def refusal(self, address: str) -> str | None:
        """Why this address may not come in now, as the SMTP answer; None when it may."""
        if address and self._by_address[address] >= self._of_one:
            return TOO_MANY_OF_YOU
        if len(self.guests) < self._total:
            return None
        silent = max(self.guests, key=lambda one: one.silent_s(), default=None)
        if silent is None or silent.silent_s() < SILENT_S:
            return TOO_MANY
        self.leave(silent)
        silent.give_way()
        return None

    def enter(self, guest: Guest) -> None:
        self.guests.add(guest)
        if guest.address:
            self._by_address[guest.address] += 1

    def leave(self, guest: Guest) -> None:
        if guest not in self.guests:
            return
        self.guests.discard(guest)
        if guest.address:
            self._by_address[guest.address] -= 1
            if self._by_address[guest.address] <= 0:
                del self._by_address[guest.address]


class Door(asyncio.Protocol):
    """Answers a new connection before anything is built for it: a refused one costs next to nothing."""

    def __init__(self, refusal: Callable[[str], str | None], admit: Callable[[asyncio.BaseTransport], None]) -> None:
        self._refusal = refusal
        self._admit = admit

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        refusal = self._refusal(peer_of(transport))
        if refusal is None:
            self._admit(transport)
            return
        # Not asked with isinstance: uvloop's transports are none of asyncio's, and the sender heard nothing.
        cast(asyncio.WriteTransport, transport).write(refusal.encode())
        transport.close()


def peer_of(transport: asyncio.BaseTransport) -> str:
    """The other side's address."""
    return str((transport.get_extra_info("peername") or ("",))[0]).partition("%")[0]
