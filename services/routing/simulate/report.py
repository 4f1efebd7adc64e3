"""What came of a simulation: the events of many conversations added up, and examples that differ from each other. Pure.

A conversation differs when one of its events does. Counts are of conversations.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import Literal

from pydantic import Field

from services.routing.rules.evaluate import ConditionTrace, GroupTrace, RuleSet, RuleTrace
from services.routing.rules.names import name_of
from services.routing.rules.schema import CLOCK_STRUCK, TIME_PASSED
from services.routing.simulate.compare import Compared
from services.routing.simulate.job import Job
from shared.contracts.base import Id, Time, Value
from shared.contracts.conversations import ConversationEvent
from shared.contracts.routing import Action

EXAMPLES = 50
OF_A_KIND = 5
"""Examples kept of one kind of difference while others may still come."""
KINDS = 100
SHOWN_CHARS = 300
"""Of a text that a condition saw."""
SHOWN_VALUES = 20


class RuleCount(Value):
    """How many conversations a rule matches in the draft, and in the rules in force."""

    id: Id
    name: str
    matched: int = 0
    matched_before: int = 0


class NotSimulated(Value):
    """A rule, drafted or retired, of which the counts do not show all: it waits before it acts, acts when time has
    passed or at times of the clock, has a condition on who is there, which held nothing as that is not known of then,
    or is rolled out to a part of the conversations, and was taken as everybody's."""

    id: Id
    name: str
    why: tuple[Literal["waits", "time", "clock", "availability", "rollout"], ...]


class Example(Value):
    """An event that would have gone otherwise: what the rules in force do with it (`before`), what the draft would have
    done (`after`), and the rules that explain it."""

    conversation_id: Id
    brand_id: str
    title: str
    customer: str
    event: str
    at: Time
    before: tuple[Action, ...]
    after: tuple[Action, ...]
    trace: tuple[RuleTrace, ...]


class Tally(Value):
    """What one reader counted; what matched by rules' ids. `kinds`: examples of each kind, the newest first."""

    conversations: int = 0
    differ: int = 0
    matched: dict[str, int] = Field(default_factory=dict)
    matched_before: dict[str, int] = Field(default_factory=dict)
    kinds: dict[str, tuple[Example, ...]] = Field(default_factory=dict)


_Differing = tuple[ConversationEvent, Compared]


@dataclass
class _Story:
    """A conversation whose events are being read."""

    differs: bool = False
    matched: set[str] = field(default_factory=set)
    matched_before: set[str] = field(default_factory=set)


class Counting:
    """Told of each event in order, and of each conversation when its last one was."""

    def __init__(self) -> None:
        self.conversations = 0
        self.differ = 0
        self._stories: dict[str, _Story] = {}
        self._matched: Counter[str] = Counter()
        self._matched_before: Counter[str] = Counter()
        self._kinds: dict[str, list[_Differing]] = {}

    def saw(self, event: ConversationEvent, compared: Compared) -> None:
        before, after = compared.before.matched, compared.after.matched
        if not before and not after:
            return
        story = self._stories.setdefault(event.conversation_id, _Story())
        story.matched.update(one.id for one in after)
        story.matched_before.update(one.id for one in before)
        if compared.differs:
            story.differs = True
            self._keep(kind_of(name_of(event), compared), event, compared)

    def _keep(self, kind: str, event: ConversationEvent, compared: Compared) -> None:
        if kind not in self._kinds and len(self._kinds) == KINDS:
            return
        of_kind = self._kinds.setdefault(kind, [])
        of_kind.append((event, compared))
        if len(of_kind) > OF_A_KIND:
            of_kind.remove(min(of_kind, key=lambda one: one[0].at))

    def ended(self, conversation_id: str) -> None:
        self.conversations += 1
        story = self._stories.pop(conversation_id, None)
        if story is None:
            return
        self.differ += story.differs
        self._matched.update(story.matched)
        self._matched_before.update(story.matched_before)

    def tally(self, shown: Callable[[ConversationEvent, Compared], Example]) -> Tally:
        """`shown` makes an example, of those alone that are left."""
        return Tally(
            conversations=self.conversations,
            differ=self.differ,
            matched=dict(self._matched),
            matched_before=dict(self._matched_before),
            kinds={kind: tuple(_newest(shown(*one) for one in found)) for kind, found in self._kinds.items()},
        )


class Report(Value):
    """`conversations` were looked at, of which `differ` would have gone otherwise."""

    conversations: int = 0
    differ: int = 0
    by_rule: tuple[RuleCount, ...] = ()
    examples: tuple[Example, ...] = ()
    not_simulated: tuple[NotSimulated, ...] = ()


def report(job: Job, tallies: Sequence[Tally]) -> Report:
    """All readers' counts as one. A rule that never matched is told of only when it was drafted or retired."""
    matched, before = Counter[str](), Counter[str]()
    for one in tallies:
        matched.update(one.matched)
        before.update(one.matched_before)
    rules = {rule.id: rule for rule in (*job.before, *job.after)}
    rules = {rule.id: rules[rule.id] for rule in (*job.after, *job.before)}  # the draft's name, in the draft's order
    told = [one for one in rules.values() if one.id in job.named or matched[one.id] or before[one.id]]
    return Report(
        conversations=sum(one.conversations for one in tallies),
        differ=sum(one.differ for one in tallies),
        by_rule=tuple(
            RuleCount(id=one.id, name=one.name, matched=matched[one.id], matched_before=before[one.id]) for one in told
        ),
        examples=pick(tallies),
        not_simulated=tuple(_not_simulated(job)),
    )


def _not_simulated(job: Job) -> Iterator[NotSimulated]:
    """Of either side: a draft may be the first version that waits, or the last that did."""
    for id_ in job.named:
        versions = [one for one in (*job.after, *job.before) if one.id == id_]
        asked = {
            "waits": any(one.after is not None for one in versions),
            "time": any(TIME_PASSED in one.when for one in versions),
            "clock": any(CLOCK_STRUCK in one.when for one in versions),
            "availability": RuleSet(versions).goes_by_staff,
            "rollout": id_ in job.rolled_out,
        }
        if versions and any(asked.values()):
            why = tuple(name for name, so in asked.items() if so)
            yield NotSimulated.model_validate({"id": id_, "name": versions[0].name, "why": why})


def pick(tallies: Iterable[Tally], most: int = EXAMPLES) -> tuple[Example, ...]:
    """As many kinds of difference as there is room for, one of each before a second of any, the newest first."""
    kinds: dict[str, list[Example]] = {}
    for one in tallies:
        for kind, examples in one.kinds.items():
            kinds.setdefault(kind, []).extend(examples)
    by_age = sorted((_newest(found) for found in kinds.values()), key=lambda found: found[0].at, reverse=True)
    in_turns = chain.from_iterable(zip_longest(*by_age))
    return tuple(one for one in in_turns if one is not None)[:most]


def kind_of(event: str, compared: Compared) -> str:
    """Differences of one kind: the same event, effects of the same kinds, by the same rules."""
    told = [event]
    for only, actions in ((compared.gone, compared.did), (compared.new, compared.would)):
        kinds = {kind for kind, _ in only}
        rules = {one.rule.id for one in actions if one.rule and one.kind in kinds}
        told.append(" ".join((*sorted(kinds), *sorted(rules))))
    return " | ".join(told)


def example(event: ConversationEvent, compared: Compared, trace: Sequence[RuleTrace]) -> Example:
    head = event.head
    return Example(
        conversation_id=head.id,
        brand_id=head.brand_id,
        title=head.subject or head.description,
        customer=head.contact_name,
        event=name_of(event),
        at=event.at,
        before=compared.did,
        after=compared.would,
        trace=tuple(shortened(one) for one in trace),
    )


def shortened(trace: RuleTrace) -> RuleTrace:
    """The trace with the beginning of what each condition saw: a report is kept, and has many."""
    cut = _shortened(trace.conditions) if trace.conditions else None
    return trace.model_copy(update={"conditions": cut})


def _shortened(group: GroupTrace) -> GroupTrace:
    children = tuple(_shortened(one) if isinstance(one, GroupTrace) else _cut(one) for one in group.children)
    return group.model_copy(update={"children": children})


def _cut(condition: ConditionTrace) -> ConditionTrace:
    seen = condition.seen
    if isinstance(seen, tuple):
        seen = tuple(one[:SHOWN_CHARS] for one in seen[:SHOWN_VALUES])
    elif isinstance(seen, str):
        seen = seen[:SHOWN_CHARS]
    return condition.model_copy(update={"seen": seen})


def _newest(examples: Iterable[Example]) -> list[Example]:
    return sorted(examples, key=lambda one: one.at, reverse=True)
