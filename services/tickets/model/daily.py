"""What a desk did in a day, counted from the events as they are made. Pure.

Durations are kept in buckets, so that a day is as small with a million replies as with ten: up to 16 s each second is a
bucket, above that there are 16 for every doubling, and a bucket stands for its middle (at most 3.1 % off).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from math import ceil

from shared.contracts.conversations import Assigned, Closed, ConversationEvent, ConversationStarted, ReplySent

_STEPS = 16
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where it happened: the conversation's brand, channel and team then. `day` is the brand's, as `YYYY-MM-DD`;
    `agent_id` who did it, "" for nobody of ours."""

    day: str
    brand_id: str
    channel: str
    team_id: str | None
    agent_id: str = ""


@dataclass
class Done:
    """`started`: conversations that began; `came`: that were given to the team; `closed`, `replies` as they are called.
    `first`: seconds from a customer's beginning to the first answer; `resolved`: from the beginning to a closing; both
    as bucket → how many."""

    started: int = 0
    came: int = 0
    closed: int = 0
    replies: int = 0
    first: Counter[int] = field(default_factory=Counter)
    resolved: Counter[int] = field(default_factory=Counter)

    def add(self, other: Done) -> None:
        self.started += other.started
        self.came += other.came
        self.closed += other.closed
        self.replies += other.replies
        self.first.update(other.first)
        self.resolved.update(other.resolved)


@dataclass(frozen=True, slots=True)
class Times:
    """Of `count` durations, in seconds; None when there are none."""

    count: int
    median_s: float | None
    p90_s: float | None


def tally(events: Iterable[tuple[ConversationEvent, str]]) -> dict[Spot, Done]:
    """What these events add up to; each with the day that it happened on."""
    done: dict[Spot, Done] = {}
    for event, day in events:
        if (one := _of(event)) is not None:
            head = event.head
            agent_id = event.by.id if event.by.kind == "agent" else ""
            spot = Spot(day, head.brand_id, head.channel, head.team_id, agent_id)
            done.setdefault(spot, Done()).add(one)
    return done


def _of(event: ConversationEvent) -> Done | None:
    """Spam is nobody's work."""
    head = event.head
    if head.spam:
        return None
    match event:
        case ConversationStarted():
            return None if event.quiet else Done(started=1)
        case Assigned():
            return Done(came=1) if event.team_id not in (None, event.previous_team_id) else None
        case ReplySent():
            return _reply(event)
        case Closed():
            return Done(closed=1, resolved=Counter([bucket(event.at - head.started_at)]))
    return None


def _reply(event: ReplySent) -> Done | None:
    if event.by.kind != "agent":
        return None
    head = event.head
    is_first = head.created_by is None and head.first_reply_at == event.at
    return Done(replies=1, first=Counter([bucket(event.at - head.started_at)] if is_first else []))


def bucket(length: timedelta) -> int:
    """Negative ones, of clocks that differ, count as none."""
    seconds = max(length // _SECOND, 0)
    if seconds < _STEPS:
        return seconds
    doublings = seconds.bit_length() - _STEPS.bit_length()
    return _STEPS * (doublings + 1) + (seconds >> doublings) - _STEPS


def middle(number: int) -> float:
    """What a bucket stands for, in seconds."""
    if number < _STEPS:
        return float(number)
    doublings, step = divmod(number, _STEPS)
    width: int = 1 << (doublings - 1)
    return (_STEPS + step) * width + (width - 1) / 2


def times(buckets: Mapping[int, int]) -> Times:
    """By nearest rank: the smallest duration that at least half, or nine in ten, do not exceed."""
    count = sum(buckets.values())
    return Times(count, _rank(buckets, ceil(count * 0.5)), _rank(buckets, ceil(count * 0.9)))


def _rank(buckets: Mapping[int, int], rank: int) -> float | None:
    seen = 0
    for number in sorted(buckets):
        seen += buckets[number]
        if seen >= rank > 0:
            return middle(number)
    return None
