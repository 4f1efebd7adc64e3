"""Which policy a conversation is under: the one that a rule applied, else the first in order whose conditions hold."""

from __future__ import annotations

from collections.abc import Sequence

from services.routing.rules.evaluate import RuleSet
from services.routing.rules.facts import Facts
from services.routing.rules.schema import Rule
from services.routing.sla.check import EVENT, as_rule
from services.routing.sla.schema import Policy
from shared.contracts.contacts import Contact
from shared.contracts.conversations import Head
from shared.governance.stages import Member, Stages, version_id


class PolicySet:
    """Policies in order, compiled together as rules are; of one that is rolled out each conversation has its version.
    Raises Invalid for one that was never saved.

    `ask_contacts`: some policy asks about the contact beyond what the conversation's head says.
    """

    def __init__(self, members: Sequence[Member[Policy]]) -> None:
        policies = [version for member in members for version in member.versions]
        self._stages = Stages(members)
        self._enabled: dict[str, list[Policy]] = {}
        for one in policies:
            if one.enabled:
                self._enabled.setdefault(one.id, []).append(one)
        self._rules = RuleSet([_rule(one) for one in policies])
        self.ask_contacts = self._rules.ask_contacts

    def __bool__(self) -> bool:
        return bool(self._enabled)

    def of(self, head: Head, contact: Contact | None = None) -> Policy | None:
        """None: the conversation is under no policy. One that a rule applied and that is gone since is passed over."""
        left_out = self._stages.left_out(head)
        if head.sla_policy_id is not None and (applied := self._version(head.sla_policy_id, left_out)):
            return applied
        matched = self._rules.run(EVENT, Facts(head, contact=contact), left_out).matched
        return self._version(matched[0].id, left_out) if matched else None

    def _version(self, id_: str, left_out: frozenset[str]) -> Policy | None:
        return next((one for one in self._enabled.get(id_, ()) if version_id(one) not in left_out), None)


def _rule(policy: Policy) -> Rule:
    written = as_rule(policy)
    fields = {name: getattr(written, name) for name in RULE_FIELDS}
    kept = {name: getattr(policy, name) for name in ("id", "version", "order", "saved_at", "fields")}
    return Rule(**fields, **kept)


RULE_FIELDS = ("name", "enabled", "brand_ids", "when", "conditions", "then", "stop")
