"""A segment's conditions as a filter of MongoDB: fields and operators are named one by one, values are only values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from services.tickets.model.contact_words import fold
from services.tickets.model.segment import OF_TALKS, kind_of
from services.tickets.model.talks import ALL
from services.tickets.store.talk_filters import NOBODY, talk_filter
from shared.contracts.directory import AttributeChanged, Condition, SegmentChanged
from shared.mongo import Document

_PATHS = {
    "email": "emails",
    "phone": "phones",
    "created_at": "created_at",
    "last_purchase_at": "last_purchase_at",
    "lifetime_revenue": "revenue",
    "location": "location",
}
_COMPARE = {"greater": "$gt", "less": "$lt", "after": "$gte", "before": "$lt"}


def segment_filter(
    segment: SegmentChanged,
    attributes: Mapping[str, AttributeChanged],
    now: datetime,
    brands: frozenset[str] = frozenset(),
) -> Document:
    """Who belongs to it at this moment, as far as it is known from conversations of these brands (empty: of all)."""
    places = sorted(brands) or [ALL]
    parts = [
        talk_filter(one, places, now) if one.field in OF_TALKS else condition_filter(one, attributes, now)
        for one in segment.conditions
    ]
    return {"$and" if segment.match == "all" else "$or": parts} if parts else NOBODY


def condition_filter(one: Condition, attributes: Mapping[str, AttributeChanged], now: datetime) -> Document:
    """Of a condition over the contact itself."""
    kind = kind_of(one, attributes)
    if kind is None:
        return NOBODY  # it cannot be read any more, as its attribute is gone
    if one.field == "attribute":
        return _of_attribute(one, kind, now)
    if one.operator == "is_empty":
        return {"$nor": [_is_set(one)]}
    if one.operator == "is_set":
        return _is_set(one)
    if one.operator == "is_not":
        return {"$nor": [condition_filter(one.model_copy(update={"operator": "is"}), attributes, now)]}
    match one.field:
        case "kind" | "brand" | "language" | "time_zone":
            return {"facets": f"{one.field}:{one.value}"}
        case "blocked":
            return {"facets": "blocked"} if one.value else {"$nor": [{"facets": "blocked"}]}
        case "name":
            return {"name": {"$ne": ""}, "name_key": _text(one.operator, fold(str(one.value)))}
        case "email_domain":
            return {"terms": _text(one.operator, "@" + str(one.value).strip().lower().removeprefix("@"))}
        case "email" | "phone":
            return {_PATHS[one.field]: _text(one.operator, str(one.value).strip().lower())}
        case "location":
            return {"location": _text(one.operator, str(one.value).strip(), any_case=True)}
        case "lifetime_revenue":
            return {_PATHS[one.field]: {_COMPARE[one.operator]: float(one.value or 0)}}
    return {_PATHS[one.field]: _when(one, now)}


def _is_set(one: Condition) -> Document:
    match one.field:
        case "name" | "language" | "time_zone" | "location":
            return {one.field: {"$gt": ""}}
        case "email" | "phone":
            return {f"{_PATHS[one.field]}.0": {"$exists": True}}
        case "email_domain":
            return {"emails.0": {"$exists": True}}
        case "brand":
            return {"brand_ids.0": {"$exists": True}}
        case "kind" | "blocked" | "created_at":
            return {}
    return {_PATHS[one.field]: {"$gt": datetime(1, 1, 2, tzinfo=UTC) if one.field == "last_purchase_at" else -1e16}}


def _text(operator: str, value: str, *, any_case: bool = False) -> Any:
    """`value` compared as `operator` says; what it holds is taken as it stands, never as a pattern."""
    if operator == "is" and not any_case:
        return value
    plain = re.escape(value)
    pattern = {"is": f"^{plain}$", "starts_with": f"^{plain}", "contains": plain}[operator]
    return {"$regex": pattern, **({"$options": "i"} if any_case else {})}


def _when(one: Condition, now: datetime) -> Document:
    if one.operator == "within_days":
        return {"$gte": now - timedelta(days=float(one.value or 0)), "$lte": now}
    return {_COMPARE[one.operator]: datetime.fromisoformat(str(one.value)).replace(tzinfo=UTC)}


def _of_attribute(one: Condition, kind: str, now: datetime) -> Document:
    if one.operator in ("is_empty", "is_not"):
        other = {"is_empty": "is_set", "is_not": "is"}[one.operator]
        return {"$nor": [_of_attribute(one.model_copy(update={"operator": other}), kind, now)]}
    if one.operator == "is_set":
        return {"attributes": {"$elemMatch": {"id": one.attribute_id}}}
    value: Any = one.value
    if kind == "text":
        value = _text(one.operator, str(one.value).strip(), any_case=True)
    elif one.operator == "within_days":
        since = now - timedelta(days=float(one.value or 0))
        value = {"$gte": since.date().isoformat(), "$lte": now.date().isoformat()}
    elif one.operator in _COMPARE:
        value = {_COMPARE[one.operator]: value}
    found: Document = {"attributes": {"$elemMatch": {"id": one.attribute_id, "value": value}}}
    if kind == "flag" and value is False:
        return {"$nor": [{"attributes": {"$elemMatch": {"id": one.attribute_id, "value": True}}}]}
    return found
