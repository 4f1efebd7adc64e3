"""A segment's conditions are checked one by one, and become a filter where what people write is only a value."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from services.tickets.model.money import whole_units
from services.tickets.model.segment import KINDS, OPERATORS, check_conditions
from services.tickets.store.segments import condition_filter, segment_filter
from shared.contracts.contacts import Money
from shared.contracts.directory import AttributeChanged, Condition, ConditionField, ConditionOperator, SegmentChanged
from shared.errors import Invalid

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
ATTRIBUTES = {
    type_: AttributeChanged.model_validate(
        {"attribute_id": type_, "seq": 1, "applies_to": "contact", "label": type_, "type": type_, "options": ("a", "b")}
    )
    for type_ in ("text", "number", "choice", "date", "yes_no")
} | {"talk": AttributeChanged(attribute_id="talk", seq=1, applies_to="conversation", label="x")}
VALUES: dict[str, Any] = {"text": "a", "word": "a", "choice": "a", "date": "2026-01-31", "number": 5, "flag": True}
VALUES |= {"count": 2, "any": "a"}
FIXED = {"kind": "lead", "talked_on_channel": "chat"}


def condition(field: str, operator: str, value: Any = None, attribute_id: str = "") -> Condition:
    did = {"activity": "Paid"} if field == "did" else {}
    return Condition.model_validate(
        {"field": field, "operator": operator, "value": value, "attribute_id": attribute_id, **did}
    )


def test_every_field_and_operator_has_its_place() -> None:
    assert set(KINDS) | {"attribute"} == set(get_args(ConditionField))
    assert {one for each in OPERATORS.values() for one in each} == set(get_args(ConditionOperator))


@pytest.mark.parametrize("field", KINDS)
def test_each_operator_of_each_field_becomes_a_filter(field: str) -> None:
    kind = KINDS[field]
    for operator in OPERATORS[kind]:
        value = 30 if operator in ("within_days", "not_within_days") else FIXED.get(field, VALUES.get(kind))
        one = condition(field, operator, None if operator in ("is_set", "is_empty") else value)
        assert check_conditions((one,), {}) == (one,)
        segment = SegmentChanged(segment_id="s", seq=1, name="S", conditions=(one,))
        assert isinstance(segment_filter(segment, {}, NOW), dict)


@pytest.mark.parametrize(
    "one",
    [
        condition("name", "greater", 1),
        condition("name", "contains", " "),
        condition("name", "contains", "x" * 201),
        condition("name", "contains"),
        condition("kind", "is", "gold"),
        condition("created_at", "before", "soon"),
        condition("created_at", "within_days", 0),
        condition("created_at", "within_days", True),
        condition("lifetime_revenue", "greater", "5"),
        condition("lifetime_revenue", "greater", True),
        condition("blocked", "is", "yes"),
        condition("attribute", "is", "a", "nothing"),
        condition("attribute", "is", "a", "talk"),
        condition("attribute", "is", "c", "choice"),
        condition("attribute", "before", "2026-13-01", "date"),
    ],
)
def test_what_means_nothing_is_refused_with_its_place(one: Condition) -> None:
    with pytest.raises(Invalid) as caught:
        check_conditions((condition("name", "is_set"), one), ATTRIBUTES)
    assert [field.path.split(".")[:3] for field in caught.value.fields] == [["body", "conditions", "1"]]


def test_none_and_too_many_are_refused() -> None:
    for many in ((), (condition("name", "is_set"),) * 21):
        with pytest.raises(Invalid):
            check_conditions(many, {})


def test_what_a_person_writes_is_a_value_and_no_pattern_or_operator() -> None:
    for text in ("$where", ".*", "^a|b$", "a\\", "{$gt: 1}"):
        for field in ("name", "email", "email_domain", "location"):
            for operator in OPERATORS[KINDS[field]][:-2]:
                found = condition_filter(condition(field, operator, text), {}, NOW)
                ours = {"$nor", "$regex", "$options", "$ne"}
                assert {key for key in keys(found) if key.startswith("$")} <= ours
    assert condition_filter(condition("location", "contains", "a.b"), {}, NOW) == {
        "location": {"$regex": r"a\.b", "$options": "i"}
    }


def keys(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [*value, *(one for each in value.values() for one in keys(each))]
    return [one for each in value for one in keys(each)] if isinstance(value, list) else []


def test_an_attribute_that_is_gone_is_true_of_nobody() -> None:
    segment = SegmentChanged(
        segment_id="s", seq=1, name="S", conditions=(condition("attribute", "is_empty", None, "gone"),)
    )
    assert segment_filter(segment, {}, NOW) == {"$and": [{"facets": {"$in": []}}]}


def test_days_count_back_from_now() -> None:
    found = condition_filter(condition("last_purchase_at", "within_days", 30), {}, NOW)
    assert found == {"last_purchase_at": {"$gte": datetime(2026, 4, 4, 12, tzinfo=UTC), "$lte": NOW}}


@pytest.mark.parametrize(
    ("minor", "currency", "whole"), [(1250, "USD", 12.5), (1250, "JPY", 1250), (1250, "KWD", 1.25)]
)
def test_money_is_compared_in_whole_units(minor: int, currency: str, whole: float) -> None:
    assert whole_units(Money(currency=currency, minor=minor)) == whole
