"""The table: each row's name, what is counted in it, and what it must be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.chaos.checker import outward, streams, timelines
from tests.chaos.checker.evidence import Evidence

SETTLED_WITHIN_S = 60.0
EXAMPLES = 5


def faults(
    evidence: Evidence, watched: str, browsers: Sequence[Mapping[str, Sequence[str]]] = ()
) -> dict[str, list[str]]:
    """By row, one sentence for each thing that is not as promised."""
    return {
        "accepted and missing from a timeline": timelines.missing(evidence),
        "in a timeline twice": timelines.twice(evidence),
        "messages of one thread in several conversations": timelines.torn(evidence),
        "events of one conversation out of order or with a gap on the topic": streams.out_of_order(evidence),
        "events in a log and not on the topic, or the reverse": streams.differences(evidence),
        "replies to a customer sent twice without a crash in the send itself": outward.replies_twice(evidence),
        "records neither applied nor in a dead-letter topic": streams.neither(evidence),
        "records that can be read in a dead-letter topic": streams.put_aside_though_good(evidence),
        "replies that did not leave": outward.replies_missing(evidence),
        "webhooks missing or out of order": outward.hooks_missing(evidence, watched),
        "webhooks told twice without a crash": outward.hooks_twice(evidence),
        "events missing in a live browser": [one for seen in browsers for one in seen["missing"]],
        "events twice in a live browser": [one for seen in browsers for one in seen["twice"]],
        "events in the browser of somebody who may not see them": [one for seen in browsers for one in seen["others"]],
        "inputs refused for good, or rejected": timelines.refused(evidence),
        "members that did not leave when asked": [
            f"{one['whom']} was there {one['seconds']:.0f} s after SIGTERM" for one in evidence.lines("late")
        ],
    }


def table(found: Mapping[str, Sequence[str]], settled_s: float) -> dict[str, Any]:
    """The rows as numbers; the last one in seconds."""
    row = "seconds after the last fault until lag is zero and every service is ready"
    return {name: len(one) for name, one in found.items()} | {row: round(settled_s, 1)}


def kept(found: Mapping[str, Sequence[str]], settled_s: float) -> bool:
    """Whether every row is as it must be."""
    return not any(found.values()) and settled_s < SETTLED_WITHIN_S


def examples(found: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The first few sentences of each row that is off."""
    return {name: list(one[:EXAMPLES]) for name, one in found.items() if one}
