"""The values of one event in the forms that operators compare, each prepared once for all rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal

from services.routing.rules.facts import zone_named
from services.routing.rules.fields import AT, CHANGED, ZONE, Field, Seen, Type

Form = Literal["raw", "folded", "utf8", "changed", "age_s", "days_ago"]
SeenValues = Mapping[str, Seen]
UNCHANGED = object()
"""In the place of a value that is as it was; equal to nothing."""

ASKS: dict[Form, tuple[str, ...]] = {"changed": (CHANGED,), "age_s": (AT,), "days_ago": (AT, ZONE)}
"""Other fields that must be seen for a form."""

Prepare = Callable[[SeenValues], Any]


def prepare(value: Seen, form: Form, type_: Type) -> Any:
    """One value in a form that needs no other. Used for constants."""
    if form == "folded":
        if type_ == "texts":
            return frozenset(one.casefold() for one in value) if isinstance(value, tuple) else frozenset()
        return value.casefold() if isinstance(value, str) else ""
    if form == "utf8":
        return value.encode(errors="replace") if isinstance(value, str) else b""
    return value


def preparing(field: Field, form: Form) -> Prepare:
    """How the field's value is prepared, from all that was seen: chosen once and not at each event.

    `age_s`: seconds since then, `days_ago`: calendar days since then where the brand is; both less than 0 for
    what is to come and None for what is not set.
    """
    name, type_ = field.name, field.type
    match form:
        case "raw":
            return lambda seen: seen.get(name)
        case "changed":
            kept: Form = "folded" if type_ == "text" else "raw"
            return lambda seen: prepare(seen.get(name), kept, type_) if _changed(seen, name) else UNCHANGED
        case "age_s":
            return lambda seen: _age_s(seen.get(name), seen.get(AT))
        case "days_ago":
            return lambda seen: _days_ago(seen.get(name), seen.get(AT), str(seen.get(ZONE)))
    return lambda seen: prepare(seen.get(name), form, type_)


def _changed(seen: SeenValues, name: str) -> bool:
    changed = seen.get(CHANGED)
    return isinstance(changed, tuple) and name in changed


def _age_s(value: Seen, at: Seen) -> float | None:
    return (at - value).total_seconds() if isinstance(value, datetime) and isinstance(at, datetime) else None


def _days_ago(value: Seen, at: Seen, zone: str) -> int | None:
    if not isinstance(value, datetime) or not isinstance(at, datetime):
        return None
    here = zone_named(zone)
    return (at.astimezone(here).date() - value.astimezone(here).date()).days
