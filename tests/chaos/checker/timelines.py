"""Nothing accepted is missing from a timeline, and nothing is in one twice. Pure."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.chaos.checker.evidence import Event, Evidence

CONVERSATIONS = "tickets.conversations.v1"
MARKED_BY = {
    "message": ("ConversationStarted", "CustomerReplied"),
    "reply": ("ReplySent",),
    "note": ("NoteAdded",),
    "tag": ("Tagged",),
}
"""Which events carry the mark of which accepted thing."""


def timelines(evidence: Evidence) -> list[Event]:
    return [one for one in evidence.logs.get("tickets", ()) if one.topic == CONVERSATIONS]


def missing(evidence: Evidence) -> list[str]:
    """What a sender or an agent was told is kept, and is not there."""
    events = timelines(evidence)
    counts, ids = _marks(events), {one.id for one in events}
    lost = [
        f"{one['channel']} {one['mark']}" for one in evidence.lines("message") if not counts["message", one["mark"]]
    ]
    for one in evidence.lines("action"):
        if one["action"] in MARKED_BY and not counts[one["action"], one["mark"]]:
            lost.append(f"{one['action']} {one['mark']}")
        lost += [f"{one['action']} {one['mark']}: event {each}" for each in one["events"] if each not in ids]
    return lost + _missing_of_calls(evidence, _calls(events))


def twice(evidence: Evidence) -> list[str]:
    """What came once, by its id, and is there more often; and repeated commands that were answered otherwise."""
    events = timelines(evidence)
    found = [f"{kind} {mark} is there {count} times" for (kind, mark), count in _marks(events).items() if count > 1]
    for call, states in _calls(events).items():
        if len({one.aggregate for one in states}) > 1:
            found.append(f"call {call} is {len({one.aggregate for one in states})} conversations")
        found += [f"call {call}: event {b.seq} says nothing new" for a, b in _pairs(states) if a.call == b.call]
    found += [f"{one['mark']} was answered otherwise when repeated" for one in evidence.lines("answer")]
    return found


def refused(evidence: Evidence) -> list[str]:
    """All that is sent is right, so none of it may be turned away or put aside."""
    rejected = [f"{evidence.rejected} in the rejected inputs"] if evidence.rejected else []
    return [f"{one['what']}: {one['why']}" for one in evidence.lines("refused")] + rejected


def torn(evidence: Evidence) -> list[str]:
    """Threads whose messages are in several conversations, and answers that are not where our mail was written."""
    events = timelines(evidence)
    places = {one.mark: one.aggregate for one in events if one.kind in MARKED_BY["message"]}
    replies = {one.message_id: one.aggregate for one in events if one.kind == "ReplySent" and one.message_id}
    threads: dict[str, set[str]] = defaultdict(set)
    found = []
    for one in evidence.lines("message"):
        place = places.get(one["mark"])
        if place is None:
            continue
        if "thread" in one:
            threads[one["thread"]].add(place)
        if replies.get(one.get("answers", ""), place) != place:
            found.append(f"{one['mark']} is in {place}, and what it answers is not")
    return found + [f"{one} is {len(places)} conversations" for one, places in threads.items() if len(places) > 1]


def _marks(events: Iterable[Event]) -> Counter[tuple[str, str]]:
    """(what, mark) → in how many events it is."""
    kinds = {kind: what for what, kinds in MARKED_BY.items() for kind in kinds}
    return Counter((kinds[one.kind], one.mark) for one in events if one.mark and one.kind in kinds)


def _calls(events: Iterable[Event]) -> dict[str, list[Event]]:
    """The events that tell of each call, in the order of its timeline."""
    found: dict[str, list[Event]] = defaultdict(list)
    for one in events:
        if one.call is not None and one.kind in ("ConversationStarted", "CallUpdated"):
            found[str(one.call["call_id"])].append(one)
    return {call: sorted(states, key=lambda one: (one.aggregate, one.seq)) for call, states in found.items()}


def _missing_of_calls(evidence: Evidence, calls: Mapping[str, Sequence[Event]]) -> list[str]:
    """Every accepted webhook's facts are in the call as it stands at last."""
    lost = []
    for one in evidence.lines("call"):
        states = calls.get(one["call"])
        known = states[-1].call if states else None
        if known is None or not _knows(known, one["told"]):
            lost.append(f"call {one['call']} {one['step']}")
    return lost


def _knows(call: Mapping[str, Any], told: Mapping[str, Any]) -> bool:
    return (
        (not told.get("answered") or bool(call["answered_at"]))
        and (not told.get("ended") or call["state"] == "ended")
        and ("tag" not in told or told["tag"] in call["tags"])
    )


def _pairs(states: Sequence[Event]) -> Iterable[tuple[Event, Event]]:
    return [(a, b) for a, b in itertools.pairwise(states) if a.aggregate == b.aggregate]
