"""Rules run over one event, in order, until one that matched says stop; and why they said what they said.

`RuleSet.run` keeps only what matched and the values seen. `explain` builds the full trace from those
afterwards, when somebody asks: evaluating is pure and versions are kept for ever, so it says the same.
What several rules need is asked once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.routing.rules.compile import Compiled, Joined, Node, Slots, compile_rule
from services.routing.rules.fields import FIELDS, Facts, Seen
from services.routing.rules.operators import Test, Values, prepare
from services.routing.rules.schema import Rule
from shared.contracts.base import Value

SeenValues = Mapping[str, Seen]


@dataclass(frozen=True, slots=True)
class Outcome:
    """`matched` in order. `looked_at`: how many rules of this event and brand were asked. `seen` by field."""

    matched: tuple[Rule, ...]
    looked_at: int
    seen: dict[str, Seen]


class ConditionTrace(Value):
    """One condition: what was asked, the value seen and whether it held."""

    place: str
    field: str
    operator: str
    value: bool | int | float | str | tuple[bool | int | float | str, ...] | None
    seen: bool | int | float | str | tuple[str, ...] | None
    held: bool


class GroupTrace(Value):
    place: str
    joined: Joined
    held: bool
    children: tuple[GroupTrace | ConditionTrace, ...]


class RuleTrace(Value):
    """A rule that was looked at. `conditions` is None for a rule that always matches."""

    rule_id: str
    name: str
    version: int
    matched: bool
    stopped: bool
    conditions: GroupTrace | None


@dataclass(frozen=True, slots=True)
class _Asked:
    """The rules of one event and brand, in order. Each gate is a condition that several of them can't do
    without, with those rules as bits: when it fails, none of them needs to be run."""

    rules: tuple[Compiled, ...]
    gates: tuple[tuple[Test, int], ...]

    def left(self, values: Values) -> Iterator[int]:
        """Which rules may still match, by place, in order."""
        left = (1 << len(self.rules)) - 1
        for test, needing in self.gates:
            if left & needing and not test(values):
                left &= ~needing
        while left:
            lowest = left & -left
            yield lowest.bit_length() - 1
            left ^= lowest


class RuleSet:
    """Enabled rules in order, compiled together. Raises Invalid for a rule that was never saved."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._slots = Slots()
        self._rules = tuple(compile_rule(rule, self._slots) for rule in rules if rule.enabled)
        self._layout = tuple((FIELDS[name], form) for name, form in self._slots.places)
        self._fields = tuple({field.name: field for field, _ in self._layout}.values())
        self._for: dict[tuple[str, str], _Asked] = {}

    def run(self, event: str, facts: Facts) -> Outcome:
        """Which rules match this event (its name) with these facts."""
        asked = self._asked(event, facts.head.brand_id)
        if not asked.rules:
            return Outcome((), 0, {})
        seen = {field.name: field.get(facts) for field in self._fields}
        values = self._prepare(seen)
        matched = []
        for place in asked.left(values):
            compiled = asked.rules[place]
            if compiled.test(values):
                matched.append(compiled.rule)
                if compiled.rule.stop:
                    return Outcome(tuple(matched), place + 1, seen)
        return Outcome(tuple(matched), len(asked.rules), seen)

    def explain(self, event: str, brand_id: str, looked_at: int, seen: SeenValues) -> tuple[RuleTrace, ...]:
        """The trace of an earlier run over the same rules."""
        values = self._prepare(seen)
        return tuple(_explain(rule, values, seen) for rule in self._asked(event, brand_id).rules[:looked_at])

    def _asked(self, event: str, brand_id: str) -> _Asked:
        found = self._for.get((event, brand_id))
        if found is None:
            rules = tuple(
                each
                for each in self._rules
                if event in each.rule.when and (not each.rule.brand_ids or brand_id in each.rule.brand_ids)
            )
            found = self._for[event, brand_id] = _Asked(rules, _gates(rules))
        return found

    def _prepare(self, seen: SeenValues) -> Values:
        return [prepare(seen.get(field.name), form, field.type) for field, form in self._layout]


def _gates(rules: Sequence[Compiled]) -> tuple[tuple[Test, int], ...]:
    """Conditions that two rules or more can't do without, the one that most rules need first."""
    needing: dict[tuple[object, ...], int] = {}
    tests: dict[tuple[object, ...], Test] = {}
    for place, compiled in enumerate(rules):
        for node in _needed(compiled.root) if compiled.root else ():
            if node.condition is not None:
                key = (node.condition.field, node.condition.operator, node.condition.value)
                needing[key] = needing.get(key, 0) | 1 << place
                tests[key] = node.test
    shared = [(key, bits) for key, bits in needing.items() if bits.bit_count() > 1]
    shared.sort(key=lambda pair: -pair[1].bit_count())
    return tuple((tests[key], bits) for key, bits in shared)


def _needed(node: Node) -> Iterator[Node]:
    """The conditions without which the node never holds."""
    if node.condition is not None:
        yield node
    elif node.joined == "all":
        for child in node.children:
            yield from _needed(child)


def _explain(compiled: Compiled, values: Values, seen: SeenValues) -> RuleTrace:
    matched = compiled.test(values)
    conditions = None
    if compiled.root is not None:
        trace = _explain_node(compiled.root, values, seen)
        conditions = trace if isinstance(trace, GroupTrace) else None
    rule = compiled.rule
    return RuleTrace(
        rule_id=rule.id,
        name=rule.name,
        version=rule.version,
        matched=matched,
        stopped=matched and rule.stop,
        conditions=conditions,
    )


def _explain_node(node: Node, values: Values, seen: SeenValues) -> GroupTrace | ConditionTrace:
    held = node.test(values)
    if node.condition is None:
        children = tuple(_explain_node(child, values, seen) for child in node.children)
        return GroupTrace(place=node.place, joined=node.joined or "all", held=held, children=children)
    asked = node.condition
    return ConditionTrace(
        place=node.place,
        field=asked.field,
        operator=asked.operator,
        value=asked.value,
        seen=_shown(seen.get(asked.field)),
        held=held,
    )


def _shown(value: Seen) -> bool | int | float | str | tuple[str, ...] | None:
    return value if value is None or isinstance(value, bool | int | float | str | tuple) else value.isoformat()


GroupTrace.model_rebuild()
