"""The time to resolve a ticket: since it was submitted, paused while it waits for the customer, on when reopened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.routing.rules.compile import Known
from services.routing.rules.schema import RuleField
from services.routing.sla.check import check_policy
from services.routing.sla.policies import PolicySet
from services.routing.sla.schema import PolicyDraft
from shared.contracts.directory import TicketTypeChanged
from shared.contracts.tickets import TicketState
from shared.errors import Invalid
from shared.governance.stages import Member
from tests.unit.routing.examples import AT, KNOWN, condition, head
from tests.unit.routing.linked_tickets import ticket
from tests.unit.routing.sla.reference import Slow
from tests.unit.routing.sla.story import MINUTE, OFFICE, policy
from tests.unit.routing.sla.ticket_story import TicketStory, moved, resolving

FORM = (RuleField(id="refund.order", applies_to="ticket", label="Refund: Order", type="text"),)
TYPES = {"refund": TicketTypeChanged(type_id="refund", seq=1, name="Refund")}
DESK = Known(KNOWN.brands, KNOWN.teams, KNOWN.agents, FORM, ticket_types=TYPES)


def policies(*ones: Any) -> PolicySet:
    return PolicySet([Member(one) for one in ones])


# ── what becomes of it ───────────────────────────────────────────────────────────────────────────
def test_it_is_due_after_its_time_and_met_when_it_is_resolved() -> None:
    story = TicketStory(resolving(minutes=60))
    story.begin()
    assert story.due_in == 60
    story.move("in_progress", 10)
    story.move("resolved", 30)
    assert (story.told, story.due_in) == (["started", "met"], None)


def test_it_is_warned_and_missed_and_met_late() -> None:
    story = TicketStory(resolving(minutes=100))
    story.begin()
    story.due(79)
    story.due(81)
    story.due(101)
    story.due(200)
    story.move("resolved", 300)
    assert story.told == ["started", "warned", "breached", "met late"]


def test_it_stands_still_while_the_ticket_waits_for_the_customer() -> None:
    story = TicketStory(resolving(minutes=60))
    story.begin()
    story.move("waiting_on_customer", 20)
    assert story.due_in is None
    story.due(500)
    story.move("in_progress", 600)
    assert (story.told, story.due_in) == (["started", "paused", "resumed"], 640)


def test_it_runs_on_where_the_policy_does_not_pause_so() -> None:
    story = TicketStory(resolving(minutes=60, pauses=["snoozed"]))
    story.begin()
    story.move("waiting_on_customer", 20)
    assert (story.told, story.due_in) == (["started"], 60)


def test_a_ticket_that_is_opened_again_goes_on_where_it_was() -> None:
    story = TicketStory(resolving(minutes=60))
    story.begin()
    story.move("resolved", 40)
    story.move("in_progress", 1000)
    assert (story.told, story.due_in) == (["started", "met", "started"], 1020)


def test_what_was_missed_stays_missed_when_it_is_opened_again() -> None:
    story = TicketStory(resolving(minutes=60))
    story.begin()
    story.due(61)
    story.move("resolved", 100)
    story.move("in_progress", 200)
    story.due(900)
    story.move("resolved", 1000)
    assert story.told == ["started", "breached", "met late", "started", "met late"]


def test_who_was_warned_is_not_warned_of_the_same_time_again() -> None:
    story = TicketStory(resolving(minutes=100))
    story.begin()
    story.due(85)
    story.move("resolved", 90)
    story.move("submitted", 500)
    story.due(505)
    story.due(511)
    assert story.told == ["started", "warned", "met", "started", "breached"]


def test_policies_that_change_to_and_fro_warn_of_one_time_once() -> None:
    a, b = resolving("a", minutes=100), resolving("b", minutes=1000)
    story = TicketStory(a)
    story.begin()
    story.due(85)
    for minute in (86, 88):
        story.under = b
        story.comment(minute)
        story.under = a
        story.comment(minute + 1)
        story.due(minute + 1)
    assert story.told == ["started", "warned", "policy", "policy", "policy", "policy"]
    story.due(101)
    assert story.told[-1] == "breached"


def test_another_policy_counts_it_from_the_beginning_by_its_own_pauses() -> None:
    story = TicketStory(resolving("a", minutes=60))
    story.begin()
    story.move("waiting_on_customer", 20)
    story.under = resolving("b", minutes=100, pauses=["snoozed"])
    story.comment(50)
    assert (story.told, story.due_in) == (["started", "paused", "policy"], 100)
    story.under = resolving("a", minutes=60)
    story.comment(60)
    assert story.due_in is None
    story.move("in_progress", 70)
    assert story.due_in == 110


def test_a_policy_that_comes_later_counts_no_time_that_the_ticket_waited() -> None:
    story = TicketStory(None)
    story.begin()
    story.move("waiting_on_customer", 10)
    story.move("in_progress", 5000)
    story.under = resolving(minutes=60)
    story.comment(5005)
    assert (story.told, story.due_in) == (["started"], 5050)


def test_a_ticket_of_before_is_counted_from_when_it_was_first_looked_at() -> None:
    story = TicketStory(resolving(minutes=60))
    story.hear(moved(ticket(), "in_progress", 30))
    assert story.due_in == 90


def test_without_its_policy_nobody_waits_for_it() -> None:
    story = TicketStory(resolving())
    story.begin()
    story.under = None
    story.comment(5)
    assert (story.told, story.due_in) == (["started", "ended"], None)


def test_a_running_one_goes_on_by_the_version_that_it_began_with() -> None:
    story = TicketStory(resolving(minutes=60))
    story.begin()
    story.under = resolving(minutes=10, version=2)
    story.comment(5)
    assert (story.told, story.due_in) == (["started"], 60)


def test_an_event_that_comes_again_changes_nothing() -> None:
    story = TicketStory(resolving())
    story.begin()
    event = moved(story.head, "resolved", 5)
    assert story.hear(event) is not None
    assert story.hear(event) is None


STATES: tuple[TicketState, ...] = ("submitted", "in_progress", "waiting_on_customer", "resolved")
STEPS = st.lists(
    st.tuples(st.sampled_from([*STATES, "fire", "comment", "other policy"]), st.integers(1, 900)), max_size=12
)


@settings(max_examples=80)
@given(STEPS, st.integers(1, 400), st.booleans(), st.booleans())
def test_as_counting_minutes_says(steps: Sequence[tuple[Any, int]], goal: int, pauses: bool, by_calendar: bool) -> None:
    """It is told missed, and when it is due, just as counting its minutes one by one from the beginning says."""
    calendar_id, slow = ("office", Slow(OFFICE)) if by_calendar else (None, None)
    waiting = ["waiting_on_customer"] if pauses else []
    ones = [
        resolving("a", minutes=goal, pauses=waiting, calendar_id=calendar_id),
        resolving("b", minutes=goal * 2, pauses=[] if pauses else ["waiting_on_customer"]),
    ]
    story = TicketStory(ones[0])
    story.begin()
    state, under, missed, now = "submitted", 0, False, 0
    spent = [0, 0]  # minutes that count by each policy

    for step, later in steps:
        for at in (AT + (now + n) * MINUTE for n in range(later)):
            for which, one in enumerate(ones):
                stands = state == "resolved" or (state == "waiting_on_customer" and state in one.pauses)
                spent[which] += not stands and (slow.is_open(at) if slow and which == 0 else True)
            missed |= state != "resolved" and spent[under] > goal * (1 + under)
        now += later
        if step in STATES:
            state = step
            story.move(step, now)
        elif step == "fire":
            story.due(now)
        else:
            under = 1 - under if step == "other policy" else under
            story.under = ones[under]
            story.comment(now)
        target = story.row.targets[0] if story.row and story.row.targets else None
        told = "breached" in story.told
        assert told or not missed
        assert story.told.count("breached") <= 1
        assert (target is None) == (state == "resolved")
        left = goal * (1 + under) - spent[under]
        if left > 0 and not missed:
            assert not told
            if target and target.due_at and not target.breached:
                table = slow if slow and under == 0 else None
                ahead = table.after(AT + now * MINUTE, left) if table else AT + (now + left) * MINUTE
                assert target.due_at == ahead
        # What was told when nothing was left counts as missed, as it stays.
        missed |= told


# ── whose it is ──────────────────────────────────────────────────────────────────────────────────
def test_a_ticket_is_under_the_first_policy_with_such_a_goal_whose_conditions_hold() -> None:
    asks = {"all": [condition("ticket.type", "is", "refund"), condition("ticket_field.refund.order", "is", "1001")]}
    refunds = resolving("refunds", ticket_if=asks, fields=FORM)
    others = resolving("others")
    held = policies(policy("answers"), refunds, others)
    assert held.of_ticket(ticket()) == refunds
    assert held.of_ticket(ticket(type_id="quality")) == others
    assert policies(refunds).of_ticket(ticket(type_id="quality")) is None
    assert not policies(policy("answers")).asks_of_tickets(AT)


def test_a_policy_for_tickets_takes_no_conversation_from_the_others() -> None:
    answers = policy("answers")
    held = policies(resolving(), answers)
    assert held.of(head()) == answers
    assert held.of(head(sla_policy_id="tickets")) == answers
    assert not policies(resolving()).asks_of_conversations(AT)


def test_what_was_over_an_hour_before_the_first_of_the_policies_is_not_its() -> None:
    since = AT + timedelta(days=1)
    held = PolicySet(
        [
            Member(policy("answers"), since=since + timedelta(days=1)),
            Member(policy("more"), since=since),
            Member(resolving(), since=since + timedelta(days=1)),
        ]
    )
    for asks, first in ((held.asks_of_conversations, since), (held.asks_of_tickets, since + timedelta(days=1))):
        assert asks(first - timedelta(hours=1))
        assert not asks(first - timedelta(hours=1, microseconds=1))
    assert policies(policy(), resolving()).asks_of_conversations(AT - timedelta(days=9999)), "always in force"


def test_of_another_brand_or_of_none_only_a_policy_for_all_is_asked() -> None:
    held = policies(resolving("paleo", brand_ids=["paleo-hacks"]), resolving("all"))
    found = [held.of_ticket(ticket(brand_id=brand)) for brand in ("paleo-hacks", "earth-echo", None)]
    assert [one.id for one in found if one] == ["paleo", "all", "all"]


def drafted(**changes: Any) -> PolicyDraft:
    return PolicyDraft.model_validate({"name": "P", "if": None, "resolution_s": 3600, **changes})


def test_what_it_may_ask_about_a_ticket() -> None:
    asks = {"all": [condition("ticket_field.refund.order", "is_set"), condition("ticket.team", "is_set")]}
    assert check_policy(drafted(ticket_if=asks), DESK, ()) == FORM


@pytest.mark.parametrize(
    ("changes", "path", "says"),
    [
        ({"resolution_s": None}, "first_response_s", "at least one target"),
        ({"ticket_if": {"all": [condition("ticket.state", "is_set")]}}, "ticket_if.all[0].field", "Of a ticket"),
        ({"ticket_if": {"all": [condition("conversation.spam", "is", True)]}}, "ticket_if.all[0].field", "Of a ticket"),
        ({"ticket_if": {"any": [condition("ticket.team", "changed")]}}, "ticket_if.any[0].operator", "not asked"),
        ({"ticket_if": {"any": [condition("ticket.type", "is", "gone")]}}, "ticket_if.any[0].value", "no ticket type"),
        ({"if": {"all": [condition("ticket.type", "is", "refund")]}, "close_s": 60}, "if.all[0].field", "one event"),
        ({"if": {"all": [condition("conversation.spam", "is", True)]}}, "if", "on conversations"),
        (
            {"ticket_if": {"all": [condition("ticket.team", "is_set")]}, "resolution_s": None, "close_s": 60},
            "ticket_if",
            "how long",
        ),
        ({"brand_ids": ["gone"]}, "brand_ids[0]", "no brand"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_once_at_its_place(changes: dict[str, Any], path: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_policy(drafted(**changes), DESK, ())
    (error,) = refused.value.fields
    assert (error.path, says in error.message) == (path, True), error
