"""One draft by itself on one event of the past: whether it matches, why, and what it would do. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from services.routing.rules.evaluate import RuleSet, RuleTrace
from services.routing.rules.facts import Facts
from services.routing.rules.names import name_of
from services.routing.rules.schema import CLOCK_STRUCK, Rule
from services.routing.simulate.compare import Actions, acts
from services.routing.simulate.job import World
from shared.contracts.conversations import ConversationEvent


@dataclass(frozen=True, slots=True)
class Tried:
    trace: RuleTrace
    actions: Actions


class Attempt:
    """A draft as if it were switched on, whatever it says, and alone."""

    def __init__(self, rule: Rule) -> None:
        self._rules = RuleSet([rule.model_copy(update={"enabled": True})])
        self._struck = rule.clock is not None
        self.ask_contacts = self._rules.ask_contacts
        self.ask_hours = self._rules.ask_hours

    def name_of(self, event: ConversationEvent) -> str:
        """Nothing happens as the clock strikes, so that no event has the name."""
        return CLOCK_STRUCK if self._struck else name_of(event)

    def run(self, event_id: str, event: ConversationEvent, facts: Facts, world: World) -> Tried | None:
        """None where the draft is for other events or brands."""
        name = self.name_of(event)
        outcome = self._rules.run(name, facts)
        if not outcome.looked_at:
            return None
        (trace,) = self._rules.explain(name, event.head.brand_id, outcome.looked_at, outcome.seen)
        return Tried(trace, acts(event_id, event, outcome.matched, facts, world))
