"""Rules that ask who is there: what is told of a conversation, and that nothing matches where it is not known."""

from __future__ import annotations

from typing import Any

import pytest

from services.routing.assignment import Board, Candidate, Held, Queue, Staff
from services.routing.model.later import time_passed
from services.routing.rules.compile import check
from services.routing.rules.evaluate import RuleSet
from services.routing.rules.facts import Facts
from services.routing.rules.schema import RuleField
from services.routing.sla.check import check_policy
from services.routing.sla.schema import PolicyDraft
from shared.errors import Invalid
from tests.unit.routing.examples import KNOWN, condition, drafted, head, rule, started
from tests.unit.routing.test_facts import holds
from tests.unit.routing.waiting_rules import IN_2H, World

MAYA = Candidate("maya", "Maya", online=True, capacity=3, capacities={"chat": 1})
JONAS = Candidate("jonas", "Jonas", online=True, capacity=5, brand_ids=frozenset({"earth-echo"}))
LENA = Candidate("lena", "Lena", online=False, capacity=5)
STAFF = Staff(
    statuses={"maya": "online", "jonas": "online", "lena": "away"},
    teams={
        "email-support": Queue("email-support", "Email", (MAYA, JONAS, LENA)),
        "phone-support": Queue("phone-support", "Phone", (LENA,)),
    },
    board=Board(loads={"maya": 2, "jonas": 0}, channels={Held("maya", "chat"): 1}),
    waiting={"email-support": 7},
)
FULL = Staff(STAFF.statuses, STAFF.teams, Board(loads={"maya": 3, "jonas": 5}))


def seen(staff: Staff = STAFF, **on_head: Any) -> Facts:
    now = head(**on_head)
    return Facts(now, available=staff.of(now))


MAIL, PHONE = seen(team_id="email-support"), seen(team_id="phone-support")
NO_TEAM, GONE = seen(), seen(team_id="was-deleted", assignee_id="was-deleted")
ECHO = seen(team_id="email-support", brand_id="earth-echo")
CHAT = seen(team_id="email-support", channel="chat")
BUSY = seen(FULL, team_id="email-support")

ASKED: list[tuple[Facts, str, str, Any, bool]] = [
    (seen(assignee_id="maya"), "assignee", "is", "online", True),
    (seen(assignee_id="lena"), "assignee", "is", "away", True),
    (seen(assignee_id="lena"), "assignee", "in", ["away", "offline"], True),
    (GONE, "assignee", "is", "offline", True),
    (NO_TEAM, "assignee", "is_not_set", None, True),
    (NO_TEAM, "assignee", "is", "offline", False),
    (MAIL, "online", "is", 1, True),  # Jonas is there for another brand
    (ECHO, "online", "is", 2, True),
    (PHONE, "online", "is", 0, True),
    (NO_TEAM, "online", "is", 0, False),  # what is not set is not 0
    (NO_TEAM, "online", "is_not_set", None, True),
    (GONE, "online", "is_not_set", None, True),
    (MAIL, "room", "is", 1, True),
    (ECHO, "room", "is", 6, True),
    (CHAT, "room", "is", 0, True),
    (BUSY, "room", "less", 1, True),
    (BUSY, "online", "at_least", 1, True),
    (MAIL, "waiting", "greater", 6, True),
    (PHONE, "waiting", "is", 0, True),
    (NO_TEAM, "waiting", "less", 10, False),
    (NO_TEAM, "teams_online", "contains", "email-support", True),
    (NO_TEAM, "teams_online", "contains", "phone-support", False),
    (NO_TEAM, "teams_with_room", "contains_any", ["email-support", "phone-support"], True),
    (CHAT, "teams_with_room", "contains", "email-support", False),
    (BUSY, "teams_with_room", "is_not_set", None, True),
]


@pytest.mark.parametrize(("facts", "field", "operator", "value", "expected"), ASKED)
def test_who_is_there(facts: Facts, field: str, operator: str, value: Any, expected: bool) -> None:
    assert facts.event is None
    assert holds(condition(f"availability.{field}", operator, value), facts) is expected


@pytest.mark.parametrize("joined", ["all", "any", "none"])
@pytest.mark.parametrize(("operator", "value"), [("is", 0), ("is_not", 0), ("is_set", None), ("is_not_set", None)])
def test_where_it_was_not_looked_no_rule_matches(joined: str, operator: str, value: Any) -> None:
    asked = condition("availability.online", operator, value)
    rules = RuleSet([rule(**{"if": {"all": [{joined: [asked]}]}})])
    assert not rules.run("ConversationStarted", Facts(head())).matched


def test_it_is_looked_who_is_there_where_some_rule_asks() -> None:
    assert RuleSet([rule(**{"if": {"all": [condition("availability.assignee", "is", "away")]}})]).ask_staff
    assert not RuleSet([rule()]).ask_staff


@pytest.mark.parametrize(
    ("field", "asks"),
    [
        ("availability.online", "ask_staff"),
        ("event.open_teams", "ask_hours"),
        ("event.calendars", "ask_hours"),
        ("contact.language", "ask_contacts"),
        ("contact_attribute.tier", "ask_contacts"),
    ],
)
def test_what_an_action_takes_is_looked_up_though_no_condition_asks(field: str, asks: str) -> None:
    emits = {"kind": "emit_event", "name": "order.late", "attributes": [{"id": "one", "field": field}]}
    own = RuleField(id="tier", applies_to="contact", label="Tier", type="text")
    rules = RuleSet([rule(then=[emits]).model_copy(update={"fields": (own,)})])
    assert [one for one in ("ask_staff", "ask_hours", "ask_contacts") if getattr(rules, one)] == [asks]


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("availability.assignee", "asleep", "online, away, offline"),
        ("availability.online", "many", "a number"),
        ("availability.teams_online", "nobody", 'no team "nobody"'),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_place(field: str, value: Any, says: str) -> None:
    operator = "contains" if field.endswith("teams_online") else "is"
    with pytest.raises(Invalid) as refused:
        check(drafted({"all": [condition(field, operator, value)]}), KNOWN)
    assert [one.path for one in refused.value.fields] == ["if.all[0].value"]
    assert says in refused.value.fields[0].message


def test_a_service_level_does_not_come_and_go_with_who_is_there() -> None:
    asked = {"all": [condition("availability.online", "is", 0)]}
    with pytest.raises(Invalid, match=r"if\.all\[0\]\.field"):
        check_policy(PolicyDraft.model_validate({"name": "VIP", "if": asked, "first_response_s": 60}), KNOWN, ())


def test_a_rule_that_waited_looks_when_its_time_has_come() -> None:
    nobody = condition("availability.online", "is", 0)
    for there, acted in (
        (STAFF, []),
        (Staff(teams={"email-support": Queue("email-support", "Email", (LENA,))}), ["r1"]),
    ):
        world = World(rule(when=["ConversationStarted"], **{**IN_2H, "if": None}))
        world.staff = STAFF
        world.hear(started(team_id="email-support"))
        world.rules = RuleSet([rule(when=["ConversationStarted"], **{**IN_2H, "if": {"all": [nobody]}})])
        world.staff = there
        world.pass_(hours=3)
        assert world.by == acted


def test_what_was_seen_is_kept_with_the_decision() -> None:
    rules = RuleSet([rule(**{"if": {"all": [condition("availability.room", "less", 2)]}})])
    outcome = rules.run("ConversationStarted", MAIL)
    assert outcome.seen["availability.room"] == 1
    (trace,) = rules.explain("ConversationStarted", "paleo-hacks", outcome.looked_at, outcome.seen)
    assert trace.matched


def test_a_rule_about_time_is_told_too() -> None:
    asked = [condition("conversation.started_at", "longer_ago", "PT1H"), condition("availability.online", "is", 0)]
    rules = RuleSet([rule(when=["TimePassed"], **{"if": {"all": asked}})])
    (timed,) = rules.timed(
        Facts(
            PHONE.head, event=time_passed(PHONE.head, PHONE.head.started_at.replace(hour=23)), available=PHONE.available
        )
    )
    assert timed.outcome.matched


def test_it_is_looked_for_the_events_alone_that_some_rule_asks_at() -> None:
    asked = {"all": [condition("availability.online", "is", 0)]}
    replies = RuleSet([rule("a", when=["CustomerReplied"], **{"if": asked}), rule("b", when=["Tagged"])])
    assert replies.asks_staff_at("CustomerReplied")
    assert not replies.asks_staff_at("Tagged")
    taken = [{"id": "room", "field": "availability.room"}]
    emits = [{"kind": "emit_event", "name": "room", "attributes": taken}]
    assert RuleSet([rule("a", when=["Tagged"], then=emits)]).asks_staff_at("Tagged")
    timed = RuleSet([rule("a", when=["TimePassed"], **{"if": asked})])
    assert timed.asks_staff_at("Tagged"), "when it is to be asked next is seen after every event"
    assert not replies.asks("availability.waiting")
