"""Rules on what a customer did in a product: which are asked, what they see, that they wait and end."""

from __future__ import annotations

from typing import Any

import pytest

from services.routing.model.later import event_of, head_of
from services.routing.rules.compile import check
from services.routing.rules.evaluate import RuleSet
from services.routing.rules.facts import Facts
from services.routing.rules.names import is_called, kinds_of, name_of
from services.routing.sla.check import check_policy
from services.routing.sla.schema import PolicyDraft
from shared.contracts.acted import CustomerActed
from shared.contracts.conversations import ConversationEvent
from shared.errors import Invalid
from tests.unit.routing.examples import AT, CUSTOMER, KNOWN, changed, condition, drafted, rule, started
from tests.unit.routing.waiting_rules import NOTE, World

SAID = {"amount": 49.5, "attempt": 2.0, "plan": "yearly", "trial": False}


def acted(name: str = "Payment failed", said: dict[str, Any] | None = None, seq: int = 2) -> Any:
    attributes = [{"name": one, "value": value} for one, value in (SAID if said is None else said).items()]
    activity = {"name": name, "at": AT, "attributes": attributes}
    event = changed(CustomerActed, {"activity": activity, "by": CUSTOMER})
    head = event.head.model_copy(update={"seq": seq})
    return event.model_copy(update={"seq": seq, "head": head})


def facts(event: ConversationEvent) -> Facts:
    return Facts(event.head, getattr(event, "message", None), event)


def matches(asked: dict[str, Any], event: Any) -> bool:
    check(drafted({"all": [asked]}), KNOWN)
    rules = RuleSet([rule(when=["CustomerActed", "CustomerReplied"], **{"if": {"all": [asked]}})])
    return bool(rules.run(name_of(event), facts(event)).matched)


def test_only_rules_for_it_are_asked() -> None:
    event = acted()
    assert RuleSet([rule(when=["CustomerActed"])]).run(name_of(event), facts(event)).matched
    assert not RuleSet([rule(when=["CustomerReplied"])]).run(name_of(event), facts(event)).matched
    assert is_called(event, ("CustomerActed",))
    assert kinds_of(("CustomerActed",)) == {"CustomerActed"}


@pytest.mark.parametrize(
    ("asked", "so"),
    [
        (condition("activity.name", "is", "Payment failed"), True),
        (condition("activity.name", "is", "Paid"), False),
        (condition("activity.name", "starts_with", "Payment"), True),
        (condition("activity.attributes", "contains_any", ["plan=yearly"]), True),
        (condition("activity.attributes", "contains_any", ["amount=49.5"]), True),
        (condition("activity.attributes", "contains_all", ["attempt=2", "trial=no"]), True),
        (condition("activity.attributes", "contains_any", ["plan=monthly", "trial=yes"]), False),
        (condition("activity.at", "is_set"), True),
        (condition("event.by", "is", "customer"), True),
    ],
)
def test_a_rule_asks_what_they_did_and_what_was_said_of_it(asked: dict[str, Any], so: bool) -> None:
    assert matches(asked, acted()) is so


def test_of_another_event_nothing_is_known_of_it() -> None:
    event = started()
    rules = RuleSet([rule(**{"if": {"all": [condition("activity.name", "is_set")]}})])
    assert not rules.run(name_of(event), facts(event)).matched


def test_why_says_what_they_did() -> None:
    event = acted()
    rules = RuleSet([rule(when=["CustomerActed"], **{"if": {"all": [condition("activity.name", "is", "Paid")]}})])
    ran = rules.run(name_of(event), facts(event))
    (trace,) = rules.explain("CustomerActed", "paleo-hacks", ran.looked_at, ran.seen)
    assert trace.conditions is not None
    assert trace.conditions.children[0].seen == "Payment failed"  # type: ignore[union-attr]


def test_a_rule_that_waits_asks_what_it_was_about() -> None:
    world = World(rule("r", when=["CustomerActed"], after="PT2H", then=NOTE))
    world.hear(started())
    world.hear(acted())
    assert world.row is not None
    (wait,) = world.row.waits
    now = head_of(world.row)
    assert now is not None
    event = event_of(wait, now, world.now)
    assert isinstance(event, CustomerActed)
    assert event.activity == acted().activity


def test_neither_a_rule_about_time_nor_a_service_level_asks_of_it() -> None:
    asked = [condition("activity.name", "is", "Paid"), condition("conversation.started_at", "longer_ago", "PT1H")]
    timed = drafted({"all": asked}).model_copy(update={"when": ("TimePassed",)})
    with pytest.raises(Invalid) as refused:
        check(timed, KNOWN)
    assert [one.path for one in refused.value.fields] == ["if.all[0].field"]
    policy = PolicyDraft.model_validate({"name": "P", "if": {"all": asked[:1]}, "close_s": 60})
    with pytest.raises(Invalid, match="not about one event"):
        check_policy(policy, KNOWN, ())
