"""Lengths of time as rules write them: ISO 8601 durations of days, hours and minutes, such as P3D or PT2H30M.

Months and years are left out: how long they are depends on when they begin.
"""

from __future__ import annotations

import re
from datetime import timedelta

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=366)
_WRITTEN = re.compile(r"P(?:(\d{1,4})W|(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?)?)", re.ASCII)


def spoken(length: timedelta) -> str:
    """As a sentence has it: "45 s", "15 min", "2 h", "3 days"; what is left over of the smaller unit is not said."""
    seconds = int(length.total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    if seconds < 7200:
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h" if seconds < 2 * 86_400 else f"{seconds // 86_400} days"


def read_duration(text: object) -> timedelta:
    """Raises ValueError with a sentence."""
    found = _WRITTEN.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        raise ValueError("A length of time is written as P3D (three days), PT2H (two hours) or PT30M (30 minutes).")
    weeks, days, hours, minutes = (int(one or 0) for one in found.groups())
    length = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes)
    if not SHORTEST <= length <= LONGEST:
        raise ValueError("A length of time is between a minute and 366 days.")
    return length
