"""The rows of a desk that was lost and restored from a back-up that was made while it was at work. Pure.

What was accepted before the dump began, or after the restore, must be there, once. Of what lies between nobody
promises that it is there; whatever is there obeys every other row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.chaos.checker import outward, rows
from tests.chaos.checker.evidence import Dead, Evidence
from tests.chaos.checker.timelines import timelines

NOTED_WITHIN_S = 3.0
"""A webhook call that was answered so shortly before the dump may not have been written down in it."""
HOOKS_TWICE = "webhooks told twice without a crash"
WITHOUT_MEANING = ("members that did not leave when asked",)


@dataclass(frozen=True)
class Gap:
    """From when the dump began until nothing was left of the desk, in Unix seconds. `left`: entries of the replies
    that the restored desk held back, and that had reached their customers in this time."""

    dumped_at: float
    lost_at: float
    left: frozenset[str] = frozenset()

    def has(self, at: float) -> bool:
        return self.when(at) == "in the gap"

    def when(self, at: float) -> str:
        return "before" if at < self.dumped_at else "in the gap" if at < self.lost_at else "after"


def faults(
    before: Evidence, after: Evidence, gap: Gap, watched: str, browsers: Sequence[Mapping[str, Sequence[str]]]
) -> dict[str, list[str]]:
    """By row, one sentence for each thing that is not as promised. `before` is of some time before the dump, with all
    poison in it; none came since."""
    known = _known(before, after, gap)
    found = rows.faults(known, watched, browsers)
    hooks = [one for one in known.lines("hook") if not gap.dumped_at - NOTED_WITHIN_S <= one["at"] < gap.lost_at]
    found[HOOKS_TWICE] = outward.hooks_twice(replace(known, journal={**known.journal, "hook": hooks}))
    found["dead letters that did not come back as they were"] = [
        f"{one.place} of {one.group}" for one in (Counter(before.dead) - Counter(after.dead)).elements()
    ]
    return {row: one for row, one in found.items() if row not in WITHOUT_MEANING}


def _known(before: Evidence, after: Evidence, gap: Gap) -> Evidence:
    """What the rows may ask the restored desk for. Places of dead letters that came back are of the old Kafka, and mean
    other records now; their poison was in no log. Calls for events that are gone, or that have another place in their
    conversation now, told of what is no more: the same cause made the same event there behind others."""
    journal = {kind: [one for one in lines if not gap.has(one["at"])] for kind, lines in after.journal.items()}
    places = {one.id: one.seq for one in timelines(after)}
    more = {
        "poison": [],
        "mail": after.lines("mail"),
        "hook": [one for one in after.lines("hook") if places.get(one["id"]) == one["sequence"]],
    }
    new: Counter[Dead] = Counter(after.dead) - Counter(before.dead)
    return replace(
        after,
        journal={**journal, **more},
        dead=list(new.elements()),
        deliveries={**after.deliveries, **dict.fromkeys(gap.left, "sent")},
    )


def unlike(
    conversations: Sequence[Mapping[str, Any]], loads: Mapping[str, int], counts: Mapping[str, int]
) -> list[str]:
    """Where what is drawn from the open conversations is not as they are: routing's `loads` by agent, which are in
    Redis, and the `counts` of the inbox list by its names."""
    carried = Counter(one["assignee_id"] for one in conversations if one["assignee_id"])
    by_brand = Counter(f"brand:{one['brand_id']}" for one in conversations)
    told = {agent: load for agent, load in loads.items() if load}
    shown = {name: count for name, count in counts.items() if count and name.startswith("brand:")}
    found = [f"{one} has {carried[one]}, told {told.get(one, 0)}" for one in _differing(carried, told)]
    return found + [f"{one} has {by_brand[one]}, told {shown.get(one, 0)}" for one in _differing(by_brand, shown)]


def _differing(one: Mapping[str, int], other: Mapping[str, int]) -> list[str]:
    return sorted(name for name in one.keys() | other.keys() if one.get(name, 0) != other.get(name, 0))
