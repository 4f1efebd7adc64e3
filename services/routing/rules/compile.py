"""A rule checked and made quick when it is saved; refused, with every place named, when it can't be read.

Conditions become closures over prepared values (`operators`), groups closures over those. A rule that was
once saved always compiles again, so nothing is ever skipped in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isfinite
from typing import Any, Literal, get_args

import re2

from services.routing.rules.fields import FIELDS, Field, Type
from services.routing.rules.operators import (
    JOIN,
    OPERATORS,
    PATTERN_LIMIT,
    Form,
    Operator,
    Test,
    always,
    never,
    pattern,
    prepare,
)
from services.routing.rules.schema import Assign, AssignTo, Condition, Group, Rule, RuleDraft, Topic
from shared.errors import FieldError, Invalid

MAX_CONDITIONS = 200
MAX_DEPTH = 8
Joined = Literal["all", "any", "none"]
JOINED: tuple[Joined, ...] = get_args(Joined)


@dataclass(frozen=True)
class Known:
    """What the directory knows; anything else is refused when a rule is saved. `brands`: each with its topics."""

    brands: Mapping[str, Collection[str]]
    teams: Collection[str]
    agents: Collection[str]


@dataclass(frozen=True, slots=True)
class Node:
    """A compiled condition or group. `place` as in an error, such as `if.all[1].any[0]`. `cost`: how slow the
    test is, roughly; a group asks its cheap children first, which changes nothing else as they are pure."""

    place: str
    test: Test
    cost: int = 0
    condition: Condition | None = None
    joined: Joined | None = None
    children: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Compiled:
    """`test` over the values laid out by `slots`; `root` is None for a rule that always holds."""

    rule: Rule
    test: Test
    root: Node | None


@dataclass
class Slots:
    """Where each (field, form) lies among an event's values; shared by all the rules of a set."""

    places: dict[tuple[str, Form], int] = field(default_factory=dict)

    def place(self, name: str, form: Form) -> int:
        return self.places.setdefault((name, form), len(self.places))


def check(draft: RuleDraft, known: Known) -> None:
    """Raises Invalid("invalid_rule") with a FieldError for everything that is wrong with the draft."""
    walk = _Walk(Slots(), known)
    _root(draft, walk)
    _check_names(draft, known, walk)
    if walk.errors:
        raise Invalid("invalid_rule", _sentence(walk.errors), tuple(walk.errors))


def compile_rule(rule: Rule, slots: Slots) -> Compiled:
    """Raises Invalid when the rule was never saved. Ids are not looked up: a team may have gone since."""
    walk = _Walk(slots, None)
    root = _root(rule, walk)
    if walk.errors:
        raise Invalid("invalid_rule", _sentence(walk.errors), tuple(walk.errors))
    return Compiled(rule, root.test if root else always, root)


class _Refused(Exception):
    """One condition can't be read; the walk goes on to find the others."""


@dataclass
class _Walk:
    slots: Slots
    known: Known | None
    errors: list[FieldError] = field(default_factory=list)
    conditions: int = 0

    def refuse(self, place: str, message: str) -> None:
        self.errors.append(FieldError(place, message))

    def group(self, group: Group, place: str, depth: int) -> Node:
        named = [(word, nodes) for word in JOINED if (nodes := getattr(group, word)) is not None]
        if len(named) != 1:
            self.refuse(place, "A group has exactly one of all, any and none.")
            return Node(place, never)
        joined, nodes = named[0]
        inside = f"{place}.{joined}"
        if not nodes:
            self.refuse(inside, "Put at least one condition into the group, or remove it; null means always.")
            return Node(place, never)
        if depth > MAX_DEPTH:
            self.refuse(inside, f"Groups can be nested {MAX_DEPTH} deep.")
            return Node(place, never)
        children = tuple(self.node(node, f"{inside}[{n}]", depth) for n, node in enumerate(nodes))
        cheap_first = sorted(children, key=lambda child: child.cost)
        test = JOIN[joined]([child.test for child in cheap_first])
        return Node(place, test, sum(child.cost for child in children), None, joined, children)

    def node(self, node: Group | Condition, place: str, depth: int) -> Node:
        if isinstance(node, Group):
            return self.group(node, place, depth + 1)
        self.conditions += 1
        if self.conditions == MAX_CONDITIONS + 1:
            self.refuse(place, f"A rule has at most {MAX_CONDITIONS} conditions.")
        try:
            operator, test = self.condition(node, place)
        except _Refused:
            return Node(place, never, condition=node)
        return Node(place, test, operator.cost, node)

    def condition(self, condition: Condition, place: str) -> tuple[Operator, Test]:
        asked = FIELDS.get(condition.field)
        if asked is None:
            raise self._no(f"{place}.field", f'There is no field "{condition.field}".')
        operator = OPERATORS[asked.type].get(condition.operator)
        if operator is None:
            can = ", ".join(OPERATORS[asked.type])
            raise self._no(f"{place}.operator", f'{asked.label} has no operator "{condition.operator}"; it has {can}.')
        constant = self.constant(asked, operator, condition.value, f"{place}.value")
        return operator, operator.make(self.slots.place(asked.name, operator.form), constant)

    def constant(self, asked: Field, operator: Operator, value: Any, place: str) -> Any:
        if operator.takes == "none":
            if value is not None:
                raise self._no(place, f'"{operator.label}" takes no value.')
            return None
        if operator.takes == "many":
            if not isinstance(value, tuple) or not value:
                raise self._no(place, f'"{operator.label}" takes a list with at least one value.')
            return frozenset(self.one(asked, operator, each, f"{place}[{n}]") for n, each in enumerate(value))
        if operator.takes == "pattern":
            return self.pattern(value, place)
        return self.one(asked, operator, value, place)

    def one(self, asked: Field, operator: Operator, value: Any, place: str) -> Any:
        expected, fits = _KINDS[asked.type]
        if not fits(value):
            raise self._no(place, f"{asked.label} is compared with {expected}.")
        if asked.choices and value not in asked.choices:
            raise self._no(place, f'There is no "{value}"; it is one of {", ".join(asked.choices)}.')
        if asked.refers and self.known and value not in getattr(self.known, f"{asked.refers}s"):
            raise self._no(place, f'There is no {asked.refers} "{value}".')
        if asked.type == "time":
            return datetime.fromisoformat(value).astimezone(UTC)
        return prepare(value, operator.form, "text") if isinstance(value, str) else value

    def pattern(self, value: Any, place: str) -> Callable[[bytes], object]:
        if not isinstance(value, str) or not value:
            raise self._no(place, "A pattern is a text.")
        if len(value) > PATTERN_LIMIT:
            raise self._no(place, f"A pattern has at most {PATTERN_LIMIT} characters.")
        try:
            return pattern(value)
        except re2.error as error:
            reason = error.args[0].decode(errors="replace") if isinstance(error.args[0], bytes) else error
            raise self._no(place, f"This pattern can't be read (RE2 syntax): {reason}.") from None

    def _no(self, place: str, message: str) -> _Refused:
        self.refuse(place, message)
        return _Refused()


def _root(draft: RuleDraft, walk: _Walk) -> Node | None:
    return None if draft.conditions is None else walk.group(draft.conditions, "if", 1)


def _check_names(draft: RuleDraft, known: Known, walk: _Walk) -> None:
    for n, brand in enumerate(draft.brand_ids):
        if brand not in known.brands:
            walk.refuse(f"brand_ids[{n}]", f'There is no brand "{brand}".')
    for n, action in enumerate(draft.then):
        if isinstance(action, Assign) and action.team_id not in known.teams:
            walk.refuse(f"then[{n}].team_id", f'There is no team "{action.team_id}".')
        if isinstance(action, AssignTo) and action.agent_id not in known.agents:
            walk.refuse(f"then[{n}].agent_id", f'There is no agent "{action.agent_id}".')
        if isinstance(action, Topic) and not any(
            action.topic in known.brands.get(brand, ()) for brand in draft.brand_ids or known.brands
        ):
            walk.refuse(f"then[{n}].topic", f'No brand of this rule has the topic "{action.topic}".')
    if not draft.then and not draft.stop:
        walk.refuse("then", "Give the rule something to do, or let it stop the rules after it.")


def _sentence(errors: Sequence[FieldError]) -> str:
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"The rule can't be saved: {errors[0].path}: {errors[0].message}{more}"


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


_KINDS: dict[Type, tuple[str, Callable[[Any], bool]]] = {
    "text": ("a text that is not empty", _is_text),
    "texts": ("a text that is not empty", _is_text),
    "choice": ("one of its values", _is_text),
    "number": ("a number", _is_number),
    "flag": ("true or false", lambda value: isinstance(value, bool)),
    "time": ("a time with a zone, such as 2026-01-31T09:00:00Z", _is_time),
}
