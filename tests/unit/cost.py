"""What a piece of work costs, counted and not timed: it is the same on a busy machine."""

from __future__ import annotations

import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

MIB = 1024 * 1024


class TooMuch(AssertionError):
    """More function calls than were allowed: it would go on for very long, or for ever."""


@contextmanager
def bounded(*, calls: int, peak: int) -> Iterator[None]:
    """What is done within makes at most so many function calls, Python's and C's, and holds at most `peak` bytes more
    than before. It is ended as soon as it makes one more."""
    made = 0

    def count(_frame: FrameType, event: str, _about: Any) -> None:
        nonlocal made
        if event in ("call", "c_call"):
            made += 1
            if made > calls:
                raise TooMuch(f"more than {calls} calls")

    before = sys.getprofile()
    tracemalloc.start()
    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(before)
        _, held = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert held < peak, f"{held} bytes"
