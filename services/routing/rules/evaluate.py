"""Rules run over one event, in order, until one that matched says stop; and why they said what they said.

`RuleSet.run` keeps only what matched and the values seen. `explain` builds the full trace from those
afterwards, when somebody asks: evaluating is pure and versions are kept for ever, so it says the same.
What several rules need is asked once for all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Self

from services.routing.rules.check_outward import named
from services.routing.rules.compile import Compiled, Joined, Node, Slots, compile_rule, own_fields
from services.routing.rules.facts import Facts
from services.routing.rules.fields import FIELDS, HOURS, TEAM_HOURS, Field, Seen
from services.routing.rules.names import names_of
from services.routing.rules.operators import Test, Values
from services.routing.rules.outward import Block
from services.routing.rules.schema import TIME_PASSED, Assign, Rule
from services.routing.rules.timed import Comparison, comparisons, leaves, moments, turns
from services.routing.rules.values import ASKS, SeenValues, preparing
from shared.contracts.base import Value
from shared.contracts.conversations import Head
from shared.governance.stages import version_id


@dataclass(frozen=True, slots=True)
class Outcome:
    """`matched` in order. `looked_at`: how many rules of this event and brand were asked, `left_out` among them: the
    versions (`<id>:<version>`) that are others' while one is rolled out. `seen` by field. As it begins: no rule was
    asked."""

    matched: tuple[Rule, ...] = ()
    looked_at: int = 0
    seen: dict[str, Seen] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()


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
class Timed:
    """A rule about time, asked: whether it holds, on which moments (`timed.moments`), and when its answer may turn.
    `since`: when this version came into force, None: not known."""

    rule: Rule
    outcome: Outcome
    moments: str
    turns: tuple[datetime, ...]
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Asked:
    """The rules of one event and brand, in order. Each gate is a condition that several of them can't do
    without, with those rules as bits: when it fails, none of them needs to be run."""

    rules: tuple[Compiled, ...]
    gates: tuple[tuple[Test, int], ...]

    def left(self, values: Values, left_out: frozenset[str]) -> Iterator[int]:
        """Which rules may still match, by place, in order."""
        left = (1 << len(self.rules)) - 1
        if left_out:
            left &= ~sum(1 << place for place, one in enumerate(self.rules) if version_id(one.rule) in left_out)
        for test, needing in self.gates:
            if left & needing and not test(values):
                left &= ~needing
        while left:
            lowest = left & -left
            yield lowest.bit_length() - 1
            left ^= lowest


class RuleSet:
    """Enabled rules in order, compiled together. Raises Invalid for a rule that was never saved.

    `events`: the names of those that some rule is for. `ask_contacts`: some rule asks about the contact beyond what
    the conversation's head says, who is assigned must speak the contact's language, or it blocks the contact unless
    that is so already. `ask_hours`, `ask_staff`: some rule asks for calendars' or teams' hours, or who is there;
    `ask_team_hours`: for those of teams; `goes_by_staff`: in a condition, not for a value that it takes alone. `since`:
    when versions (`version_id`) came into force.
    """

    def __init__(self, rules: Sequence[Rule], since: Mapping[str, datetime] = MappingProxyType({})) -> None:
        self._left_out = frozenset[str]()
        self._since = since
        self._slots = Slots()
        self._rules = tuple(compile_rule(rule, self._slots) for rule in rules if rule.enabled)
        layout = tuple(self._slots.places)
        self._values = tuple(preparing(field, form) for field, form in layout)
        read_by = (FIELDS[name] for _, form in layout for name in ASKS.get(form, ()))
        self._fields = tuple({field.name: field for field in (*(field for field, _ in layout), *read_by)}.values())
        self.events = frozenset(event for rule in rules if rule.enabled for event in rule.when)
        speaks = (isinstance(one, Assign) and one.speaks for each in self._rules for one in each.rule.then)
        asked = self._asked_of = (*self._fields, *(field for one in self._rules for field in _taken(one.rule)))
        blocks = (isinstance(one, Block) for each in self._rules for one in each.rule.then)
        self.ask_contacts = any(field.of_contact for field in asked) or any(speaks) or any(blocks)
        self.ask_team_hours = any(field.name in TEAM_HOURS for field in asked)
        self.ask_hours = self.ask_team_hours or any(field.name == HOURS for field in asked)
        self.ask_staff = any(field.of_staff for field in asked)
        self.goes_by_staff = any(field.of_staff for field in self._fields)
        staffed = (one.rule for one in self._rules if any(field.of_staff for field in _asked_by(one)))
        self._staff_events = frozenset(event for rule in staffed for event in rule.when)
        self._hours = [n for n, (field, _) in enumerate(layout) if field.name == HOURS]
        self._by_id: dict[str, list[Compiled]] = {}
        for one in self._rules:
            self._by_id.setdefault(one.rule.id, []).append(one)
        self._compared: dict[str, tuple[Comparison, ...]] = {}
        waiting = (one.rule for one in self._rules if one.rule.after or TIME_PASSED in one.rule.when)
        self.later = tuple((rule.id, rule.version) for rule in waiting)
        """The rules that are asked later, so that a change of them is noticed."""
        self.struck = tuple(one.rule for one in self._rules if one.rule.clock is not None)
        """The rules that are asked at times of the clock."""
        self._for: dict[tuple[str, str], _Asked] = {}

    def since(self, rule: Rule) -> datetime | None:
        """When this version came into force; None: not known."""
        return self._since.get(version_id(rule))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Those that run, in order."""
        return tuple(one.rule for one in self._rules)

    def is_for(self, event: str) -> bool:
        """Whether some rule is for this event (its name)."""
        return not self.events.isdisjoint(names_of(event))

    def asks_staff_at(self, event: str) -> bool:
        """Whether some rule asks who is there that is for this event (its name), or about time: those are looked at
        again after every event."""
        return not self._staff_events.isdisjoint((*names_of(event), TIME_PASSED))

    def asks(self, field: str) -> bool:
        """Whether some rule asks about this field, or takes a value from it."""
        return any(one.name == field for one in self._asked_of)

    def run(self, event: str, facts: Facts, left_out: frozenset[str] = frozenset()) -> Outcome:
        """Which rules match this event (its name) with these facts; `left_out` are not asked."""
        left_out |= self._left_out
        asked = self._asked(event, facts.head.brand_id)
        if not asked.rules:
            return Outcome()
        seen = {field.name: field.get(facts) for field in self._fields}
        values = self._prepare(seen)
        matched = []
        for place in asked.left(values, left_out):
            compiled = asked.rules[place]
            if compiled.test(values):
                matched.append(compiled.rule)
                if compiled.rule.stop:
                    return Outcome(tuple(matched), place + 1, seen, left_out)
        return Outcome(tuple(matched), len(asked.rules), seen, left_out)

    def explain(
        self, event: str, brand_id: str, looked_at: int, seen: SeenValues, left_out: Collection[str] = ()
    ) -> tuple[RuleTrace, ...]:
        """The trace of an earlier run over the same rules."""
        values, rules = self._prepare(seen), self._asked(event, brand_id).rules[:looked_at]
        return tuple(_explain(one, values, seen) for one in rules if version_id(one.rule) not in left_out)

    def rule(self, rule_id: str) -> Rule | None:
        """The rule as it is now; None when it is off or gone."""
        found = self._compiled(rule_id)
        return found.rule if found else None

    def one(self, rule_id: str, facts: Facts) -> Outcome | None:
        """One rule asked by itself, whatever its event; None when it is gone or not for this brand."""
        found = self._compiled(rule_id)
        if found is None or not _is_for(found.rule, facts.head.brand_id):
            return None
        seen = {field.name: field.get(facts) for field in self._fields}
        return Outcome((found.rule,) if found.test(self._prepare(seen)) else (), 1, seen, self._left_out)

    def timed(self, facts: Facts, hours_turn_at: datetime | None = None) -> Iterator[Timed]:
        """The rules about time, each asked by itself: when one's time has come says nothing of the others.

        `hours_turn_at`: when a calendar opens or closes next, for those that wait for that alone."""
        asked = self._asked(TIME_PASSED, facts.head.brand_id)
        if not asked.rules:
            return
        seen = {field.name: field.get(facts) for field in self._fields}
        values = self._prepare(seen)
        for one in asked.rules:
            version = version_id(one.rule)
            if version in self._left_out:
                continue
            if version not in self._compared:
                self._compared[version] = comparisons(one)
            compared = self._compared[version]
            outcome = Outcome((one.rule,) if one.test(values) else (), 1, seen, self._left_out)
            at = turns(compared, seen)
            if hours_turn_at and not outcome.matched and self._waits_for_hours(one, values):
                at.append(hours_turn_at)
            yield Timed(one.rule, outcome, moments(compared, seen), tuple(at), self._since.get(version))

    def _waits_for_hours(self, one: Compiled, values: Values) -> bool:
        """Whether it would hold if other calendars were open."""
        named = frozenset().union(*(values[n] for n in self._hours), *self._calendars(one))
        for opened in (named, frozenset[str](), *({each} for each in named)):
            other = [frozenset(opened) if n in self._hours else value for n, value in enumerate(values)]
            if self._hours and one.test(other):
                return True
        return False

    def _calendars(self, one: Compiled) -> Iterator[frozenset[str]]:
        """Those that a rule names."""
        for node in leaves(one.root) if one.root else ():
            value = node.condition.value if node.condition and node.condition.field == HOURS else None
            if value is not None:
                yield frozenset(str(each).casefold() for each in (value if isinstance(value, tuple) else (value,)))

    def of(self, head: Head) -> Self:  # noqa: ARG002
        """The rules as this conversation has them."""
        return self

    def without(self, left_out: frozenset[str]) -> Self:
        """The same rules but these versions, which are others'; told with what comes of it. Nothing is compiled again,
        and nothing kept: while many are rolled out, nearly every conversation has a set of its own."""
        if left_out == self._left_out:
            return self
        part = copy(self)
        part._left_out = left_out
        return part

    def explain_one(self, rule_id: str, seen: SeenValues) -> tuple[RuleTrace, ...]:
        """The trace of a rule that was asked by itself."""
        found = self._compiled(rule_id)
        return (_explain(found, self._prepare(seen), seen),) if found else ()

    def _compiled(self, rule_id: str) -> Compiled | None:
        versions = self._by_id.get(rule_id, ())
        return next((one for one in versions if version_id(one.rule) not in self._left_out), None)

    def _asked(self, event: str, brand_id: str) -> _Asked:
        found = self._for.get((event, brand_id))
        if found is None:
            names = frozenset(names_of(event))
            meant = (each for each in self._rules if not names.isdisjoint(each.rule.when))
            rules = tuple(each for each in meant if _is_for(each.rule, brand_id))
            found = self._for[event, brand_id] = _Asked(rules, _gates(rules))
        return found

    def _prepare(self, seen: SeenValues) -> Values:
        return [value(seen) for value in self._values]


def _taken(rule: Rule) -> Iterator[Field]:
    """The fields that its actions take values from."""
    known = FIELDS | own_fields(rule.fields)
    yield from (known[name] for name in named(rule) if name in known)


def _asked_by(one: Compiled) -> Iterator[Field]:
    """The fields that a rule asks about or takes values from."""
    known = FIELDS | own_fields(one.rule.fields)
    conditions = (node.condition for node in leaves(one.root)) if one.root else ()
    yield from (known[asked.field] for asked in conditions if asked and asked.field in known)
    yield from _taken(one.rule)


def _is_for(rule: Rule, brand_id: str) -> bool:
    return not rule.brand_ids or brand_id in rule.brand_ids


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
