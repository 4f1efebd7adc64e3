"""What rules do beyond the conversation's own fields, as tickets carries it out. Pure.

Each has an id of the event, the rule's version and the action: the same again is the same message, ticket or event.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from services.routing.rules.facts import Facts
from services.routing.rules.fields import FIELDS, Field, Seen
from services.routing.rules.outward import AnswerWith, Block, Call, Emit, Fill, MakeTicket, Notify, Outward, Track
from services.routing.rules.own import attribute_field
from services.routing.rules.schema import Rule
from shared.contracts.common import RuleRef
from shared.contracts.conversations import ConversationEvent
from shared.contracts.routing import (
    Action,
    BlockSender,
    CallWebhook,
    CreateTicket,
    EmitEvent,
    LinkTracker,
    NotifyAgents,
    SendMacro,
)
from shared.contracts.tickets import FieldValue, TicketField
from shared.ids import derived

VALUE_CHARS = 2000


def outward(rules: Sequence[Rule], refs: Sequence[RuleRef], decision_id: str, facts: Facts) -> Iterator[Action]:
    """In the rules' order; the same macro, ticket type or tracker twice in a decision is meant once."""
    done: set[tuple[str, str]] = set()
    for rule, ref in zip(rules, refs, strict=True):
        own = {one.name: attribute_field(one) for one in rule.fields}
        for n, action in enumerate(rule.then):
            if isinstance(action, Outward):
                what = (action.kind, _once(action, ref, n))
                if what not in done and not _is_so(facts, action):
                    done.add(what)
                    yield _made(
                        action, ref, derived("rule act", decision_id, ref.id, str(ref.version), str(n)), own, facts
                    )


def _once(action: Outward, ref: RuleRef, n: int) -> str:
    match action:
        case AnswerWith():
            return "a reply"
        case MakeTicket():
            return action.type_id
        case Track():
            return action.tracker_id
        case Block():
            return "the customer"
    return f"{ref.id}:{n}"


def _is_so(facts: Facts, action: Outward) -> bool:
    match action:
        case Track():
            return any(one.id == action.tracker_id for one in facts.head.links)
        case Block():
            return facts.contact is not None and facts.contact.blocked is not None
    return False


def _made(action: Outward, ref: RuleRef, id_: str, own: Mapping[str, Field], facts: Facts) -> Action:
    match action:
        case Notify():
            return NotifyAgents(
                id=id_, text=action.text, to=action.to, agent_ids=action.agent_ids, team_ids=action.team_ids, rule=ref
            )
        case AnswerWith():
            return SendMacro(id=id_, macro_id=action.macro_id, to_automatic=_nobody_wrote(facts), rule=ref)
        case MakeTicket():
            fields = _filled(action.fields, own, facts, dates=True)
            return CreateTicket(id=id_, type_id=action.type_id, title=action.title, fields=fields, rule=ref)
        case Track():
            return LinkTracker(tracker_id=action.tracker_id, rule=ref)
        case Block():
            return BlockSender(reason=action.reason, rule=ref)
        case Emit():
            return EmitEvent(id=id_, name=action.name, attributes=_filled(action.attributes, own, facts), rule=ref)
        case Call():
            attributes = _filled(action.attributes, own, facts)
            return CallWebhook(
                id=id_, endpoint_id=action.endpoint_id, name=action.name, attributes=attributes, rule=ref
            )


def _nobody_wrote(facts: Facts) -> bool:
    """Whether what would be answered is a machine's: this message, or all that the customer ever sent."""
    message = facts.message
    if message is not None and message.direction == "in":
        return message.automatic is not None
    return facts.moments.customer_at is None


def _filled(
    fills: Sequence[Fill], own: Mapping[str, Field], facts: Facts, *, dates: bool = False
) -> tuple[TicketField, ...]:
    values = [(one.id, one.value if one.field is None else _taken(one.field, own, facts, dates)) for one in fills]
    return tuple(TicketField(id=id_, value=value) for id_, value in values if value is not None)


def _taken(name: str, own: Mapping[str, Field], facts: Facts, dates: bool) -> FieldValue | None:
    asked = FIELDS.get(name) or own.get(name)
    seen: Seen = asked.get(facts) if asked else None
    if isinstance(seen, datetime):
        return seen.date().isoformat() if dates else seen.isoformat()
    if isinstance(seen, tuple):
        seen = ", ".join(seen)
    return seen[:VALUE_CHARS] or None if isinstance(seen, str) else seen


def plain_facts(event: ConversationEvent) -> Facts:
    """What the event alone says."""
    return Facts(event.head, getattr(event, "message", None), event)
