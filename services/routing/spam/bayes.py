"""A brand's filter: how often each word stood in what people marked as spam, and in what they answered or took out.

Words are folded into a table of fixed size by a hash, so that a filter is small, is read at once, and keeps nobody's
words. Probabilities are Robinson's, put together by Fisher's method, as SpamBayes does:
https://www.linuxjournal.com/article/6467
"""

from __future__ import annotations

import math
import sys
import zlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

SLOTS = 1 << 16
MOST = 65_535
"""What a slot counts to."""
LEAST = 10
"""Messages of each kind before the filter says anything."""
KNOWN_STRENGTH, KNOWN_PROBABILITY = 0.45, 0.5
"""A word that was seen seldom says little: Robinson's s and x."""
UNSURE = 0.1
"""Words nearer to one half than this are left out."""
CLUES = 150

Slots = tuple[int, ...]


def _table() -> array[int]:
    return array("H", bytes(2 * SLOTS))


@dataclass(frozen=True)
class Filter:
    """`spam` and `ham` count messages; the tables in how many of them each slot's words were."""

    spam: int = 0
    ham: int = 0
    in_spam: array[int] = field(default_factory=_table, repr=False)
    in_ham: array[int] = field(default_factory=_table, repr=False)

    @property
    def trained(self) -> bool:
        return min(self.spam, self.ham) >= LEAST

    def learn(self, slots: Slots, *, spam: bool, times: int = 1) -> Filter:
        """With one message more of a kind; `times` -1 takes one away that was learnt before."""
        mine = array("H", self.in_spam if spam else self.in_ham)
        for slot in slots:
            mine[slot] = min(MOST, max(0, mine[slot] + times))
        if spam:
            return Filter(max(0, self.spam + times), self.ham, mine, self.in_ham)
        return Filter(self.spam, max(0, self.ham + times), self.in_spam, mine)

    def judge(self, words: Sequence[str]) -> tuple[float, tuple[str, ...]]:
        """From 0 (nobody would mark it) to 1, one half when it cannot say; and the words that speak for spam most."""
        if not self.trained:
            return 0.5, ()
        found = sorted(((self._probability(slot_of(word)), word) for word in words), key=lambda one: -abs(one[0] - 0.5))
        clues = [one for one in found if abs(one[0] - 0.5) >= UNSURE][:CLUES]
        if not clues:
            return 0.5, ()
        spam = _fisher([1 - probability for probability, _ in clues])
        ham = _fisher([probability for probability, _ in clues])
        return (1 + spam - ham) / 2, tuple(word for probability, word in clues if probability > 0.5)

    def _probability(self, slot: int) -> float:
        spam, ham = self.in_spam[slot], self.in_ham[slot]
        if not spam + ham:
            return KNOWN_PROBABILITY
        of_spam, of_ham = min(1.0, spam / self.spam), min(1.0, ham / self.ham)
        share = of_spam / (of_spam + of_ham)
        return (KNOWN_STRENGTH * KNOWN_PROBABILITY + (spam + ham) * share) / (KNOWN_STRENGTH + spam + ham)

    def packed(self) -> bytes:
        tables = _little(self.in_spam) + _little(self.in_ham)
        return zlib.compress(self.spam.to_bytes(8, "little") + self.ham.to_bytes(8, "little") + tables, 6)

    @classmethod
    def unpacked(cls, data: bytes) -> Filter:
        """Raises ValueError for what is none."""
        plain = zlib.decompress(data)
        if len(plain) != 16 + 4 * SLOTS:
            raise ValueError("not a filter of this size")
        counts = int.from_bytes(plain[:8], "little"), int.from_bytes(plain[8:16], "little")
        tables = plain[16 : 16 + 2 * SLOTS], plain[16 + 2 * SLOTS :]
        return cls(*counts, *(_read(one) for one in tables))


def slot_of(word: str) -> int:
    return zlib.crc32(word.encode()) % SLOTS


def slots_of(words: Iterable[str]) -> Slots:
    return tuple(sorted({slot_of(word) for word in words}))


def pack_slots(slots: Slots) -> bytes:
    return _little(array("H", slots))


def unpack_slots(data: bytes) -> Slots:
    return tuple(_read(data))


def _little(table: array[int]) -> bytes:
    if sys.byteorder == "big":
        table = array("H", table)
        table.byteswap()
    return table.tobytes()


def _read(data: bytes) -> array[int]:
    table = array("H", data)
    if sys.byteorder == "big":
        table.byteswap()
    return table


def _fisher(probabilities: Sequence[float]) -> float:
    """How unlikely it is by chance that these are all so small: 1 minus the chi-square tail with 2n degrees."""
    half = -sum(math.log(max(one, 1e-12)) for one in probabilities)
    return 1 - _tail(half, len(probabilities))


def _tail(half: float, n: int) -> float:
    """The chi-square tail P(χ²(2n) ≥ 2·half), in logarithms: e^-half is 0 for much less than many clues give."""
    logs = [
        k * math.log(half) - half - math.lgamma(k + 1) if half > 0 else (0.0 if k == 0 else -math.inf) for k in range(n)
    ]
    most = max(logs)
    return min(1.0, math.exp(most) * sum(math.exp(one - most) for one in logs))
