"""What a field may be compared with or set to, by its type."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from math import isfinite
from typing import Any

from services.routing.rules.fields import Type


def is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _is_time(value: Any) -> bool:
    try:
        if not isinstance(value, str) or (at := datetime.fromisoformat(value)).tzinfo is None:
            return False
        at.astimezone(UTC)
    except (ValueError, OverflowError):
        return False
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


KINDS: dict[Type, tuple[str, Callable[[Any], bool]]] = {
    "text": ("a text that is not empty", _is_text),
    "texts": ("a text that is not empty", _is_text),
    "choice": ("one of its values", _is_text),
    "number": ("a number", _is_number),
    "flag": ("true or false", lambda value: isinstance(value, bool)),
    "time": ("a time with a zone, such as 2026-01-31T09:00:00Z", _is_time),
}
