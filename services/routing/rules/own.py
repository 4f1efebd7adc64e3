"""Fields that the desk's admins made: of contacts, conversations and tickets' forms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from services.routing.rules.facts import Facts
from services.routing.rules.fields import TEXT_LIMIT, Field, Seen, Type
from services.routing.rules.schema import RuleField
from shared.contracts.directory import FieldType
from shared.contracts.tickets import FieldValue

_TYPES: dict[FieldType, Type] = {
    "text": "text",
    "long_text": "text",
    "url": "text",
    "number": "number",
    "choice": "choice",
    "yes_no": "flag",
    "date": "time",
}


def attribute_field(known: RuleField) -> Field:
    """A field that the desk's admins made, of contacts, conversations or a ticket's form. A date is the beginning of
    that day in UTC. What was entered when the field was of another type is not set."""

    def get(facts: Facts) -> Seen:
        return next((_as(known.type, value) for id_, value in _own_values(known, facts) if id_ == known.id), None)

    return Field(known.name, known.label, _TYPES[known.type], get, known.options)


def _own_values(known: RuleField, facts: Facts) -> Iterator[tuple[str, FieldValue]]:
    """What the event's conversation, its contact or its ticket has, by the ids that rules have for it."""
    match known.applies_to:
        case "conversation":
            yield from ((one.id, one.value) for one in facts.head.attributes)
        case "contact" if facts.contact is not None:
            yield from ((one.id, one.value) for one in facts.contact.attributes)
        case "ticket" if facts.ticket is not None:
            yield from ((f"{facts.ticket.type_id}.{one.id}", one.value) for one in facts.ticket.fields)


def _as(type_: FieldType, value: FieldValue) -> Seen:
    if type_ == "yes_no":
        return value if isinstance(value, bool) else None
    if type_ == "number":
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None
    if not isinstance(value, str):
        return None
    if type_ != "date":
        return value[:TEXT_LIMIT]
    try:
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    except ValueError:
        return None
