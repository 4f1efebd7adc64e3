"""What a browser of the watched brand saw ↔ tickets' log. Pure.

A browser fetches by HTTP after every resync, and that would hide an event that never came live. So what came live is
looked at by itself: after a resync every event that is written from then on must come by WebSocket, until the next one.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field

from tests.chaos.checker.evidence import Event

Place = tuple[str, int]
"""A conversation and the `seq` of one of its events."""


@dataclass
class Seen:
    """What one browser has: by conversation, the `seq`s that came live since the last resync, and all that it has.

    `since` is when that resync came, or at first the `ready`, in Unix seconds. `holes`: between two that came live,
    these did not, and `since` of then. `others` are events of brands that are not its agent's."""

    live: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    have: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    since: float = 0.0
    holes: list[tuple[Place, float]] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def came(self, conversation: str, seq: int) -> None:
        """An event, live."""
        self.counts["events"] += 1
        if seq in self.live[conversation]:
            self.twice.append(f"{conversation} {seq}")
        self.live[conversation].add(seq)
        self.have[conversation].add(seq)

    def resync(self, at: float) -> None:
        """The stream was broken off, and from now on all comes again."""
        self.counts["resyncs"] += 1
        self.holes += [(one, self.since) for one in holes(self.live)]
        self.live.clear()
        self.since = at


def holes(live: Mapping[str, Set[int]]) -> list[Place]:
    """What is missing between the first and the last that came of each conversation."""
    return [
        (conversation, seq)
        for conversation, seqs in live.items()
        for seq in sorted(set(range(min(seqs), max(seqs))) - seqs)
    ]


def compared(seen: Seen, wanted: Iterable[Event]) -> dict[str, list[str]]:
    """With every event of the brand: it is there, once, and it came live unless a resync came after it."""
    events = {(one.aggregate, one.seq): one for one in wanted}
    missing = [f"{key} {seq}" for key, seq in events if seq not in seen.have.get(key, ())]
    late = [
        (key, seq)
        for (key, seq), one in events.items()
        if one.at > seen.since and seq not in seen.live.get(key, ()) and seq in seen.have.get(key, ())
    ]
    # What was written before a resync is what the stream had lost: it is fetched.
    lost = [place for place, since in seen.holes if place not in events or events[place].at > since]
    lost += [place for place in holes(seen.live) if place not in events]
    not_live = [f"{key} {seq} did not come live" for key, seq in [*lost, *late]]
    return {"missing": missing + not_live, "twice": seen.twice, "others": seen.others}
