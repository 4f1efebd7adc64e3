"""How a field can be asked, by its type. Text is compared without regard to case.

What is not set is never equal to, greater, less, before or after anything, contains nothing, and passes
"is not", "does not contain", "not in" and "is not set". In particular an unset number is not 0.

"has just changed" is asked of the event: whether it left the field otherwise than it was. Times can be compared with
the time of the event ("within the last", "longer ago than"), by the brand's calendar for "today".

Values are prepared once per event in the `Form` that an operator wants, so that a test is one comparison:
folded text is "" when unset and sets are empty, choices, numbers and times are None.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import re2

from services.routing.rules.fields import Type
from services.routing.rules.values import UNCHANGED, Form

Values = Sequence[Any]
"""The prepared values of one event, one per (field, form) that the rules use."""
Test = Callable[[Values], bool]
Takes = Literal["one", "many", "none", "pattern", "duration"]

PATTERN_LIMIT = 500
_PATTERN_MEMORY_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Operator:
    """`make(i, constant)` gives the test over place `i` of the values; the constant is prepared already.
    `cost` 1: looks at one value; more: goes through a text."""

    name: str
    label: str
    takes: Takes
    make: Callable[[int, Any], Test]
    form: Form = "raw"
    cost: int = 1


def pattern(text: str) -> Callable[[bytes], object]:
    """An RE2 search (linear in the text, bounded memory), without regard to case. Raises re2.error."""
    options = re2.Options()
    options.case_sensitive = False
    options.max_mem = _PATTERN_MEMORY_BYTES
    options.log_errors = False
    search: Callable[[bytes], object] = re2.compile(text.encode(), options).search
    return search


def _is(i: int, k: Any) -> Test:
    return lambda v: v[i] == k


def _is_not(i: int, k: Any) -> Test:
    return lambda v: v[i] != k


def _in(i: int, k: Any) -> Test:
    return lambda v: v[i] in k


def _not_in(i: int, k: Any) -> Test:
    return lambda v: v[i] not in k


def _contains(i: int, k: Any) -> Test:
    return lambda v: k in v[i]


def _not_contains(i: int, k: Any) -> Test:
    return lambda v: k not in v[i]


def _starts_with(i: int, k: str) -> Test:
    return lambda v: v[i].startswith(k)


def _ends_with(i: int, k: str) -> Test:
    return lambda v: v[i].endswith(k)


def _matches(i: int, search: Callable[[bytes], object]) -> Test:
    return lambda v: bool(v[i]) and search(v[i]) is not None


def _contains_any(i: int, k: frozenset[str]) -> Test:
    return lambda v: not k.isdisjoint(v[i])


def _contains_all(i: int, k: frozenset[str]) -> Test:
    return lambda v: k <= v[i]


def _contains_none(i: int, k: frozenset[str]) -> Test:
    return lambda v: k.isdisjoint(v[i])


def _greater(i: int, k: float | datetime) -> Test:
    return lambda v: (x := v[i]) is not None and x > k


def _less(i: int, k: float | datetime) -> Test:
    return lambda v: (x := v[i]) is not None and x < k


def _is_set(i: int, _: None) -> Test:
    return lambda v: (x := v[i]) is not None and x != "" and x != frozenset()


def _is_not_set(i: int, _: None) -> Test:
    return lambda v: (x := v[i]) is None or x == "" or x == frozenset()


def _at_least(i: int, k: float) -> Test:
    return lambda v: (x := v[i]) is not None and x >= k


def _at_most(i: int, k: float) -> Test:
    return lambda v: (x := v[i]) is not None and x <= k


def _changed(i: int, _: None) -> Test:
    return lambda v: v[i] is not UNCHANGED


def _within_last(i: int, k: timedelta) -> Test:
    most = k.total_seconds()
    return lambda v: (x := v[i]) is not None and 0 <= x <= most


def _longer_ago(i: int, k: timedelta) -> Test:
    most = k.total_seconds()
    return lambda v: (x := v[i]) is not None and x > most


def _within_next(i: int, k: timedelta) -> Test:
    most = k.total_seconds()
    return lambda v: (x := v[i]) is not None and 0 <= -x <= most


def _further_ahead(i: int, k: timedelta) -> Test:
    most = k.total_seconds()
    return lambda v: (x := v[i]) is not None and -x > most


def _today(i: int, _: None) -> Test:
    return lambda v: v[i] == 0


def _yesterday(i: int, _: None) -> Test:
    return lambda v: v[i] == 1


def _set_or_not(form: Form) -> tuple[Operator, ...]:
    return (
        Operator("is_set", "is set", "none", _is_set, form),
        Operator("is_not_set", "is not set", "none", _is_not_set, form),
    )


_CHANGED = Operator("changed", "has just changed", "none", _changed, "changed")
_CHANGED_TO = Operator("changed_to", "has just changed to", "one", _is, "changed")
_EQUAL = (Operator("is", "is", "one", _is), Operator("is_not", "is not", "one", _is_not))

_BY_TYPE: dict[Type, tuple[Operator, ...]] = {
    "text": (
        Operator("is", "is", "one", _is, "folded"),
        Operator("is_not", "is not", "one", _is_not, "folded"),
        Operator("contains", "contains", "one", _contains, "folded", 3),
        Operator("not_contains", "does not contain", "one", _not_contains, "folded", 3),
        Operator("starts_with", "starts with", "one", _starts_with, "folded"),
        Operator("ends_with", "ends with", "one", _ends_with, "folded"),
        Operator("matches", "matches the pattern", "pattern", _matches, "utf8", 20),
        Operator("in", "is one of", "many", _in, "folded"),
        Operator("not_in", "is none of", "many", _not_in, "folded"),
        *_set_or_not("folded"),
        _CHANGED,
        _CHANGED_TO,
    ),
    "texts": (
        Operator("contains", "contains", "one", _contains, "folded"),
        Operator("not_contains", "does not contain", "one", _not_contains, "folded"),
        Operator("contains_any", "contains any of", "many", _contains_any, "folded"),
        Operator("contains_all", "contains all of", "many", _contains_all, "folded"),
        Operator("contains_none", "contains none of", "many", _contains_none, "folded"),
        *_set_or_not("folded"),
        _CHANGED,
    ),
    "choice": (
        *_EQUAL,
        Operator("in", "is one of", "many", _in),
        Operator("not_in", "is none of", "many", _not_in),
        *_set_or_not("raw"),
        _CHANGED,
        _CHANGED_TO,
    ),
    "number": (
        *_EQUAL,
        Operator("greater", "is greater than", "one", _greater),
        Operator("less", "is less than", "one", _less),
        Operator("at_least", "is at least", "one", _at_least),
        Operator("at_most", "is at most", "one", _at_most),
        Operator("in", "is one of", "many", _in),
        Operator("not_in", "is none of", "many", _not_in),
        *_set_or_not("raw"),
        _CHANGED,
        _CHANGED_TO,
    ),
    "flag": (*_EQUAL, *_set_or_not("raw"), _CHANGED, _CHANGED_TO),
    "time": (
        Operator("before", "is before", "one", _less),
        Operator("after", "is after", "one", _greater),
        Operator("within_last", "is within the last", "duration", _within_last, "age_s"),
        Operator("longer_ago", "is longer ago than", "duration", _longer_ago, "age_s"),
        Operator("within_next", "is within the next", "duration", _within_next, "age_s"),
        Operator("further_ahead", "is further ahead than", "duration", _further_ahead, "age_s"),
        Operator("today", "is today", "none", _today, "days_ago"),
        Operator("yesterday", "was yesterday", "none", _yesterday, "days_ago"),
        *_set_or_not("raw"),
        _CHANGED,
    ),
}

OPERATORS: dict[Type, dict[str, Operator]] = {
    type_: {operator.name: operator for operator in operators} for type_, operators in _BY_TYPE.items()
}


def unless_hidden(hidden: int, test: Test, *, otherwise: bool) -> Test:
    """The test, or `otherwise` where what it asks about is hidden (place `hidden` of the values)."""
    return lambda v: otherwise if v[hidden] else test(v)


def always(_: Values) -> bool:
    return True


def never(_: Values) -> bool:
    return False


def _all(tests: Sequence[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    first, *rest = tests

    def holds(values: Values) -> bool:
        if not first(values):
            return False
        for test in rest:  # noqa: SIM110 - a generator costs three times as much
            if not test(values):
                return False
        return True

    return holds


def _any(tests: Sequence[Test]) -> Test:
    def holds(values: Values) -> bool:
        for test in tests:  # noqa: SIM110
            if test(values):
                return True
        return False

    return holds


def _none(tests: Sequence[Test]) -> Test:
    some = _any(tests)
    return lambda values: not some(values)


JOIN: dict[str, Callable[[Sequence[Test]], Test]] = {"all": _all, "any": _any, "none": _none}
