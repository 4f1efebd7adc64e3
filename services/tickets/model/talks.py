"""What a contact's conversations come to, for segments: how many there are of what kind, and on which days who wrote;
and on which day they last did what in a brand's product.

Kept as they happen and never counted anew, so everything here adds up: what a change adds or takes away, and what two
contacts who are one person have together. A conversation in Spam, or merged into another one, counts in nothing; the
days on which somebody wrote stay, wherever that stands now. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from shared.contracts.conversations import (
    ConversationEvent,
    ConversationStarted,
    CustomerReplied,
    Head,
    ReplySent,
)

ALL = ""
"""Beside the brands, for who works for all of them."""
DID_MAX = 100
"""Names of activities that are known of a contact; each is an entry of an index."""
CONVERSATIONS, UNCLOSED, OPEN_TICKET = "conversations", "unclosed", "open_ticket"


@dataclass(frozen=True, slots=True)
class Talks:
    """In one brand, or in all. `counts`: in how many conversations something is so (`key`s of `_keys`), without zeros.
    Days are `YYYY-MM-DD` in UTC, "" is never. `did`: the last day of each activity, by its name; of more than DID_MAX
    the latest ones."""

    counts: Mapping[str, int] = field(default_factory=dict)
    first_wrote: str = ""
    last_wrote: str = ""
    last_answered: str = ""
    did: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.counts or self.last_wrote or self.last_answered or self.did)


Facts = Mapping[str, Talks]
"""By brand id, and ALL."""


def joined(*parts: Facts) -> Facts:
    """All of them together; a part that takes away has counts below zero."""
    found: dict[str, Talks] = {}
    for part in parts:
        for place, talks in part.items():
            found[place] = _both(found[place], talks) if place in found else talks
    return {place: talks for place, talks in found.items() if talks}


def brings_nothing(facts: Facts, change: Facts) -> bool:
    """Whether `facts` would stay what they are: so of all that somebody writes on one day but the first."""
    for place, one in change.items():
        there = facts.get(place)
        if there is None or one.counts or one.last_wrote > there.last_wrote or one.last_answered > there.last_answered:
            return False
        if one.first_wrote and not there.first_wrote <= one.first_wrote:
            return False
        if any(day > there.did.get(name, "") for name, day in one.did.items()):
            return False
    return True


def of_conversation(before: Head | None, after: Head) -> Facts:
    """What becoming `after` adds and takes away; None: it is new."""
    if before is not None and _same(before, after):
        return {}
    new = {place: Talks(dict.fromkeys(keys, 1)) for place, keys in _counted(after).items()}
    if before is None:
        return new
    return joined({place: Talks(dict.fromkeys(keys, -1)) for place, keys in _counted(before).items()}, new)


def of_event(event: ConversationEvent) -> Facts:
    """The day on which the customer wrote or called first, or an agent answered."""
    day = day_of(event.at)
    if isinstance(event, CustomerReplied) or (isinstance(event, ConversationStarted) and event.by.kind == "customer"):
        found = Talks(first_wrote=day, last_wrote=day)
    elif isinstance(event, ReplySent) and event.by.kind == "agent":
        found = Talks(last_answered=day)
    else:
        return {}
    return {ALL: found, event.head.brand_id: found}


def day_of(at: datetime) -> str:
    return at.astimezone(UTC).date().isoformat()


def _both(one: Talks, other: Talks) -> Talks:
    counts = one.counts or other.counts
    if one.counts and other.counts:
        sums = {key: n + other.counts.get(key, 0) for key, n in one.counts.items()}
        counts = {key: n for key, n in {**other.counts, **sums}.items() if n}
    return Talks(
        counts,
        min(one.first_wrote or other.first_wrote, other.first_wrote or one.first_wrote),
        max(one.last_wrote, other.last_wrote),
        max(one.last_answered, other.last_answered),
        _latest(one.did, other.did),
    )


def _latest(one: Mapping[str, str], other: Mapping[str, str]) -> Mapping[str, str]:
    if not one or not other:
        return one or other
    both = {name: max(one.get(name, ""), other.get(name, "")) for name in {**one, **other}}
    return dict(sorted(both.items(), key=lambda did: (did[1], did[0]), reverse=True)[:DID_MAX])


def _counted(head: Head) -> dict[str, frozenset[str]]:
    if head.spam or head.merged_into is not None:
        return {}
    keys = _keys(head)
    return {ALL: keys, head.brand_id: keys}


def _keys(head: Head) -> frozenset[str]:
    found = {CONVERSATIONS, f"channel:{head.channel}", f"brand:{head.brand_id}", *(f"tag:{one}" for one in head.tags)}
    if head.status != "closed":
        found.add(UNCLOSED)
    if head.topic is not None:
        found.add(f"topic:{head.topic}")
    for link in head.links:
        if link.kind in ("ticket", "tracker"):
            found.add(f"ticket_type:{link.type_id}")
        if link.kind == "ticket" and link.state != "resolved":
            found.add(OPEN_TICKET)
    return frozenset(found)


def _same(before: Head, after: Head) -> bool:
    """Whether nothing that counts is other than it was: so of most messages."""
    return (
        before.status == after.status
        and before.tags == after.tags
        and before.topic == after.topic
        and before.links == after.links
        and (before.spam, before.merged_into, before.brand_id) == (after.spam, after.merged_into, after.brand_id)
    )
