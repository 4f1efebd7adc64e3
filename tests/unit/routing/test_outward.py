"""Actions that reach beyond the conversation: what is refused when saved, and what becomes of them in a plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pydantic import TypeAdapter

from services.routing.model.conversation import follow
from services.routing.model.outward import outward, plain_facts
from services.routing.model.plan import Plan, plan
from services.routing.rules.compile import Known, check
from services.routing.rules.evaluate import RuleSet
from services.routing.rules.facts import Facts, Moments
from services.routing.rules.schema import Rule, RuleAction, RuleDraft, RuleField
from services.tickets.demo.ticket_types import TICKET_TYPES
from shared.contracts.common import RuleRef
from shared.contracts.contacts import Block, Contact
from shared.contracts.conversations import Link, Tagged
from shared.contracts.deliveries import EndpointChanged
from shared.contracts.directory import MacroChanged
from shared.contracts.routing import CallWebhook, CreateTicket, EmitEvent, NotifyAgents, SendMacro
from shared.errors import Invalid
from tests.unit.routing.examples import AT, KNOWN, changed, draft, message, replied, rule, started

ORDER = RuleField(id="order", applies_to="conversation", label="Order", type="text")
MACROS = {
    "hello": MacroChanged(macro_id="hello", seq=1, name="Hello", html="<p>Hello</p>"),
    "mine": MacroChanged(macro_id="mine", seq=1, name="Mine", html="<p>Hello</p>", personal=True),
    "empty": MacroChanged(macro_id="empty", seq=1, name="Empty"),
    "echo": MacroChanged(macro_id="echo", seq=1, name="Echo", html="<p>x</p>", brand_ids=("earth-echo",)),
}
WEBHOOKS = {
    "hook": EndpointChanged(endpoint_id="hook", seq=1, at=AT, name="Warehouse", state="active"),
    "off": EndpointChanged(endpoint_id="off", seq=2, at=AT, name="Old warehouse", state="disabled"),
    "ours": EndpointChanged(
        endpoint_id="ours", seq=1, at=AT, name="Ours", brand_ids=("paleo-hacks", "earth-echo"), state="active"
    ),
    "echo": EndpointChanged(endpoint_id="echo", seq=1, at=AT, name="Echo", brand_ids=("earth-echo",), state="active"),
}
ALL = replace(
    KNOWN,
    macros=MACROS,
    ticket_types={one.type_id: one for one in TICKET_TYPES},
    attributes=(ORDER,),
    webhooks=WEBHOOKS,
)
NOTIFY = {"kind": "notify", "text": "Look", "to": ["assignee"]}
HELLO = {"kind": "send_macro", "macro_id": "hello"}
REFUND = {
    "kind": "create_ticket",
    "type_id": "refund",
    "fields": [
        {"id": "order", "field": "attribute.order"},
        {"id": "reason", "value": "Wrong item"},
        {"id": "action", "value": "Refund in full"},
    ],
}
EMIT = {"kind": "emit_event", "name": "order.late", "attributes": [{"id": "subject", "field": "conversation.subject"}]}
CALL = {**EMIT, "kind": "call_webhook", "endpoint_id": "hook"}


def saved(*then: Any, known: Known = ALL, **changes: Any) -> tuple[RuleField, ...]:
    return check(RuleDraft.model_validate(draft(then=list(then), **changes)), known)


def planned(
    *then: Any,
    event: Any = None,
    facts: Facts | None = None,
    version: int = 1,
    spam: str | None = None,
    **of_rule: Any,
) -> Plan:
    event = event or started()
    rules: list[Rule] = [rule("r", then=[one], **of_rule).model_copy(update={"version": version}) for one in then]
    row = follow(None, "e1", event)
    _, made = plan(
        row,
        event,
        rules,
        decision_id="d1",
        correlation_id="k",
        is_member=lambda *_: False,
        now=AT,
        facts=facts,
        spam=spam,
    )
    return made


def test_all_of_them_can_be_saved_and_own_attributes_are_kept_with_the_rule() -> None:
    assert saved(NOTIFY, HELLO, REFUND, EMIT, {"kind": "link_tracker", "tracker_id": "t"}) == (ORDER,)


@pytest.mark.parametrize(
    ("action", "place"),
    [
        ({**NOTIFY, "to": []}, "then[0].to"),
        ({**NOTIFY, "agent_ids": ["maya", "nobody"]}, "then[0].agent_ids[1]"),
        ({**NOTIFY, "team_ids": ["none"]}, "then[0].team_ids[0]"),
        ({**HELLO, "macro_id": "none"}, "then[0].macro_id"),
        ({**HELLO, "macro_id": "mine"}, "then[0].macro_id"),
        ({**HELLO, "macro_id": "empty"}, "then[0].macro_id"),
        ({**HELLO, "macro_id": "echo"}, "then[0].macro_id"),
        ({**REFUND, "type_id": "none"}, "then[0].type_id"),
        ({**REFUND, "type_id": "tracker"}, "then[0].type_id"),
        ({**REFUND, "fields": REFUND["fields"][:2]}, "then[0].fields"),
        ({**REFUND, "fields": [*REFUND["fields"], {"id": "color", "value": 1}]}, "then[0].fields[3].id"),
        ({**REFUND, "fields": [{"id": "order"}, *REFUND["fields"][1:]]}, "then[0].fields[0]"),
        ({**REFUND, "fields": [{"id": "order", "field": "a.b"}, *REFUND["fields"][1:]]}, "then[0].fields[0].field"),
        ({**EMIT, "attributes": [{"id": "a", "value": 1}, {"id": "a", "value": 2}]}, "then[0].attributes[1].id"),
        ({**EMIT, "attributes": [{"id": "a", "value": 1, "field": "call.number"}]}, "then[0].attributes[0]"),
        ({**CALL, "endpoint_id": "none"}, "then[0].endpoint_id"),
        ({**CALL, "endpoint_id": "echo"}, "then[0].endpoint_id"),
        ({**CALL, "attributes": [{"id": "a", "field": "a.b"}]}, "then[0].attributes[0].field"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_with_its_place(action: Any, place: str) -> None:
    with pytest.raises(Invalid) as refused:
        saved(action, brand_ids=["paleo-hacks"])
    assert [one.path for one in refused.value.fields] == [place]


def test_a_webhook_of_other_brands_is_not_named_to_whoever_may_not_see_it() -> None:
    with pytest.raises(Invalid) as refused:
        saved({**CALL, "endpoint_id": "echo"}, brand_ids=["paleo-hacks"])
    (field,) = refused.value.fields
    assert WEBHOOKS["echo"].name not in field.message


@pytest.mark.parametrize("endpoint_id", ["hook", "off", "ours"])
def test_a_webhook_for_one_of_the_rules_brands_can_be_called_and_one_that_is_off_may_be_named(endpoint_id: str) -> None:
    own = {"id": "order", "field": "attribute.order"}
    call = {**CALL, "endpoint_id": endpoint_id, "attributes": [own]}
    assert saved(call, brand_ids=["paleo-hacks"]) == (ORDER,)


@pytest.mark.parametrize("name", ["Order Late", "", "1x", "x" * 70])
def test_an_event_has_a_name_that_programs_can_use(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        RuleDraft.model_validate(draft(then=[{**EMIT, "name": name}]))


def test_each_has_an_id_of_the_event_the_rules_version_and_the_action() -> None:
    made = [planned(NOTIFY), planned(NOTIFY), planned(NOTIFY, version=2)]
    first, again, changed = (one.actions[0] for one in made)
    assert isinstance(first, NotifyAgents)
    assert isinstance(changed, NotifyAgents)
    assert first == again
    assert first.id != changed.id


def test_each_call_of_a_webhook_is_made_with_its_values_and_an_id_of_its_own() -> None:
    rules = [rule("r", then=[CALL, {**CALL, "endpoint_id": "off"}, CALL])]
    refs = [RuleRef(id="r", name="r", version=1)]
    made, again = (list(outward(rules, refs, "d1", plain_facts(started()))) for _ in range(2))
    assert made == again
    calls = [one for one in made if isinstance(one, CallWebhook)]
    assert [one.endpoint_id for one in calls] == ["hook", "off", "hook"]
    assert len({one.id for one in calls}) == 3
    first = calls[0]
    assert [(one.id, one.value) for one in first.attributes] == [("subject", started().head.subject)]
    assert first.rule == refs[0]


def test_two_macros_in_one_decision_are_one_reply() -> None:
    assert [one.kind for one in planned(HELLO, {**HELLO, "macro_id": "echo"}, NOTIFY).actions] == [
        "send_macro",
        "notify",
    ]


def test_the_customer_is_blocked_once_and_not_who_is_blocked() -> None:
    """Where the contact is not known, as its first event was not read yet, tickets knows."""
    event, made = started(), [rule(f"r{n}", then=[{"kind": "block", "reason": f"Why {n}"}]) for n in range(2)]
    refs = [RuleRef(id=one.id, name=one.name, version=1) for one in made]
    (block,) = outward(made, refs, "d1", plain_facts(event))
    assert block.model_dump(include={"kind", "reason"}) == {"kind": "block", "reason": "Why 0"}
    who = Contact(id="k1", seq=2, created_at=AT, updated_at=AT, blocked=Block(reason="Threats", at=AT))
    assert list(outward(made, refs, "d1", replace(plain_facts(event), contact=who))) == []


def test_a_rule_that_blocks_reads_the_contact_and_leads_to_no_loop_of_its_own() -> None:
    then = [{"kind": "add_tags", "tags": ["scam"]}, {"kind": "block", "reason": "Scam"}]
    scam = rule("r1", when=["ConversationStarted", "Tagged"], then=then)
    assert RuleSet([scam]).ask_contacts
    event = changed(Tagged, {"added": ("scam",), "removed": ()}, tags=("scam",))
    _, made = plan(
        follow(None, "e2", event),
        event,
        [scam],
        decision_id="d2",
        correlation_id="k",
        is_member=lambda *_: False,
        now=AT,
        chain=("r1",),
    )
    assert (made.actions, made.cut) == ((), ())


def test_a_block_needs_a_reason() -> None:
    for reason in ("", "  ", "x" * 201):
        with pytest.raises(ValueError, match="reason"):
            TypeAdapter(RuleAction).validate_python({"kind": "block", "reason": reason})


@pytest.mark.parametrize("spam", ["Spam score 0.97.", None])
def test_what_is_judged_spam_is_marked_before_anything_goes_outward(spam: str | None) -> None:
    """The score's mark stands where a rule's own does, so that its automatic reply is refused."""
    then = [HELLO, CALL] if spam else [{"kind": "mark_spam", "reason": "x"}, HELLO, CALL]
    made = planned(*then, spam=spam)
    assert [one.kind for one in made.actions] == ["mark_spam", "send_macro", "call_webhook"]


@pytest.mark.parametrize(
    ("event", "moments", "automatic"),
    [
        (started(), Moments(), False),
        (replied(2).model_copy(update={"message": message(automatic="bounce")}), Moments(customer_at=AT), True),
        (started().model_copy(update={"message": None}), Moments(customer_at=AT), False),
        (started().model_copy(update={"message": None}), Moments(), True),
    ],
)
def test_whether_a_person_wrote_goes_along(event: Any, moments: Moments, automatic: bool) -> None:
    made = planned(HELLO, event=event, facts=Facts(event.head, event.message, event, moments=moments))
    (action,) = made.actions
    assert isinstance(action, SendMacro)
    assert action.to_automatic is automatic


def test_values_are_taken_from_fields_and_what_is_unset_is_left_out() -> None:
    event = started(attributes=[{"id": "order", "value": "1001"}])
    (action,) = planned(REFUND, event=event, fields=[ORDER]).actions
    assert isinstance(action, CreateTicket)
    assert [(one.id, one.value) for one in action.fields][:1] == [("order", "1001")]
    taken = ("conversation.tags", "conversation.started_at", "contact.lifetime_revenue", "contact.language")
    attributes = [{"id": f"a{n}", "field": name} for n, name in enumerate(taken)]
    who = Contact(id="k1", seq=1, language="de", created_at=AT, updated_at=AT)
    event = started(tags=("a", "b"))
    facts = Facts(event.head, event.message, event, contact=who)
    (emitted,) = planned({**EMIT, "attributes": attributes}, event=event, facts=facts).actions
    assert isinstance(emitted, EmitEvent)
    assert [(one.id, one.value) for one in emitted.attributes] == [
        ("a0", "a, b"),
        ("a1", AT.isoformat()),
        ("a3", "de"),
    ]


def test_what_is_tracked_already_is_left_out() -> None:
    action = {"kind": "link_tracker", "tracker_id": "t1"}
    link = Link(kind="tracker", id="t1", title="Late parcels")
    assert planned(action, event=started(links=(link,))).actions == ()
    assert len(planned(action, action).actions) == 1


def test_every_action_has_a_title_for_forms() -> None:
    described = TypeAdapter[Any](RuleAction).json_schema()
    titles = [one["title"] for name, one in described["$defs"].items() if "kind" in one["properties"]]
    assert len(titles) == 22
    assert all(" " in one or one in ("Close", "Reopen", "Snooze") for one in titles)
