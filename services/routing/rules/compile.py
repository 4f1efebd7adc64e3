"""A rule checked and made quick when it is saved; refused, with every place named, when it can't be read.

Conditions become closures over prepared values (`operators`), groups closures over those. A rule that was
once saved always compiles again, so nothing is ever skipped in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, get_args

import re2

from services.routing.rules.check_assign import check_assign
from services.routing.rules.check_outward import check_outward, named
from services.routing.rules.durations import read_duration
from services.routing.rules.fields import FIELDS, Field
from services.routing.rules.kinds import KINDS, is_date
from services.routing.rules.later import check_forgotten, check_later
from services.routing.rules.operators import (
    JOIN,
    OPERATORS,
    PATTERN_LIMIT,
    Operator,
    Test,
    always,
    never,
    pattern,
    unless_hidden,
)
from services.routing.rules.own import attribute_field
from services.routing.rules.schema import (
    Attribute,
    Condition,
    Group,
    Rule,
    RuleDraft,
    RuleField,
    Snooze,
    Topic,
    UseSla,
)
from services.routing.rules.values import Form, prepare
from shared.contracts.deliveries import EndpointChanged
from shared.contracts.directory import MacroChanged, TicketTypeChanged
from shared.errors import FieldError, Invalid

MAX_CONDITIONS = 200
MAX_DEPTH = 8
Joined = Literal["all", "any", "none"]
JOINED: tuple[Joined, ...] = get_args(Joined)


@dataclass(frozen=True)
class Known:
    """What there is; anything else is refused when a rule is saved. `brands`: each with its topics. `attributes`: the
    desk's own and the fields of tickets' forms. `skills`: by team, those that somebody of it has."""

    brands: Mapping[str, Collection[str]]
    teams: Collection[str]
    agents: Collection[str]
    attributes: Collection[RuleField] = ()
    policies: Collection[str] = ()
    calendars: Collection[str] = ()
    macros: Mapping[str, MacroChanged] = field(default_factory=dict)
    ticket_types: Mapping[str, TicketTypeChanged] = field(default_factory=dict)
    skills: Mapping[str, Collection[str]] = field(default_factory=dict)
    webhooks: Mapping[str, EndpointChanged] = field(default_factory=dict)


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

    places: dict[tuple[Field, Form], int] = field(default_factory=dict)

    def place(self, asked: Field, form: Form) -> int:
        return self.places.setdefault((asked, form), len(self.places))


def check(draft: RuleDraft, known: Known) -> tuple[RuleField, ...]:
    """The desk's own attributes that the draft asks about, to be kept with it. Raises Invalid("invalid_rule") with a
    FieldError for everything that is wrong with the draft."""
    slots = Slots()
    walk = _Walk(slots, known, own_fields(known.attributes))
    _root(draft, walk)
    _check_names(draft, known, walk)
    forgotten = check_forgotten(draft, {**FIELDS, **walk.own}, known.ticket_types)
    for error in (*check_assign(draft, known), *check_later(draft), *forgotten, *check_outward(draft, known, walk.own)):
        walk.refuse(error.path, error.message)
    if walk.errors:
        raise Invalid("invalid_rule", _sentence(walk.errors), tuple(walk.errors))
    asked = {one.name for one, _ in slots.places} | named(draft)
    return tuple(one for one in known.attributes if one.name in asked)


def compile_rule(rule: Rule, slots: Slots) -> Compiled:
    """Raises Invalid when the rule was never saved. Ids are not looked up: a team may have gone since."""
    walk = _Walk(slots, None, own_fields(rule.fields))
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
    own: Mapping[str, Field]
    errors: list[FieldError] = field(default_factory=list)
    conditions: int = 0

    def refuse(self, place: str, message: str) -> None:
        self.errors.append(FieldError(place, message))

    def group(self, group: Group, place: str, depth: int, *, denied: bool = False) -> Node:
        """`denied`: inside an odd number of none-groups, where what does not hold is what matches."""
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
        denied = denied != (joined == "none")
        children = tuple(self.node(node, f"{inside}[{n}]", depth, denied=denied) for n, node in enumerate(nodes))
        cheap_first = sorted(children, key=lambda child: child.cost)
        test = JOIN[joined]([child.test for child in cheap_first])
        return Node(place, test, sum(child.cost for child in children), None, joined, children)

    def node(self, node: Group | Condition, place: str, depth: int, *, denied: bool) -> Node:
        if isinstance(node, Group):
            return self.group(node, place, depth + 1, denied=denied)
        self.conditions += 1
        if self.conditions == MAX_CONDITIONS + 1:
            self.refuse(place, f"A rule has at most {MAX_CONDITIONS} conditions.")
        try:
            operator, test = self.condition(node, place, denied=denied)
        except _Refused:
            return Node(place, never, condition=node)
        return Node(place, test, operator.cost, node)

    def condition(self, condition: Condition, place: str, *, denied: bool) -> tuple[Operator, Test]:
        """What is not known, of a ticket or of who is there, makes no rule match, however it is asked for."""
        asked = FIELDS.get(condition.field) or self.own.get(condition.field)
        if asked is None:
            raise self._no(f"{place}.field", f'There is no field "{condition.field}".')
        operator = OPERATORS[asked.type].get(condition.operator)
        if operator is None:
            can = ", ".join(OPERATORS[asked.type])
            raise self._no(f"{place}.operator", f'{asked.label} has no operator "{condition.operator}"; it has {can}.')
        if operator.form == "changed" and not asked.changes:
            raise self._no(f"{place}.operator", f"No event says that {asked.label} changed.")
        constant = self.constant(asked, operator, condition.value, f"{place}.value")
        test = operator.make(self.slots.place(asked, operator.form), constant)
        if asked.hidden_by:
            test = unless_hidden(self.slots.place(asked.hidden_by, "raw"), test, otherwise=denied)
        return operator, test

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
        if operator.takes == "duration":
            try:
                return read_duration(value)
            except ValueError as error:
                raise self._no(place, str(error)) from None
        return self.one(asked, operator, value, place)

    def one(self, asked: Field, operator: Operator, value: Any, place: str) -> Any:
        expected, fits = KINDS[asked.type]
        if not fits(value):
            raise self._no(place, f"{asked.label} is compared with {expected}.")
        if asked.choices and value not in asked.choices:
            raise self._no(place, f'There is no "{value}"; it is one of {", ".join(asked.choices)}.')
        if asked.refers and self.known and value not in getattr(self.known, f"{asked.refers}s"):
            raise self._no(place, f'There is no {asked.refers.replace("_", " ")} "{value}".')
        if asked.type == "time":
            return datetime.fromisoformat(value).astimezone(UTC)
        if operator.form == "changed":
            return prepare(value, "folded", "text") if asked.type == "text" else value
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


def own_fields(fields: Collection[RuleField]) -> dict[str, Field]:
    return {one.name: attribute_field(one) for one in fields}


def _root(draft: RuleDraft, walk: _Walk) -> Node | None:
    return None if draft.conditions is None else walk.group(draft.conditions, "if", 1)


def _check_names(draft: RuleDraft, known: Known, walk: _Walk) -> None:
    for n, brand in enumerate(draft.brand_ids):
        if brand not in known.brands:
            walk.refuse(f"brand_ids[{n}]", f'There is no brand "{brand}".')
    for n, action in enumerate(draft.then):
        if isinstance(action, UseSla) and action.policy_id not in known.policies:
            walk.refuse(f"then[{n}].policy_id", f'There is no service level policy "{action.policy_id}".')
        if isinstance(action, Topic) and not any(
            action.topic in known.brands.get(brand, ()) for brand in draft.brand_ids or known.brands
        ):
            walk.refuse(f"then[{n}].topic", f'No brand of this rule has the topic "{action.topic}".')
        if isinstance(action, Attribute):
            _check_attribute(action, f"then[{n}]", known, walk)
        if isinstance(action, Snooze):
            try:
                read_duration(action.length)
            except ValueError as error:
                walk.refuse(f"then[{n}].for", str(error))
    if not draft.then and not draft.stop:
        walk.refuse("then", "Give the rule something to do, or let it stop the rules after it.")


def _check_attribute(action: Attribute, place: str, known: Known, walk: _Walk) -> None:
    own = {one.id: attribute_field(one) for one in known.attributes if one.applies_to == "conversation"}
    asked = own.get(action.attribute_id)
    if asked is None:
        walk.refuse(f"{place}.attribute_id", f'Conversations have no attribute "{action.attribute_id}".')
        return
    if action.value is None:
        return
    expected, fits = KINDS[asked.type] if asked.type != "time" else ("a date, such as 2026-01-31", is_date)
    if not fits(action.value):
        walk.refuse(f"{place}.value", f"{asked.label} is set to {expected}.")
    elif asked.choices and action.value not in asked.choices:
        walk.refuse(f"{place}.value", f'There is no "{action.value}"; it is one of {", ".join(asked.choices)}.')


def _sentence(errors: Sequence[FieldError]) -> str:
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"The rule can't be saved: {errors[0].path}: {errors[0].message}{more}"
