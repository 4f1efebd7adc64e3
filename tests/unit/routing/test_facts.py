"""What an event changed, how long ago something was, the customer and the desk's own attributes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.rules.compile import Known, check
from services.routing.rules.durations import read_duration
from services.routing.rules.evaluate import RuleSet
from services.routing.rules.facts import Facts
from services.routing.rules.schema import Rule, RuleField
from shared.contracts.contacts import AttributeValue, Contact, Money
from shared.contracts.conversations import (
    Assigned,
    AttributesChanged,
    Closed,
    CustomerReplied,
    NoteAdded,
    PriorityChanged,
    Tagged,
    TopicChanged,
)
from shared.errors import Invalid
from tests.unit.routing.examples import AT, KNOWN, changed, condition, drafted, head, message, rule

OWN = (
    RuleField(id="amount", applies_to="conversation", label="Amount", type="number"),
    RuleField(id="due", applies_to="conversation", label="Due", type="date"),
    RuleField(id="tier", applies_to="contact", label="Tier", type="choice", options=("gold", "silver")),
    RuleField(id="vip", applies_to="contact", label="VIP", type="yes_no"),
)
DESK = Known(KNOWN.brands, KNOWN.teams, KNOWN.agents, OWN)
BUYER = Contact(
    id="k1",
    seq=1,
    kind="user",
    emails=("ann@customer.example", "ann@work.example"),
    brand_ids=("paleo-hacks",),
    language="de",
    lifetime_revenue=Money(currency="USD", minor=125_050),
    attributes=(AttributeValue(id="tier", value="gold"), AttributeValue(id="vip", value=True)),
    created_at=AT - timedelta(days=30),
    updated_at=AT,
)


def saved(asked: dict[str, Any]) -> Rule:
    """As it is kept: with the attributes that it asks about."""
    conditions = {"all": [asked]}
    return rule(**{"if": conditions}).model_copy(update={"fields": check(drafted(conditions), DESK)})


def holds(asked: dict[str, Any], facts: Facts) -> bool:
    rules = RuleSet([saved(asked)])
    outcome = rules.run("ConversationStarted", facts)
    (trace,) = rules.explain("ConversationStarted", "paleo-hacks", outcome.looked_at, outcome.seen)
    assert trace.matched is bool(outcome.matched), "the explanation tells another story"
    return trace.matched


def after(event: Any, **known: Any) -> Facts:
    return Facts(event.head, getattr(event, "message", None), event, **known)


MOVED = {"team_id": "email-support", "assignee_id": None, "previous_team_id": None, "previous_assignee_id": None}
PRIORITY = after(changed(PriorityChanged, {"priority": True}, priority=True))
TOPIC = after(changed(TopicChanged, {"topic": "Refund"}, topic="Refund"))
NO_TOPIC = after(changed(TopicChanged, {"topic": None}))
TEAM = after(changed(Assigned, MOVED, team_id="email-support"))
TAGGED = after(changed(Tagged, {"added": ["vip"]}, tags=("old", "vip")))
WHAT_CHANGED: list[tuple[Facts, str, str, Any, bool]] = [
    (
        after(changed(PriorityChanged, {"priority": True}, priority=True)),
        "conversation.priority",
        "changed",
        None,
        True,
    ),
    (
        after(changed(PriorityChanged, {"priority": True}, priority=True)),
        "conversation.priority",
        "changed_to",
        True,
        True,
    ),
    (PRIORITY, "conversation.priority", "changed_to", False, False),
    (
        after(changed(TopicChanged, {"topic": "Refund"}, topic="Refund")),
        "conversation.topic",
        "changed_to",
        "REFUND",
        True,
    ),
    (NO_TOPIC, "conversation.topic", "changed", None, True),
    (NO_TOPIC, "conversation.topic", "changed_to", "refund", False),
    (
        after(changed(Assigned, MOVED, team_id="email-support")),
        "conversation.team",
        "changed_to",
        "email-support",
        True,
    ),
    (TEAM, "conversation.assignee", "changed", None, False),
    (TAGGED, "conversation.tags", "changed", None, True),
    (
        after(changed(Tagged, {"added": ["vip"]}, tags=("old", "vip"))),
        "conversation.tags_added",
        "contains",
        "VIP",
        True,
    ),
    (
        after(changed(Tagged, {"added": ["vip"]}, tags=("old", "vip"))),
        "conversation.tags_added",
        "contains",
        "old",
        False,
    ),
    (after(changed(Tagged, {"removed": ["vip"]})), "conversation.tags_removed", "contains", "vip", True),
    (after(changed(Closed, {}, status="closed")), "conversation.status", "changed_to", "closed", True),
    (
        after(changed(CustomerReplied, {"message": message()}), status_before="closed"),
        "conversation.status",
        "changed_to",
        "open",
        True,
    ),
    (
        after(changed(CustomerReplied, {"message": message()}), status_before="open"),
        "conversation.status",
        "changed",
        None,
        False,
    ),
    (after(changed(AttributesChanged, {"cleared": ["amount"]})), "attribute.amount", "changed", None, True),
    (
        after(
            changed(
                AttributesChanged,
                {"set": [{"id": "amount", "value": 12}]},
                attributes=(AttributeValue(id="amount", value=12),),
            )
        ),
        "attribute.amount",
        "changed_to",
        12,
        True,
    ),
    (Facts(head()), "conversation.priority", "changed", None, False),
]


@pytest.mark.parametrize(("facts", "field", "operator", "value", "expected"), WHAT_CHANGED)
def test_what_an_event_changed(facts: Facts, field: str, operator: str, value: Any, expected: bool) -> None:
    assert holds(condition(field, operator, value), facts) is expected


AT_NIGHT = datetime(2026, 5, 1, 23, 30, tzinfo=UTC)


def waiting(since: datetime, zone: str = "UTC", at: datetime = AT_NIGHT) -> Facts:
    return after(changed(NoteAdded, {"entry_id": "n", "text": "", "html": ""}, at=at, waiting_since=since), zone=zone)


@pytest.mark.parametrize(
    ("operator", "value", "ago", "expected"),
    [
        ("within_last", "PT2H", timedelta(hours=2), True),
        ("within_last", "PT2H", timedelta(hours=2, seconds=1), False),
        ("within_last", "PT2H", timedelta(hours=-1), False),
        ("longer_ago", "PT2H", timedelta(hours=2), False),
        ("longer_ago", "P1D", timedelta(hours=25), True),
        ("longer_ago", "P1D", timedelta(hours=-25), False),
        ("within_next", "PT30M", timedelta(minutes=-30), True),
        ("within_next", "PT30M", timedelta(minutes=5), False),
        ("further_ahead", "P1W", timedelta(days=-8), True),
        ("further_ahead", "P1W", timedelta(days=8), False),
        ("today", None, timedelta(hours=23), True),
        ("today", None, timedelta(hours=24), False),
        ("yesterday", None, timedelta(hours=24), True),
    ],
)
def test_times_beside_the_time_of_the_event(operator: str, value: Any, ago: timedelta, expected: bool) -> None:
    asked = condition("conversation.waiting_since", operator, value)
    assert holds(asked, waiting(AT_NIGHT - ago)) is expected
    assert not holds(asked, Facts(head(waiting_since=None))), "what is not set is never so"
    assert not holds(asked, Facts(head())), "nor is it beside an event that has no time"


def test_a_day_is_the_brands() -> None:
    """Half past eleven at night in London is the next day in Berlin already."""
    began = AT_NIGHT + timedelta(hours=2)
    asked = condition("conversation.waiting_since", "today")
    later = began + timedelta(hours=1)
    assert not holds(asked, waiting(AT_NIGHT, "UTC", later))
    assert holds(asked, waiting(AT_NIGHT, "Europe/Berlin", later))
    assert holds(condition("event.weekday", "is", "friday"), waiting(AT, "UTC"))
    assert holds(condition("event.weekday", "is", "saturday"), waiting(AT, "Asia/Tokyo"))
    assert holds(condition("event.hour", "is", 23.5), waiting(AT, "UTC"))
    assert holds(condition("event.date", "is", "2026-05-02"), waiting(AT, "Asia/Tokyo"))
    assert holds(condition("event.hour", "is", 23.5), waiting(AT, "Nowhere/At all")), "then it is UTC"


CUSTOMER: list[tuple[str, str, Any]] = [
    ("contact.kind", "is", "user"),
    ("contact.emails", "contains", "ann@work.example"),
    ("contact.brands", "contains", "paleo-hacks"),
    ("contact.language", "is", "DE"),
    ("contact.lifetime_revenue", "at_least", 1250.5),
    ("contact.created_at", "longer_ago", "P7D"),
    ("contact_attribute.tier", "is", "gold"),
    ("contact_attribute.vip", "is", True),
    ("contact.blocked", "is", False),
]


@pytest.mark.parametrize(("field", "operator", "value"), CUSTOMER)
def test_the_customer(field: str, operator: str, value: Any) -> None:
    event = changed(NoteAdded, {"entry_id": "n", "text": "", "html": ""})
    asked = condition(field, operator, value)
    assert RuleSet([saved(asked)]).ask_contacts
    assert holds(asked, after(event, contact=BUYER))
    assert not holds(asked, after(event)), "who is not known yet has nothing set"
    assert not RuleSet([saved(condition("contact.name", "is", "x"))]).ask_contacts


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("is", 250, True),
        ("at_most", 250, True),
        ("at_most", 249, False),
        ("in", [1, 250], True),
        ("not_in", [1, 250], False),
        ("is_set", None, True),
    ],
)
def test_an_attribute_of_the_desks_own(operator: str, value: Any, expected: bool) -> None:
    facts = Facts(head(attributes=(AttributeValue(id="amount", value=250),)))
    asked = condition("attribute.amount", operator, value)
    assert holds(asked, facts) is expected
    assert holds(asked, Facts(head())) is (operator == "not_in"), "a missing attribute fails but for what denies"
    due = Facts(head(attributes=(AttributeValue(id="due", value="2026-05-01"),)))
    assert holds(condition("attribute.due", "before", "2026-05-01T00:00:01Z"), due)


def test_an_attribute_that_is_gone_is_still_read_by_the_rules_that_ask_about_it() -> None:
    kept = Rule.model_validate(saved(condition("attribute.amount", "greater", 1)).model_dump())
    facts = Facts(head(attributes=(AttributeValue(id="amount", value=2),)))
    assert RuleSet([kept]).run("ConversationStarted", facts).matched


@pytest.mark.parametrize(
    ("asked", "place", "says"),
    [
        (condition("attribute.nothing", "is_set"), "if.all[0].field", "no field"),
        (condition("attribute.tier", "is", "gold"), "if.all[0].field", "no field"),
        (condition("contact_attribute.tier", "is", "bronze"), "if.all[0].value", "one of gold, silver"),
        (condition("conversation.channel", "changed"), "if.all[0].operator", "No event says"),
        (condition("contact_attribute.tier", "changed"), "if.all[0].operator", "No event says"),
        (condition("conversation.waiting_since", "within_last", "2 hours"), "if.all[0].value", "PT2H"),
        (condition("conversation.waiting_since", "within_last", "PT0M"), "if.all[0].value", "between a minute"),
        (condition("conversation.waiting_since", "within_last", "P9999D"), "if.all[0].value", "366 days"),
        (condition("conversation.waiting_since", "within_last", 5), "if.all[0].value", "PT2H"),
        (condition("conversation.waiting_since", "today", "x"), "if.all[0].value", "takes no value"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_place(asked: dict[str, Any], place: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(drafted({"all": [asked]}), DESK)
    assert {one.path: says in one.message for one in refused.value.fields} == {place: True}


@given(st.integers(0, 52), st.integers(0, 366), st.integers(0, 9000), st.integers(0, 99_999))
def test_a_length_of_time_is_the_sum_of_its_parts(weeks: int, days: int, hours: int, minutes: int) -> None:
    for text, expected in (
        (f"P{weeks}W", timedelta(weeks=weeks)),
        (f"P{days}DT{hours}H{minutes}M", timedelta(days=days, hours=hours, minutes=minutes)),
    ):
        if timedelta(minutes=1) <= expected <= timedelta(days=366):
            assert read_duration(text) == expected
        else:
            with pytest.raises(ValueError, match="between a minute"):
                read_duration(text)
