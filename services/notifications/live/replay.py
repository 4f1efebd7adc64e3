"""The newest part of the stream, kept in memory, for sockets that come back after a gap. No I/O."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import takewhile

from services.notifications.live.frames import Entry

Place = tuple[int, int]
"""A Redis stream id, `<milliseconds>-<n>`, so that it compares as a number does."""

START: Place = (0, 0)
OVERHEAD_BYTES = 300


def place_of(entry_id: str) -> Place | None:
    """None when it is not a stream id."""
    ms, dash, n = entry_id.partition("-")
    if not dash or not (ms.isascii() and ms.isdigit() and n.isascii() and n.isdigit()) or len(entry_id) > 40:
        return None
    return int(ms), int(n)


def id_of(place: Place) -> str:
    return f"{place[0]}-{place[1]}"


class Replay:
    """Entries in order, the oldest dropped beyond `limit_bytes`.

    `floor` is the last place before what is kept: who has seen up to there can be told the rest.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._entries: deque[tuple[Place, Entry]] = deque()
        self._bytes = 0
        self.floor: Place = START
        self.current: Place = START

    def begin(self, at: Place) -> None:
        """Forget everything: nothing before `at` can be replayed any more."""
        self._entries.clear()
        self._bytes = 0
        self.floor = self.current = at

    def add(self, place: Place, entry: Entry) -> None:
        self._entries.append((place, entry))
        self._bytes += _size(entry)
        self.current = place
        while self._bytes > self._limit_bytes:
            self.floor, oldest = self._entries.popleft()
            self._bytes -= _size(oldest)

    def since(self, place: Place) -> Iterator[tuple[Place, Entry]] | None:
        """What came after `place`, in order; None when that is not known whole."""
        if not self.floor <= place <= self.current:
            return None
        missed = list(takewhile(lambda one: one[0] > place, reversed(self._entries)))
        return reversed(missed)


def _size(entry: Entry) -> int:
    return len(entry.agents) + len(entry.visitors) + OVERHEAD_BYTES
