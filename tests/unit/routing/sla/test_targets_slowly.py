"""Targets are breached just when counting minutes one by one says so, whatever is done to a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.routing.examples import AT, note, started
from tests.unit.routing.sla.reference import Slow
from tests.unit.routing.sla.story import MINUTE, OFFICE, Story, policy

STEPS = st.lists(
    st.tuples(st.sampled_from(["reply", "customer", "snooze", "wake", "close", "fire"]), st.integers(1, 900)),
    max_size=12,
)


@settings(max_examples=80)
@given(STEPS, st.integers(1, 200), st.booleans())
def test_as_counting_minutes_says(steps: Sequence[tuple[str, int]], goal: int, by_calendar: bool) -> None:
    """Each closed stretch of waiting, and the time to close, is told breached just when minutes say so."""
    under = policy(
        first_response_s=goal * 60,
        next_response_s=goal * 60,
        close_s=goal * 120,
        calendar_id="office" if by_calendar else None,
    )
    story, slow = Story(under), Slow(OFFICE) if by_calendar else None
    waits: datetime | None = AT
    replied_yet, status, minute = False, "open", 0
    spent = {"response": 0, "close": 0}
    breached = {"response": False, "close": False}
    story.go(started, 0)
    for step, later in steps:
        for at in (AT + (minute + n) * MINUTE for n in range(later)):
            counts = (slow.is_open(at) if slow else True) and status == "open"
            spent["response"] += counts and waits is not None
            spent["close"] += counts and waits is not None
        minute += later
        for what, limit in (("response", goal), ("close", 2 * goal)):
            breached[what] |= status != "closed" and spent[what] > limit
        was = status
        if step == "reply" and status != "closed":
            waits, replied_yet = None, True
        elif step == "customer":
            waits, status = waits or AT + minute * MINUTE, "open"
        elif step == "snooze" and status != "closed":
            status = "snoozed"
        elif step == "wake" and status == "snoozed":
            status = "open"
        elif step == "close":
            waits, status = None, "closed"
        now = {"waiting_since": waits, "first_reply_at": AT if replied_yet else None, "status": status}
        before = len(story.told)
        story.go(note, minute, **now)
        news = story.told[before:]
        for what, kinds in (("response", ("first_response", "next_response")), ("close", ("close",))):
            told = any(name == "Breached" and kind in kinds for name, kind in story.told)
            limit = goal if what == "response" else 2 * goal
            assert told or not breached[what], (what, story.told)
            if any(kind in kinds and name in ("Met", "Ended") for name, kind in news):
                spent[what] = 0
                story.told = [one for one in story.told if one[1] not in kinds]
                breached[what] = False
            elif not breached[what] and spent[what] < limit:
                assert not told, (what, story.told)
        if was == "closed" and status == "open":
            spent["close"] = 0
