"""Two versions held against each other: what is different, and where. Pure; takes JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, Literal

from shared.contracts.base import Value

Kind = Literal["added", "removed", "changed"]


class Difference(Value):
    """`place`: "if.all.0.value"; in a list the number that it has in the version where it is."""

    place: str
    kind: Kind
    before: Any = None
    after: Any = None


def diff(before: Any, after: Any, place: str = "") -> tuple[Difference, ...]:
    """Nothing when they say the same. What moved within a list is told as removed and added."""
    return tuple(_diff(before, after, place))


def _diff(before: Any, after: Any, place: str) -> Iterator[Difference]:
    if _text(before) == _text(after):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in dict.fromkeys((*before, *after)):
            yield from _field(before, after, name, _inside(place, name))
    elif isinstance(before, list | tuple) and isinstance(after, list | tuple):
        yield from _list(before, after, place)
    elif before is None:
        yield Difference(place=place, kind="added", after=after)
    elif after is None:
        yield Difference(place=place, kind="removed", before=before)
    else:
        yield Difference(place=place, kind="changed", before=before, after=after)


def _field(before: Mapping[str, Any], after: Mapping[str, Any], name: str, place: str) -> Iterator[Difference]:
    if name not in after:
        yield Difference(place=place, kind="removed", before=before[name])
    elif name not in before:
        yield Difference(place=place, kind="added", after=after[name])
    else:
        yield from _diff(before[name], after[name], place)


def _list(before: Sequence[Any], after: Sequence[Any], place: str) -> Iterator[Difference]:
    """One that came in between does not make all after it look changed."""
    old, new = [[_text(one) for one in side] for side in (before, after)]
    for what, i, i_end, j, j_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            continue
        pairs = min(i_end - i, j_end - j)
        for n in range(pairs):
            yield from _diff(before[i + n], after[j + n], _inside(place, str(j + n)))
        for n in range(i + pairs, i_end):
            yield Difference(place=_inside(place, str(n)), kind="removed", before=before[n])
        for n in range(j + pairs, j_end):
            yield Difference(place=_inside(place, str(n)), kind="added", after=after[n])


def _inside(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _text(value: Any) -> str:
    """True is not 1 here, as it is in Python."""
    return json.dumps(value, sort_keys=True)
