"""The rules in force, some of which may be rolled out to a part of the conversations only.

Both versions of such a rule are compiled into the one set; which of them a conversation is asked by is decided before
it runs, and kept with the decision. Nothing is done where nothing is staged.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from services.routing.rules.evaluate import Outcome, RuleSet
from services.routing.rules.facts import Facts
from services.routing.rules.schema import Rule
from shared.contracts.conversations import Head
from shared.governance.stages import Member, Stages, version_id


class StagedRules(RuleSet):
    """Raises Invalid for a rule that was never saved."""

    def __init__(self, members: Sequence[Member[Rule]]) -> None:
        versions = [version for member in members for version in member.versions]
        super().__init__(versions, {version_id(member.now): member.since for member in members if member.since})
        self._stages = Stages(members)
        # Rolled out further, a rule is asked later of others too.
        rollouts = ((one.rollout.model_dump_json(), one.now.version) for one in members if one.rollout)
        self.later += tuple(rollouts) if self.later else ()

    def run(self, event: str, facts: Facts, left_out: frozenset[str] = frozenset()) -> Outcome:
        return super().run(event, facts, left_out | self._stages.left_out(facts.head))

    def of(self, head: Head) -> Self:
        return self.without(self._stages.left_out(head))
