"""Rules run over one event, in order, until one that matched says stop; and why they said what they said.

`RuleSet.run` keeps only what matched and the values seen. `explain` builds the full trace from those
afterwards, when somebody asks: evaluating is pure and versions are kept for ever, so it says the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.routing.rules.compile import Compiled, Joined, Node, Slots, compile_rule
from services.routing.rules.fields import FIELDS, Facts, Seen
from services.routing.rules.operators import Values, prepare
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


class RuleSet:
    """Enabled rules in order, compiled together. Raises Invalid for a rule that was never saved."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._slots = Slots()
        self._rules = tuple(compile_rule(rule, self._slots) for rule in rules if rule.enabled)
        self._layout = tuple((FIELDS[name], form) for name, form in self._slots.places)
        self._fields = tuple({field.name: field for field, _ in self._layout}.values())
        self._for: dict[tuple[str, str], tuple[Compiled, ...]] = {}

    def run(self, event: str, facts: Facts) -> Outcome:
        """Which rules match this event (its name) with these facts."""
        rules = self._applying(event, facts.head.brand_id)
        if not rules:
            return Outcome((), 0, {})
        seen = {field.name: field.get(facts) for field in self._fields}
        values = self._prepare(seen)
        matched = []
        for n, compiled in enumerate(rules):
            if compiled.test(values):
                matched.append(compiled.rule)
                if compiled.rule.stop:
                    return Outcome(tuple(matched), n + 1, seen)
        return Outcome(tuple(matched), len(rules), seen)

    def explain(self, event: str, brand_id: str, looked_at: int, seen: SeenValues) -> tuple[RuleTrace, ...]:
        """The trace of an earlier run over the same rules."""
        values = self._prepare(seen)
        return tuple(_explain(rule, values, seen) for rule in self._applying(event, brand_id)[:looked_at])

    def _applying(self, event: str, brand_id: str) -> tuple[Compiled, ...]:
        found = self._for.get((event, brand_id))
        if found is None:
            found = self._for[event, brand_id] = tuple(
                each
                for each in self._rules
                if event in each.rule.when and (not each.rule.brand_ids or brand_id in each.rule.brand_ids)
            )
        return found

    def _prepare(self, seen: SeenValues) -> Values:
        return [prepare(seen.get(field.name), form, field.type) for field, form in self._layout]


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
