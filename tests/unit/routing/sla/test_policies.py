"""Which policy a conversation is under: what policies may ask about, the desk's own attributes among it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services.routing.rules.schema import RuleField
from services.routing.sla.check import check_policy
from services.routing.sla.policies import PolicySet
from services.routing.sla.schema import PolicyDraft
from shared.contracts.contacts import AttributeValue, Contact
from shared.errors import Invalid
from shared.governance.stages import Member
from tests.unit.routing.examples import AT, KNOWN, condition, head
from tests.unit.routing.sla.story import policy

AMOUNT = RuleField(id="amount", applies_to="conversation", label="Amount", type="number")
TIER = RuleField(id="tier", applies_to="contact", label="Tier", type="choice", options=("gold", "silver"))
OWN = replace(KNOWN, attributes=(AMOUNT, TIER))


def only(*conditions: dict[str, Any]) -> dict[str, Any]:
    return {"if": {"all": list(conditions)}}


def test_the_desks_own_attributes_are_kept_with_the_policy_that_asks_about_them() -> None:
    large = only(condition("attribute.amount", "at_least", 100))
    draft = PolicyDraft.model_validate({"name": "Large", "first_response_s": 3600, **large})
    fields = check_policy(draft, OWN, ())
    assert fields == (AMOUNT,)
    # The attribute may be gone since: the policy can still be read.
    policies = PolicySet([Member(policy("large", fields=fields, **large))])
    assert not policies.ask_contacts
    assert policies.of(head(attributes=(AttributeValue(id="amount", value=99),))) is None
    assert policies.of(head(attributes=(AttributeValue(id="amount", value=100),)))


def test_the_contact_is_asked_when_it_is_known() -> None:
    gold = only(condition("contact_attribute.tier", "is", "gold"))
    draft = PolicyDraft.model_validate({"name": "Gold", "first_response_s": 3600, **gold})
    policies = PolicySet([Member(policy("gold", fields=check_policy(draft, OWN, ()), **gold))])
    assert policies.ask_contacts
    contact = Contact(
        id="k1", seq=1, created_at=AT, updated_at=AT, attributes=(AttributeValue(id="tier", value="gold"),)
    )
    assert policies.of(head(), contact)
    assert policies.of(head()) is None


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        (condition("event.hour", "less", 9), "field"),
        (condition("conversation.tags_added", "contains", "vip"), "field"),
        # It would be under the policy because it is under it.
        (condition("conversation.next_sla_at", "is_set"), "field"),
        (condition("conversation.priority", "changed"), "operator"),
        (condition("conversation.started_at", "longer_ago", "P1D"), "operator"),
        (condition("conversation.started_at", "today"), "operator"),
        (condition("attribute.amount", "changed_to", 5), "operator"),
    ],
)
def test_what_one_event_says_is_refused(asked: dict[str, Any], place: str) -> None:
    draft = PolicyDraft.model_validate({"name": "Now", "first_response_s": 3600, **only(asked)})
    with pytest.raises(Invalid, match="A policy") as caught:
        check_policy(draft, OWN, ())
    assert [one.path for one in caught.value.fields] == [f"if.all[0].{place}"]
