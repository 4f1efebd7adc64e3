"""What a log says is on its topic, in order, and nothing else is; every record went somewhere. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Set

from tests.chaos.checker.evidence import Dead, Evidence, Place, Published
from tests.chaos.checker.timelines import CONVERSATIONS

INBOUND = "integrations.inbound.v1"
COMPACTED = "tickets.directory.v1"
TAKES_ALL = {
    ("ingest.messages.v1", "tickets.conversations"): "tickets",
    ("routing.decisions.v1", "tickets.conversations"): "tickets",
    ("notifications.deliveries.v1", "tickets.conversations"): "tickets",
    ("ingest.activity.v1", "tickets.activity"): "tickets",
    ("routing.artifacts.v1", "tickets.audit"): "tickets",
    ("routing.tickets.v1", "tickets.targets"): "tickets",
    (CONVERSATIONS, "routing.conversations"): "routing",
}
"""Readers that write down the id of every record that they took, and whose database has it. What the others took is
seen in what they do with it: the mails, the calls, the browsers."""


def out_of_order(evidence: Evidence) -> list[str]:
    """Conversations whose events, repeats of an id passed over, are not 1, 2, 3 … on one partition of the topic; of
    every other topic, aggregates that do not go upwards."""
    found = []
    for topic, published in evidence.topics.items():
        for subject, records in _by_subject(_first_of_each(published)).items():
            seqs = [one.seq for one in records]
            wanted = list(range(1, len(seqs) + 1)) if topic == CONVERSATIONS else sorted(set(seqs))
            if seqs != wanted:
                found.append(f"{topic}: {subject} is {_shortened(seqs)}")
            if len({one.partition for one in records}) > 1:
                found.append(f"{topic}: {subject} is on several partitions")
    return found


def differences(evidence: Evidence) -> list[str]:
    """Events that are in a log and not on the topic, or the reverse, or in any of their copies with other bytes."""
    logged = {one.id: one for log in evidence.logs.values() for one in log}
    told = [(topic, one) for topic, published in evidence.topics.items() if topic != INBOUND for one in published]
    ids = {one.id for _, one in told}
    found = [f"{one.topic}: {one.id} is not on the topic" for one in logged.values() if _lost(one.id, one.topic, ids)]
    for topic, record in told:
        event = logged.get(record.id)
        if event is None:
            found.append(f"{topic}: {record.id} is in no log")
        elif (event.topic, event.key, event.seq, event.value) != (topic, record.key, record.seq, record.value):
            found.append(f"{topic}: {record.id} is not what the log says")
    return found


def neither(evidence: Evidence) -> list[str]:
    """Records that a group neither applied nor put aside with their bytes; each group by itself."""
    aside: dict[tuple[Place, str], set[int]] = defaultdict(set)
    for one in evidence.dead:
        aside[one.place, one.group].add(one.value)
    found = []
    for place, value in evidence.poison.items():
        for group in evidence.readers.get(place[0], ()):
            kept = aside.get((place, group), set())
            if not kept or (value and value not in kept):
                found.append(f"{place} is not in the dead letters of {group}")
    return found + _unsaid(evidence) + _not_applied(evidence, aside.keys())


def put_aside_though_good(evidence: Evidence) -> list[str]:
    """Dead letters of records that can be read."""
    bad = [one for one in evidence.dead if one.place not in evidence.poison]
    return [f"{one.place} is in the dead letters of {one.group}" for one in bad]


def _lost(event_id: str, topic: str, told: Set[str]) -> bool:
    """A compacted topic keeps the last of each key alone."""
    return topic != COMPACTED and event_id not in told


def _unsaid(evidence: Evidence) -> list[str]:
    """What the broker acknowledged is on the topic."""
    places = [(one["topic"], one["partition"], one["offset"]) for one in evidence.lines("poison")]
    return [f"{place} was acknowledged and is not there" for place in places if place not in evidence.poison]


def _not_applied(evidence: Evidence, aside: Iterable[tuple[Place, str]]) -> list[str]:
    dead, found = set(aside), []
    for (topic, group), service in TAKES_ALL.items():
        known = evidence.applied.get(service, frozenset())
        for one in evidence.topics.get(topic, ()):
            if one.id not in known and ((topic, one.partition, one.offset), group) not in dead:
                found.append(f"{topic}: {one.id} was not applied by {group}")
    return found


def _first_of_each(published: Iterable[Published]) -> list[Published]:
    seen: set[str] = set()
    found = []
    for one in published:
        if one.id not in seen:
            seen.add(one.id)
            found.append(one)
    return found


def _by_subject(published: Iterable[Published]) -> dict[str, list[Published]]:
    found: dict[str, list[Published]] = defaultdict(list)
    for one in published:
        if one.subject:
            found[one.subject].append(one)
    return found


def _shortened(seqs: list[int]) -> str:
    return str(seqs if len(seqs) <= 40 else [*seqs[:20], "…", *seqs[-20:]])


def repeats(published: Iterable[Published]) -> int:
    """How many records repeat an id: a relay that died before it remembered."""
    counts = Counter(one.id for one in published)
    return sum(count - 1 for count in counts.values())


def dead_letters(dead: Iterable[Dead]) -> int:
    return len({(one.place, one.group) for one in dead})
