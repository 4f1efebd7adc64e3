"""Two sets of rules side by side on one event of the past. Pure.

What is compared is the effect: which version of which rule brings it about, and how tags are spread over rules, makes
no difference to a customer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.routing.model.conversation import follow
from services.routing.model.plan import is_trigger, plan
from services.routing.rules.evaluate import ConditionTrace, GroupTrace, Outcome, RuleSet, RuleTrace
from services.routing.rules.facts import Facts
from services.routing.rules.fields import CHANGED, MOMENTS, SPAM_SCORE, STATUS_BEFORE
from services.routing.rules.names import kinds_of, name_of
from services.routing.rules.schema import Rule, RuleAction
from services.routing.simulate.job import World
from shared.contracts.conversations import ConversationEvent
from shared.contracts.routing import Action, AddTags, AssignAgent, RemoveTags
from shared.ids import derived

Actions = tuple[Action, ...]
Effects = Counter[tuple[str, str]]

CONDITIONS = 200
"""Shown of one event at most: as many as one rule can have."""
_NO_EFFECT = {"rule", "id"}
"""Fields of an action that say where it comes from."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What either side said of an event, and did about it; both actions are empty where the same rules with the same
    actions matched. `gone` are effects of the rules in force alone, `new` of the draft alone."""

    before: Outcome
    after: Outcome
    did: Actions = ()
    would: Actions = ()
    gone: Effects = field(default_factory=Counter)
    new: Effects = field(default_factory=Counter)

    @property
    def differs(self) -> bool:
        return bool(self.gone or self.new)


class Sides:
    """The rules in force and the draft beside them. `kinds` are the kinds of events that some rule may be for."""

    def __init__(self, before: Sequence[Rule], after: Sequence[Rule]) -> None:
        self.before = RuleSet(before)
        self.after = RuleSet(after)
        self.kinds = kinds_of(self.before.events | self.after.events)
        self.ask_contacts = self.before.ask_contacts or self.after.ask_contacts
        self.ask_spam = self.before.asks(SPAM_SCORE) or self.after.asks(SPAM_SCORE)
        sides = (self.before, self.after)
        self.ask_changes = any(side.asks(field) for side in sides for field in (CHANGED, STATUS_BEFORE))
        self.ask_hours = self.before.ask_hours or self.after.ask_hours
        self.ask_moments = any(side.asks(field) for side in sides for field in MOMENTS)

    def compare(self, event_id: str, event: ConversationEvent, facts: Facts, world: World) -> Compared | None:
        """None for an event that no rule acts on, of either side."""
        if not is_trigger(event):
            return None
        name = name_of(event)
        before, after = self.before.run(name, facts), self.after.run(name, facts)
        if not before.looked_at and not after.looked_at:
            return None
        if _doing(before.matched) == _doing(after.matched):
            return Compared(before, after)
        did, would = (acts(event_id, event, one.matched, facts, world) for one in (before, after))
        old, now = effects(did), effects(would)
        return Compared(before, after, did, would, old - now, now - old)


def acts(event_id: str, event: ConversationEvent, matched: Sequence[Rule], facts: Facts, world: World) -> Actions:
    """What these rules would have done to the conversation as it stood after the event, by what was known then and with
    who is at the desk now. A rule's own doing does not set it off again."""
    chain = (event.by.id,) if event.by.kind == "rule" else ()
    row = follow(None, event_id, event)
    _, made = plan(
        row,
        event,
        matched,
        decision_id=derived("decision", event_id),
        correlation_id=event_id,
        is_member=world.is_member,
        why_gone=world.why_gone,
        now=event.at,
        chain=chain,
        facts=facts,
    )
    if made.want is None or not made.want.one_agent:
        return made.actions
    return (*made.actions, AssignAgent(agent_id=made.want.queue, rule=made.want.rule))


def effects(actions: Sequence[Action]) -> Effects:
    """What they come to, by kind and value."""
    found: Effects = Counter()
    for action in actions:
        if isinstance(action, AddTags | RemoveTags):
            found.update((action.kind, tag) for tag in action.tags)
        else:
            found[action.kind, action.model_dump_json(exclude=_NO_EFFECT)] += 1
    return found


def why(sides: Sides, event: ConversationEvent, compared: Compared, named: frozenset[str]) -> tuple[RuleTrace, ...]:
    """The traces that explain a difference: rules that matched on one side alone first, then those that were drafted or
    retired; each as the draft has it, or as it is in force where the draft lets it go. As many as have CONDITIONS
    together, and always one."""
    name, brand = name_of(event), event.head.brand_id
    mine, theirs = compared.before, compared.after
    alone = {
        rule.id for rule in (*mine.matched, *theirs.matched) if (rule in mine.matched) is not (rule in theirs.matched)
    }
    after = sides.after.explain(name, brand, theirs.looked_at, theirs.seen)
    there = {one.rule_id for one in after}
    before = (one for one in sides.before.explain(name, brand, mine.looked_at, mine.seen) if one.rule_id not in there)
    told = [one for one in (*after, *before) if one.rule_id in alone or one.rule_id in named]
    told.sort(key=lambda one: one.rule_id not in alone)
    kept, room = list[RuleTrace](), CONDITIONS
    for one in told:
        room -= _conditions(one.conditions)
        if kept and room < 0:
            break
        kept.append(one)
    return tuple(kept)


def _conditions(trace: GroupTrace | ConditionTrace | None) -> int:
    if isinstance(trace, GroupTrace):
        return sum(_conditions(child) for child in trace.children)
    return 1


def _doing(rules: Sequence[Rule]) -> list[tuple[str, tuple[RuleAction, ...]]]:
    return [(rule.id, rule.then) for rule in rules]
