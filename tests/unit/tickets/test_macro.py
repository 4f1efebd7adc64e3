"""Macros: variables filled and missing ones shown, who may use one, what is wrong with one, and what it does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.model.commands import Reply, decide_reply
from services.tickets.model.macro import fill, may_use, values_for, wrong_with
from shared.contracts.contacts import AttributeValue
from shared.contracts.conversations import ConversationEvent
from shared.contracts.directory import AttributeChanged, MacroAction, MacroChanged
from shared.errors import DomainError, Forbidden
from tests.unit.tickets.examples import DESK, contact, context, message_id, minute, started

PLAN = AttributeChanged(attribute_id="plan", seq=1, applies_to="contact", label="Plan")
WITH_PLAN = replace(DESK, attributes={"plan": PLAN})


def macro(**fields: object) -> MacroChanged:
    return MacroChanged.model_validate({"macro_id": "m", "seq": 1, "name": "M", "html": "<p>Hi</p>", **fields})


def action(kind: str, value: str = "") -> MacroAction:
    return MacroAction.model_validate({"kind": kind, "value": value})


def answer(*actions: MacroAction, lead: bool = False, **fields: object) -> list[ConversationEvent]:
    command = Reply("entry", "Hi", "<p>Hi</p>", actions=actions, may_assign_others=lead, **fields)  # type: ignore[arg-type]
    return list(decide_reply(started(), command, context(5), DESK, message_id))


def names(events: list[ConversationEvent]) -> list[str]:
    return [type(one).__name__ for one in events]


@pytest.mark.parametrize(
    ("html", "filled", "missing"),
    [
        ("<p>Hi {{contact.first_name}}</p>", "<p>Hi Ada</p>", ()),
        ("{{ contact.first_name|there }}", "Ada", ()),
        ("Hi {{contact.phone | there}}", "Hi there", ()),
        ("{{contact.phone}} or {{ contact.phone }}", "{{contact.phone}} or {{contact.phone}}", ("contact.phone",)),
        ("{{no.such}} {{contact.phone|}}", "{{no.such}} {{contact.phone}}", ("no.such", "contact.phone")),
        ("{{ }} {{2}} { {contact.name} }", "{{ }} {{2}} { {contact.name} }", ()),
    ],
)
def test_variables_are_filled_and_missing_ones_shown(html: str, filled: str, missing: tuple[str, ...]) -> None:
    known = fill(html, {"contact.first_name": "Ada"})
    assert (known.html, known.missing) == (filled, missing)


@given(st.text())
def test_a_value_is_text_and_never_markup(value: str) -> None:
    said = fill('<a title="{{x}}">{{x}}</a>', {"x": value}).html
    if value:
        assert said.count("<") == 2
        assert said.count('"') == 2


def test_values_come_from_the_conversation_its_customer_and_who_writes() -> None:
    ada = contact().model_copy(update={"attributes": (AttributeValue(id="plan", value="Gold"),)})
    found = values_for(started().head, ada, DESK, DESK.agents["maya"])
    assert found["contact.first_name"] == "Ada"
    assert found["contact.email"] == "ada@example.org"
    assert found["contact.attributes.plan"] == "Gold"
    assert (found["agent.name"], found["brand.name"]) == ("Maya", "Paleo Hacks")
    assert "contact.phone" not in found


@pytest.mark.parametrize(
    ("fields", "uses"),
    [
        ({}, True),
        ({"active": False}, False),
        ({"personal": True, "created_by": "maya"}, True),
        ({"personal": True, "created_by": "leo"}, False),
        ({"brand_ids": ("paleo-hacks", "other")}, True),
        ({"brand_ids": ("other",)}, False),
        ({"team_ids": ("email",)}, True),
        ({"team_ids": ("phone",)}, False),
    ],
)
def test_who_uses_which(fields: dict[str, object], uses: bool) -> None:
    assert may_use(macro(**fields), "maya", {"paleo-hacks"}, {"email"}) is uses


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"name": "  "}, "body.name"),
        ({"html": ""}, "body.html"),
        ({"html": "<p>{{contact.shoe}}</p>"}, "body.html"),
        ({"html": "<p>{{contact.attributes.shoe}}</p>"}, "body.html"),
        ({"brand_ids": ("nope",)}, "body.brand_ids"),
        ({"team_ids": ("nope",)}, "body.team_ids"),
        ({"actions": (action("tag", " "),)}, "body.actions.0.value"),
        ({"actions": (action("close"), action("topic", "Nope"))}, "body.actions.1.value"),
        ({"actions": (action("team", "nope"),)}, "body.actions.0.value"),
        ({"actions": (action("agent", "gone"),)}, "body.actions.0.value"),
        ({"actions": (action("snooze", "0"),)}, "body.actions.0.value"),
        ({"actions": (action("snooze", "²"),)}, "body.actions.0.value"),
        ({"actions": (action("close", "now"),)}, "body.actions.0.value"),
        ({"actions": (action("close"), action("snooze", "2"))}, "body.actions"),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(fields: dict[str, object], path: str) -> None:
    assert [one.path for one in wrong_with(macro(**fields), WITH_PLAN)] == [path]


def test_what_is_in_order_is_not_refused() -> None:
    html = "<p>Hi {{ contact.first_name | there }}, {{contact.attributes.plan}}</p>"
    does = (action("tag", "vip"), action("team", "email"), action("agent", "me"), action("snooze", "24"))
    assert wrong_with(macro(html=html, actions=does), WITH_PLAN) == []
    assert wrong_with(macro(html="", actions=(action("close"),)), WITH_PLAN) == []


def test_its_actions_follow_the_reply_and_putting_away_comes_last() -> None:
    events = answer(
        action("close"), action("tag", "VIP"), action("topic", "Billing"), action("priority"), action("agent", "me")
    )
    assert names(events) == ["ReplySent", "Tagged", "TopicChanged", "PriorityChanged", "Assigned", "Closed"]
    assert (events[-1].head.tags, events[-1].head.assignee_id) == (("vip",), "maya")
    assert [one.seq for one in events] == [2, 3, 4, 5, 6, 7]


def test_what_was_chosen_at_the_sending_comes_before_what_the_macro_does() -> None:
    assert names(answer(action("close"), then_snooze_until=minute(60))) == ["ReplySent", "Snoozed"]
    assert names(answer(action("snooze", "1"), then_close=True)) == ["ReplySent", "Closed"]
    assert names(answer(action("snooze", "1"))) == ["ReplySent", "Snoozed"]


def test_an_action_asks_for_the_same_rights_as_by_hand() -> None:
    with pytest.raises(Forbidden):
        answer(action("agent", "leo"))
    assert names(answer(action("agent", "leo"), action("team", "email"), lead=True)) == [
        "ReplySent",
        "Assigned",
        "Assigned",
    ]
    with pytest.raises(DomainError):
        answer(action("topic", "Nope"))
