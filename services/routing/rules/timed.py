"""Rules about how long ago something was: when their answer may become another one. Pure.

Such a rule is not asked again and again: from the times that it compares follow the moments at which one of its
comparisons turns, and it is asked then.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.routing.rules.compile import Compiled, Node
from services.routing.rules.durations import read_duration
from services.routing.rules.fields import Seen

AGO, AHEAD = frozenset({"longer_ago", "within_last"}), frozenset({"within_next", "further_ahead"})
TURNS = AGO | AHEAD
"""Operators whose answer changes as time passes, at a moment that is known."""
JUST = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`field` is a time's name; `apart` is less than 0 when it is asked how far ahead it is."""

    field: str
    apart: timedelta


def comparisons(compiled: Compiled) -> tuple[Comparison, ...]:
    """All of a rule's, in order."""
    return tuple(_walk(compiled.root)) if compiled.root else ()


def turns(asked: tuple[Comparison, ...], seen: Mapping[str, Seen]) -> list[datetime]:
    """When the answers turn. A millisecond later, as "longer ago than" means longer."""
    times = [(one, seen.get(one.field)) for one in asked]
    return [at for one, value in times if isinstance(value, datetime) for at in _turns(one, value)]


def moments(asked: tuple[Comparison, ...], seen: Mapping[str, Seen]) -> str:
    """What the rule compares, as a text that is another when one of the times is another."""
    values = {one.field: seen.get(one.field) for one in asked}
    told = (f"{name}={at.isoformat() if isinstance(at, datetime) else '-'}" for name, at in sorted(values.items()))
    return " ".join(told)


def _turns(one: Comparison, value: datetime) -> Iterator[datetime]:
    for apart in (timedelta(), one.apart):
        with contextlib.suppress(OverflowError):  # past the calendar's end it turns for nobody
            yield value + apart + JUST


def leaves(node: Node) -> Iterator[Node]:
    """The conditions in it."""
    if node.condition is not None:
        yield node
    for child in node.children:
        yield from leaves(child)


def _walk(root: Node) -> Iterator[Comparison]:
    for node in leaves(root):
        condition = node.condition
        if condition is not None and condition.operator in TURNS:
            apart = read_duration(condition.value)
            yield Comparison(condition.field, apart if condition.operator in AGO else -apart)
