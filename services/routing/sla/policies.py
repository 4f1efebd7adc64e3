"""Which policy a conversation is under: the one that a rule applied, else the first in order whose conditions hold; and
which one a ticket is under. Those without a goal for the one or the other are not asked about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from services.routing.rules.evaluate import RuleSet
from services.routing.rules.facts import Facts
from services.routing.rules.schema import Rule, RuleDraft
from services.routing.sla.check import EVENT, as_rule, as_ticket_rule
from services.routing.sla.schema import Policy
from shared.contracts.common import Actor, Handle
from shared.contracts.contacts import Contact
from shared.contracts.conversations import Head, Link, LinkAdded
from shared.contracts.tickets import TicketHead
from shared.governance.stages import Member, Stages, version_id

LATE = timedelta(hours=1)
"""What happened no longer than this before a policy may still be unread when that comes into force. What is older was
read before; when a topic is told again, as after a restore, nothing begins by it."""

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)

OF_NO_BRAND = "-"
"""No brand has this id."""


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
        self._rules = RuleSet([_rule(one, as_rule(one)) for one in policies if one.for_conversations])
        of_tickets = [_rule(one, as_ticket_rule(one)) for one in policies if one.resolution_s is not None]
        self._ticket_rules = RuleSet(of_tickets)
        self.ask_contacts = self._rules.ask_contacts
        self._of_conversations = _since(one for one in members if any(each.for_conversations for each in one.versions))
        self._of_tickets = _since(one for one in members if any(each.resolution_s is not None for each in one.versions))

    def asks_of_conversations(self, at: datetime) -> bool:
        """Whether some policy in force has a goal for them, and was in force when that happened, or soon after."""
        return bool(self._rules.rules) and at >= self._of_conversations

    def asks_of_tickets(self, at: datetime) -> bool:
        return bool(self._ticket_rules.rules) and at >= self._of_tickets

    def of(self, head: Head, contact: Contact | None = None) -> Policy | None:
        """None: the conversation is under no policy. One that a rule applied and that is gone since is passed over."""
        left_out = self._stages.left_out(head)
        applied = self._version(head.sla_policy_id, left_out) if head.sla_policy_id is not None else None
        if applied is not None and applied.for_conversations:
            return applied
        matched = self._rules.run(EVENT, Facts(head, contact=contact), left_out).matched
        return self._version(matched[0].id, left_out) if matched else None

    def of_ticket(self, ticket: TicketHead) -> Policy | None:
        """None: the ticket is under no policy."""
        facts = facts_of(ticket)
        left_out = self._stages.left_out(facts.head)
        matched = self._ticket_rules.run(EVENT, facts, left_out).matched
        return self._version(matched[0].id, left_out) if matched else None

    def _version(self, id_: str, left_out: frozenset[str]) -> Policy | None:
        return next((one for one in self._enabled.get(id_, ()) if version_id(one) not in left_out), None)


def _since(members: Iterable[Member[Policy]]) -> datetime:
    """From when on what happens may be the first that one of these is asked about."""
    return min((one.since - LATE if one.since else ALWAYS for one in members), default=ALWAYS)


def facts_of(ticket: TicketHead) -> Facts:
    """What rules know of a ticket, as if a conversation of its brand were linked to it: it need not have one."""
    link = Link(
        kind="tracker" if ticket.kind == "tracker" else "ticket",
        id=ticket.id,
        title=ticket.title,
        type_id=ticket.type_id,
        number=ticket.number,
        state=ticket.state,
    )
    head = Head(
        id=ticket.id,
        seq=1,
        brand_id=ticket.brand_id or OF_NO_BRAND,
        team_id=ticket.team_id,
        channel="email",
        account="",
        contact_id=OF_NO_BRAND,
        contact_name="",
        handle=Handle(kind="email", value=""),
        started_at=ticket.created_at,
        last_activity_at=ticket.created_at,
        activity="",
    )
    by, at = Actor(kind="system", id="", name=""), ticket.created_at
    return Facts(
        head, event=LinkAdded(conversation_id=ticket.id, seq=1, at=at, by=by, head=head, link=link, ticket=ticket)
    )


def _rule(policy: Policy, written: RuleDraft) -> Rule:
    fields = {name: getattr(written, name) for name in RULE_FIELDS}
    kept = {name: getattr(policy, name) for name in ("id", "version", "order", "saved_at", "fields")}
    return Rule(**fields, **kept)


RULE_FIELDS = ("name", "enabled", "brand_ids", "when", "conditions", "then", "stop")
