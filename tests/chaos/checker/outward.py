"""What left the desk: replies by mail, calls of webhooks, and what browsers saw. Pure.

A mail or call may leave twice when who sent it died, or was frozen, between the receiver's answer and its record.
Every replica names itself to the mail server, so it is known who sent which copy.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from tests.chaos.checker.evidence import Event, Evidence
from tests.chaos.checker.timelines import timelines

SENDERS = "notifications-"
UNKNOWN = "?"


def replies_twice(evidence: Evidence) -> list[str]:
    """Copies of a mail beyond the first, each without a crash of its sender in the sending before it."""
    ends, recorded = _ends_of_senders(evidence), _recorded(evidence)
    found = []
    for message_id, copies in _mails(evidence).items():
        for earlier, later in itertools.pairwise(copies):
            until = min(later["at"], recorded.get(message_id, later["at"]))
            if not _ended_between(ends, _replica(earlier["sender"]), earlier["began"], until):
                found.append(f"{message_id} came again {later['at'] - earlier['at']:.1f} s later")
    return found


def replies_missing(evidence: Evidence) -> list[str]:
    """Replies by mail that never left, though the desk does not say that they failed."""
    mails = _mails(evidence)
    replies = [one for one in timelines(evidence) if one.kind == "ReplySent"]
    by_mail = [one for one in replies if one.channel == "email"]
    lost = [f"{one.message_id} never left" for one in by_mail if one.message_id not in mails]
    states = evidence.deliveries
    return lost + [f"the reply {one.entry} is {states.get(one.entry)}" for one in replies if _unsent(one, states)]


def hooks_missing(evidence: Evidence, watched: str) -> list[str]:
    """Events of the watched brand that the receiver did not take, or took out of order."""
    taken: dict[str, Mapping[str, Any]] = {}
    for one in evidence.lines("hook"):
        if one["outcome"] == "taken":
            taken.setdefault(one["id"], one)
    wanted = {one.id for one in timelines(evidence) if one.brand == watched}
    found = [f"event {one} was not told" for one in wanted - taken.keys()]
    heard: dict[str, list[int]] = defaultdict(list)
    for one in taken.values():
        heard[one["subject"]].append(one["sequence"])
    return found + [f"{key} was told {seqs}" for key, seqs in heard.items() if seqs != sorted(seqs)]


def hooks_twice(evidence: Evidence) -> list[str]:
    """Calls that were taken more than once though no sender died or froze from the first on until the next."""
    ends = _ends_of_senders(evidence)
    took: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for one in evidence.lines("hook"):
        if one["outcome"] == "taken":
            took[one["id"]].append(one)
    return [
        f"{one} was told again"
        for one, calls in took.items()
        for earlier, later in itertools.pairwise(calls)
        if not _ended_between(ends, UNKNOWN, earlier["began"], later["at"])
    ]


def _mails(evidence: Evidence) -> dict[str, list[Mapping[str, Any]]]:
    """Message-ID → its copies, as they came."""
    found: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for one in evidence.lines("mail"):
        found[one["message_id"]].append(one)
    return found


def _recorded(evidence: Evidence) -> dict[str, float]:
    """Message-ID → when notifications wrote down that it was sent."""
    entries = {one.entry: one.message_id for one in timelines(evidence) if one.kind == "ReplySent"}
    sent = [
        one for one in evidence.logs.get("notifications", ()) if one.kind == "DeliverySent" and one.entry in entries
    ]
    return {entries[one.entry]: one.at for one in sent}


def _ends_of_senders(evidence: Evidence) -> dict[str, list[float]]:
    """When each replica of notifications was killed or frozen; under UNKNOWN, when any of them was."""
    found: dict[str, list[float]] = defaultdict(list)
    for one in evidence.lines("fault"):
        if one["what"] in ("kill", "freeze") and one["whom"].startswith(SENDERS):
            found[one["whom"]].append(one["at"])
            found[UNKNOWN].append(one["at"])
    return found


def _ended_between(ends: Mapping[str, Sequence[float]], replica: str, begin: float, end: float) -> bool:
    return any(begin <= at <= end for at in ends.get(replica, ()))


def _replica(name: str) -> str:
    """`notifications-2` of what it calls itself: `notifications-2.desk.example`."""
    return name.partition(".desk.example")[0].rpartition(".")[2]


def _unsent(reply: Event, states: Mapping[str, str]) -> bool:
    return states.get(reply.entry) != "sent"
