"""How many bytes and mails are in hand, altogether and of one address, so that nobody can take all there is."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator

LEAST_BYTES = 64 * 1024
"""What a mail counts for from its first byte. Never what it declares: three that say 40 MiB and send nothing would
keep everybody else out."""


class Load:
    """An address may have half of what there is, and a mail of the largest size; an address "" has no limit of its
    own. One mail is always let in, so that no limit shuts the door for good."""

    def __init__(self, *, messages: int, in_hand_bytes: int, largest_bytes: int) -> None:
        self._messages = messages
        self._bytes = in_hand_bytes
        self._messages_of_one = max(1, messages // 2)
        self._bytes_of_one = max(largest_bytes, in_hand_bytes // 2)
        self._own_messages: Counter[str] = Counter()
        self._own_bytes: Counter[str] = Counter()
        self.shares_now = 0
        self.bytes_now = 0
        self.messages_now = 0
        self.idle = asyncio.Event()
        self.idle.set()

    def full(self, size_bytes: int, address: str = "") -> bool:
        """Whether a mail of this size must come later."""
        if self.shares_now == 0:
            return False
        busy = self.messages_now >= self._messages or (
            bool(address) and self._own_messages[address] >= self._messages_of_one
        )
        return busy or not self.fits(size_bytes, address)

    def fits(self, more_bytes: int, address: str) -> bool:
        own = self._own_bytes[address] + more_bytes if address else 0
        return self.bytes_now + more_bytes <= self._bytes and own <= self._bytes_of_one

    @contextlib.contextmanager
    def hold(self, address: str = "") -> Iterator[Share]:
        """While a mail comes in and is worked on."""
        share = Share(self, address)
        self.shares_now += 1
        self.idle.clear()
        self.add_bytes(share.size_bytes, address)
        try:
            yield share
        finally:
            self.shares_now -= 1
            self.add_bytes(-share.size_bytes, address)
            if self.shares_now == 0:
                self.idle.set()

    def add_bytes(self, more: int, address: str) -> None:
        self.bytes_now += more
        _add(self._own_bytes, address, more)

    def add_message(self, more: int, address: str) -> None:
        self.messages_now += more
        _add(self._own_messages, address, more)


class Share:
    """What one mail takes of the load; it grows with every byte that arrives."""

    def __init__(self, load: Load, address: str) -> None:
        self._load = load
        self._address = address
        self.size_bytes = LEAST_BYTES

    def reached(self, size_bytes: int) -> bool:
        """So much of the mail is here now; False when that is more than there is room for."""
        more = size_bytes - self.size_bytes
        if more <= 0:
            return True
        if self._load.shares_now > 1 and not self._load.fits(more, self._address):
            return False
        self._load.add_bytes(more, self._address)
        self.size_bytes = size_bytes
        return True

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """It is all here, and being read and kept."""
        self._load.add_message(1, self._address)
        try:
            yield
        finally:
            self._load.add_message(-1, self._address)


def _add(counter: Counter[str], address: str, more: int) -> None:
    if address:
        counter[address] += more
        if counter[address] <= 0:
            del counter[address]
