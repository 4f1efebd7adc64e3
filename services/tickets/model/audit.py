"""What a change of the configuration is, told field by field. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shared.contracts.audit import FieldChange
from shared.contracts.base import Event
from shared.contracts.directory import MacroChanged, SegmentChanged, SigningKeyChanged

_OURS = frozenset({"seq", "generation"})
"""Numbers that we give ourselves, and no one's decision."""
TOLD = frozenset({"password", "app_secret"})
"""Private fields whose change is told, never their values."""


def is_configuration(event: Event) -> bool:
    """Not a segment of contacts (whoever works with contacts makes those), our keys, nor macros: some are an agent's
    own, and what is done to the others is told by act."""
    return not isinstance(event, SegmentChanged | SigningKeyChanged | MacroChanged)


def changes(before: Event | None, after: Event, private: Iterable[str] = ()) -> tuple[FieldChange, ...]:
    """Every field that is not what it was, in the event's order; private ones by name alone."""
    was = before.model_dump(mode="json") if before else {}
    found = [
        FieldChange(field=name, before=was.get(name), after=value)
        for name, value in after.model_dump(mode="json").items()
        if name not in _OURS and was.get(name) != value
    ]
    found += [FieldChange(field=name, hidden=True) for name in sorted(TOLD & set(private))]
    return tuple(found)


def name_of(event: Event) -> str:
    """What people call it."""
    for field in ("name", "label"):
        found: Any = getattr(event, field, "")
        if found:
            return str(found)
    return "Desk"
