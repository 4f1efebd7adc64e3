"""Which conditions a segment may have: each field with its operators and its kind of value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Literal, get_args

from services.tickets.model.field_value import field_value
from shared.contracts.activity import NAME_CHARS
from shared.contracts.common import Channel
from shared.contracts.directory import AttributeChanged, Condition, FieldType
from shared.errors import FieldError, Invalid

CONDITIONS_MAX = 20
TEXT_CHARS = 200
DAYS_MAX = 3_650
Kind = Literal["text", "word", "date", "number", "count", "flag", "choice", "any", "did"]

_SET = ("is_set", "is_empty")
OPERATORS: dict[Kind, tuple[str, ...]] = {
    "text": ("is", "is_not", "contains", "starts_with", *_SET),
    "word": ("is", "is_not", "starts_with", *_SET),
    "choice": ("is", "is_not", *_SET),
    "date": ("before", "after", "within_days", *_SET),
    "number": ("greater", "less", *_SET),
    "count": ("is", "greater", "less"),
    "any": ("is", "is_not"),
    "flag": ("is",),
    "did": ("within_days", "not_within_days", *_SET),
}
KINDS: dict[str, Kind] = {
    "name": "text",
    "email": "word",
    "email_domain": "word",
    "phone": "word",
    "kind": "choice",
    "language": "choice",
    "time_zone": "choice",
    "location": "text",
    "brand": "choice",
    "created_at": "date",
    "last_purchase_at": "date",
    "lifetime_revenue": "number",
    "blocked": "flag",
    "conversations": "count",
    "unclosed_conversations": "count",
    "first_wrote_at": "date",
    "last_wrote_at": "date",
    "last_answered_at": "date",
    "talked_on_channel": "any",
    "talked_with_brand": "any",
    "talked_about_topic": "any",
    "talked_with_tag": "any",
    "ticket_type": "any",
    "open_ticket": "flag",
    "did": "did",
}
OF_CONVERSATIONS = frozenset(
    {
        *("conversations", "unclosed_conversations", "first_wrote_at", "last_wrote_at", "last_answered_at"),
        *("talked_on_channel", "talked_with_brand", "talked_about_topic", "talked_with_tag"),
        *("ticket_type", "open_ticket"),
    }
)
"""What is known of a contact by their conversations, and so for who may see these alone."""
OF_TALKS = OF_CONVERSATIONS | {"did"}
"""What is kept beside a contact for each brand (`model.talks`)."""
COUNT_MAX = 1_000_000
_OF_ATTRIBUTE: dict[FieldType, Kind] = {
    "text": "text",
    "long_text": "text",
    "url": "text",
    "choice": "choice",
    "number": "number",
    "date": "date",
    "yes_no": "flag",
}


def kind_of(condition: Condition, attributes: Mapping[str, AttributeChanged]) -> Kind | None:
    """None: there is no such attribute of contacts."""
    if condition.field != "attribute":
        return KINDS[condition.field]
    attribute = attributes.get(condition.attribute_id)
    return _OF_ATTRIBUTE[attribute.type] if attribute and attribute.applies_to == "contact" else None


def asks_of_conversations(conditions: Iterable[Condition]) -> bool:
    return any(one.field in OF_CONVERSATIONS for one in conditions)


def check_conditions(
    conditions: tuple[Condition, ...], attributes: Mapping[str, AttributeChanged]
) -> tuple[Condition, ...]:
    """Raises Invalid that names every condition that is wrong, and where."""
    wrong: list[FieldError] = []
    for index, one in enumerate(conditions):
        if problem := _problem(one, attributes):
            wrong.append(FieldError(f"body.conditions.{index}.{problem[0]}", problem[1]))
    if not 1 <= len(conditions) <= CONDITIONS_MAX:
        wrong.append(FieldError("body.conditions", f"are 1 to {CONDITIONS_MAX}"))
    if wrong:
        raise Invalid("bad_segment", f"A condition {wrong[0].message}.", tuple(wrong))
    return conditions


def _problem(one: Condition, attributes: Mapping[str, AttributeChanged]) -> tuple[str, str] | None:
    kind = kind_of(one, attributes)
    if kind is None:
        return "attribute_id", "asks for an attribute that contacts do not have"
    if one.operator not in OPERATORS[kind]:
        return "operator", f"compares in a way that does not fit: choose {', '.join(OPERATORS[kind])}"
    if kind == "did" and not 1 <= len(one.activity.strip()) <= NAME_CHARS:
        return "activity", f"needs the name of what they did, of 1 to {NAME_CHARS} characters"
    if one.operator in _SET:
        return None
    value = one.value
    if kind == "flag":
        return None if isinstance(value, bool) else ("value", "needs yes or no")
    if one.operator in ("within_days", "not_within_days"):
        fits = _is_number(value) and 1 <= float(value or 0) <= DAYS_MAX
        return None if fits else ("value", f"needs a number of days, 1 to {DAYS_MAX}")
    if kind == "count":
        fits = _is_number(value) and float(value or 0).is_integer() and 0 <= float(value or 0) <= COUNT_MAX
        return None if fits else ("value", "needs a whole number, 0 or more")
    if kind == "number":
        return None if _is_number(value) else ("value", "needs a number")
    if not isinstance(value, str) or not value.strip() or len(value) > TEXT_CHARS:
        return "value", f"needs a text of 1 to {TEXT_CHARS} characters"
    return _misfit(one, kind, value, attributes)


def _misfit(
    one: Condition, kind: Kind, value: str, attributes: Mapping[str, AttributeChanged]
) -> tuple[str, str] | None:
    if kind == "date":
        try:
            date.fromisoformat(value)
        except ValueError:
            return "value", "needs a date, such as 2026-03-31"
    if one.field == "attribute" and kind == "choice":
        try:
            field_value(attributes[one.attribute_id], value)
        except ValueError as error:
            return "value", str(error)
    if one.field == "kind" and value not in ("lead", "user"):
        return "value", "needs lead or user"
    if one.field == "talked_on_channel" and value not in get_args(Channel):
        return "value", f"needs one of {', '.join(get_args(Channel))}"
    return None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
