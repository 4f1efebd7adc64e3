"""The only place that asks for the time, so that everything else is told it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def now() -> datetime:
    """UTC, cut to milliseconds: MongoDB keeps no more, and state read back must equal state written."""
    at = datetime.now(UTC)
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
