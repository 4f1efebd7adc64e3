"""What will be broken, when, and for how long: all of it chosen from the seed before anything begins. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass

SERVICES = ("ingest", "tickets", "routing", "notifications")
DOWNSTREAM = ("mail", "hooks")
SILENT_S = 30.0
"""How long a silent receiver holds a mail or call before it hangs up."""


@dataclass(frozen=True, order=True)
class Fault:
    """`at_s` after the beginning; `seconds` is how long it lasts. `whom`: a service and a number, or a server."""

    at_s: float
    what: str
    whom: str
    seconds: float = 0.0


@dataclass(frozen=True)
class Measure:
    """How much of everything. `kill_s`: the pauses between two kills of one service. `silent_s`: how long a receiver
    answers nobody; slow or failing it is for `downstream_s`."""

    lasts_s: float
    kill_s: tuple[float, float]
    freezes: int
    freeze_s: tuple[float, float]
    kafka: int
    mongo: int
    redis: int
    downstream: int
    downstream_s: tuple[float, float]
    silent_s: float
    joins: int


def full(minutes: float) -> Measure:
    """What promises are tried with; the counts are for the whole run, whatever its length."""
    return Measure(
        lasts_s=minutes * 60,
        kill_s=(5, 15),
        freezes=8,
        freeze_s=(20, 60),
        kafka=10,
        mongo=10,
        redis=6,
        downstream=12,
        downstream_s=(10, 20),
        silent_s=SILENT_S,
        joins=8,
    )


def short(lasts_s: float) -> Measure:
    """A few of each kind, for every change of the code."""
    return Measure(
        lasts_s=lasts_s,
        kill_s=(9, 15),
        freezes=1,
        freeze_s=(12, 15),
        kafka=2,
        mongo=3,
        redis=2,
        downstream=6,
        downstream_s=(5, 8),
        silent_s=8,
        joins=1,
    )


def faults(seed: str, measure: Measure) -> list[Fault]:
    """In the order of time. Servers' faults are spread evenly, so that no two of them fall together by chance;
    processes die at any moment."""
    chance = random.Random(f"{seed}/faults")
    found = [*_kills(chance, measure), *_freezes(chance, measure), *_joins(chance, measure)]
    found += [*_of_servers(chance, measure), *_of_downstream(chance, measure)]
    return sorted(found)


def _kills(chance: random.Random, measure: Measure) -> list[Fault]:
    """Each service again and again, one replica or the other."""
    found = []
    for service in SERVICES:
        at = chance.uniform(2, measure.kill_s[1])
        while at < measure.lasts_s:
            found.append(Fault(at, "kill", f"{service}-{chance.choice((1, 2))}", chance.uniform(0, 1.5)))
            at += chance.uniform(*measure.kill_s)
    return found


def _freezes(chance: random.Random, measure: Measure) -> list[Fault]:
    places = _places(chance, measure, measure.freezes)
    whom = [f"{SERVICES[n % len(SERVICES)]}-{chance.choice((1, 2))}" for n in range(measure.freezes)]
    chance.shuffle(whom)
    return [Fault(at, "freeze", one, chance.uniform(*measure.freeze_s)) for at, one in zip(places, whom, strict=True)]


def _joins(chance: random.Random, measure: Measure) -> list[Fault]:
    """A third member comes for a while and leaves in good order."""
    places = _places(chance, measure, measure.joins)
    stay = min(30.0, measure.lasts_s / 4)
    return [
        Fault(at, "join", SERVICES[n % len(SERVICES)], chance.uniform(stay / 2, stay)) for n, at in enumerate(places)
    ]


def _of_servers(chance: random.Random, measure: Measure) -> list[Fault]:
    kinds = [("kafka crash" if n % 2 else "kafka restart", "kafka") for n in range(measure.kafka)]
    kinds += [(("step down", "mongo crash", "mongo restart")[n % 3], "mongo") for n in range(measure.mongo)]
    kinds += [(("redis flush", "redis crash")[n % 2], "redis") for n in range(measure.redis)]
    chance.shuffle(kinds)
    places = _places(chance, measure, len(kinds))
    return [Fault(at, what, whom, chance.uniform(1, 4)) for at, (what, whom) in zip(places, kinds, strict=True)]


def _of_downstream(chance: random.Random, measure: Measure) -> list[Fault]:
    moods = [(mood, whom) for mood in ("slow", "failing", "silent") for whom in DOWNSTREAM]
    chosen = [moods[n % len(moods)] for n in range(measure.downstream)]
    chance.shuffle(chosen)
    places = _places(chance, measure, len(chosen))
    lasting = [measure.silent_s if mood == "silent" else chance.uniform(*measure.downstream_s) for mood, _ in chosen]
    return [Fault(at, mood, whom, s) for at, s, (mood, whom) in zip(places, lasting, chosen, strict=True)]


def _places(chance: random.Random, measure: Measure, count: int) -> list[float]:
    """`count` moments, one in each part of the time, none in the first seconds."""
    begin, part = 3.0, (measure.lasts_s - 6.0) / max(1, count)
    return [begin + part * n + chance.uniform(0.1, 0.8) * part for n in range(count)]
