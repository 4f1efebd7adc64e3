"""Every operator on values that are set and on values that are not, in one table."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.routing.rules.compile import check
from services.routing.rules.evaluate import RuleSet
from services.routing.rules.facts import Facts
from services.routing.rules.fields import FIELDS, TEXT_LIMIT
from services.routing.rules.operators import OPERATORS
from shared.contracts.common import Handle, Spam
from tests.unit.routing.examples import AT, KNOWN, condition, drafted, head, message, rule

SET = Facts(head(tags=("VIP", "Late"), priority=True, topic="Refund", team_id="email-support"), message())
UNSET = Facts(head(subject="", waiting_since=None, handle=Handle(kind="visitor", value="v1")), None)
EARLY, LATE = (AT - timedelta(days=1)).isoformat(), (AT + timedelta(days=1)).isoformat()

CASES: list[tuple[str, str, Any, bool, bool]] = [
    # field, operator, value, holds when set, holds when not set
    ("conversation.subject", "is", "where is my ORDER?", True, False),
    ("conversation.subject", "is_not", "where is my order?", False, True),
    ("conversation.subject", "contains", "ORDER", True, False),
    ("conversation.subject", "not_contains", "order", False, True),
    ("conversation.subject", "starts_with", "where", True, False),
    ("conversation.subject", "ends_with", "ORDER?", True, False),
    ("conversation.subject", "matches", r"\bmy\s+order\b", True, False),
    ("conversation.subject", "matches", ".*", True, False),
    ("conversation.subject", "in", ["x", "Where is my order?"], True, False),
    ("conversation.subject", "not_in", ["x", "Where is my order?"], False, True),
    ("conversation.subject", "is_set", None, True, False),
    ("conversation.subject", "is_not_set", None, False, True),
    ("message.text", "contains", "refund", True, False),
    ("message.text", "is_not_set", None, False, True),
    ("sender.domain", "is", "CUSTOMER.example", True, False),
    ("contact.domain", "is_set", None, True, False),
    ("conversation.tags", "contains", "vip", True, False),
    ("conversation.tags", "not_contains", "vip", False, True),
    ("conversation.tags", "contains_any", ["x", "LATE"], True, False),
    ("conversation.tags", "contains_all", ["vip", "late"], True, False),
    ("conversation.tags", "contains_all", ["vip", "x"], False, False),
    ("conversation.tags", "contains_none", ["x"], True, True),
    ("conversation.tags", "contains_none", ["vip"], False, True),
    ("conversation.tags", "is_set", None, True, False),
    ("conversation.tags", "is_not_set", None, False, True),
    ("conversation.team", "is", "email-support", True, False),
    ("conversation.team", "is_not", "email-support", False, True),
    ("conversation.team", "in", ["email-support"], True, False),
    ("conversation.team", "not_in", ["email-support"], False, True),
    ("conversation.team", "is_not_set", None, False, True),
    ("conversation.channel", "is", "email", True, True),
    ("message.spam_score", "less", 0.5, True, False),
    ("message.spam_score", "greater", -1, True, False),
    ("message.spam_score", "is", 0, False, False),
    ("message.spam_score", "is_not", 0, True, True),
    ("message.spam_score", "is_not_set", None, False, True),
    ("message.attachments", "is", 0, True, False),
    ("conversation.priority", "is", True, True, False),
    ("conversation.priority", "is_not", True, False, True),
    ("conversation.priority", "is_set", None, True, True),
    ("conversation.waiting_since", "after", EARLY, True, False),
    ("conversation.waiting_since", "before", LATE, True, False),
    ("conversation.waiting_since", "before", EARLY, False, False),
    ("conversation.waiting_since", "is_not_set", None, False, True),
    ("message.automatic", "is_set", None, False, False),
    ("message.automatic", "is_not_set", None, True, True),
]


def holds(asked: dict[str, Any], facts: Facts) -> bool:
    conditions = {"all": [asked]}
    check(drafted(conditions), KNOWN)
    return bool(RuleSet([rule(**{"if": conditions})]).run("ConversationStarted", facts).matched)


@pytest.mark.parametrize(("field", "operator", "value", "when_set", "when_not_set"), CASES)
def test_an_operator_says(field: str, operator: str, value: Any, when_set: bool, when_not_set: bool) -> None:
    asked = condition(field, operator, value)
    assert holds(asked, SET) is when_set
    assert holds(asked, UNSET) is when_not_set


def test_an_unset_number_is_not_zero() -> None:
    for operator, value in (("is", 0), ("less", 1), ("greater", -1)):
        assert not holds(condition("message.spam_score", operator, value), UNSET)
    zero = Facts(head(), message(spam=Spam(score=0)))
    assert holds(condition("message.spam_score", "is", 0), zero)
    assert holds(condition("message.spam_score", "is_set"), zero)


def test_letters_of_any_script_are_compared_without_case() -> None:
    facts = Facts(head(subject="Größe: ΑΘΗΝΑ, Straße"), None)
    for text in ("GRÖSSE", "αθηνα", "STRASSE"):
        assert holds(condition("conversation.subject", "contains", text), facts)
    assert holds(condition("conversation.subject", "matches", "größe: αθηνα"), facts)


def test_a_pattern_that_would_hang_other_engines_answers_at_once() -> None:
    facts = Facts(head(), message(text="a" * TEXT_LIMIT))
    assert not holds(condition("message.text", "matches", "(a+)+b$"), facts)


def test_text_is_looked_at_up_to_the_limit() -> None:
    facts = Facts(head(), message(text="x" * TEXT_LIMIT + "refund"))
    assert not holds(condition("message.text", "contains", "refund"), facts)


def test_every_type_of_field_has_operators() -> None:
    assert {field.type for field in FIELDS.values()} <= OPERATORS.keys()
    assert all({"is_set", "is_not_set"} <= operators.keys() for operators in OPERATORS.values())
