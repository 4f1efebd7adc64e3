"""Back-office tickets: the form, who may exist once, what moving does, and that events tell the whole state."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.demo.ticket_types import TICKET_TYPES
from services.tickets.model import ticket as model
from services.tickets.model.sla import decide_ticket_sla
from services.tickets.model.state import Context
from services.tickets.model.ticket import News, Submit, due_by, evolve_ticket
from services.tickets.model.ticket_form import check_form, one_per_key, values
from shared.contracts.directory import TicketTypeChanged
from shared.contracts.sla import PolicyRef, SlaTarget, TicketSlaChanged
from shared.contracts.tickets import TicketEvent, TicketHead, TicketStateChanged
from shared.errors import Conflict, DomainError, Invalid
from tests.unit.tickets.examples import DESK, MAYA, context, minute

TYPES = {one.type_id: one for one in TICKET_TYPES}
REFUND = {"order": "#1001", "reason": "Wrong item", "action": "Refund in full"}


def submitted(type_id: str = "refund", fields: dict[str, Any] | None = None, **changes: Any) -> TicketHead:
    command = Submit("t1", 1, "paleo-hacks", "", REFUND if fields is None else fields)
    [event] = model.decide_submit(replace(command, **changes), TYPES[type_id], context())
    return event.head


def sla_changed(seq: int, change: Any, due_in: float | None = 60, **more: Any) -> TicketSlaChanged:
    due_at = minute(due_in) if due_in is not None else None
    policy = PolicyRef(id="p", name="Soon", version=1)
    target = SlaTarget(
        kind="resolution", state="running", policy=policy, goal_s=60, started_at=minute(0), due_at=due_at
    )
    return TicketSlaChanged(ticket_id="t1", seq=seq, at=minute(0), change=change, target=target, **more)


def test_what_routing_says_of_its_time_stands_until_it_is_met_and_what_is_older_changes_nothing() -> None:
    head = submitted()
    [event] = decide_ticket_sla(head, sla_changed(2, "paused", None), context(5))
    after = event.head
    assert (after.sla, after.sla_seq, after.updated_at) == (event.target, 2, head.updated_at)
    assert after == evolve_ticket(head, event)
    assert decide_ticket_sla(after, sla_changed(1, "started"), context(5)) == []
    [met] = decide_ticket_sla(after, sla_changed(3, "met", late=True), context(6))
    assert (met.head.sla, met.head.sla_seq, met.late) == (None, 3, True)


@pytest.mark.parametrize(
    ("promised", "of_sla", "first"), [(30, 60, 30), (90, 60, 60), (None, 60, 60), (30, None, 30), (None, None, None)]
)
def test_it_is_due_by_what_comes_first(promised: int | None, of_sla: int | None, first: int | None) -> None:
    head = submitted().model_copy(update={"due_at": minute(promised) if promised else None})
    [event] = decide_ticket_sla(head, sla_changed(1, "started", of_sla), context())
    assert due_by(event.head) == (minute(first) if first else None)


def test_a_new_ticket_has_the_types_name_team_and_due_time() -> None:
    head = submitted()
    assert (head.title, head.team_id, head.state) == ("Refund #1001", "billing", "submitted")
    assert head.due_at == minute(0) + timedelta(hours=24)


def test_a_retired_type_makes_no_tickets() -> None:
    retired = TYPES["refund"].model_copy(update={"active": False})
    with pytest.raises(Invalid, match="retired_ticket_type"):
        model.decide_submit(Submit("t1", 1, None, "", REFUND), retired, context())


@pytest.mark.parametrize(
    ("type_id", "fields", "wrong"),
    [
        ("refund", {}, ["order", "reason", "action"]),
        ("refund", {**REFUND, "order": "   "}, ["order"]),
        ("refund", {**REFUND, "reason": "Because"}, ["reason"]),
        ("refund", {**REFUND, "amount": "12"}, ["amount"]),
        ("refund", {**REFUND, "amount": True}, ["amount"]),
        ("refund", {**REFUND, "colour": "red"}, ["colour"]),
        ("adverse-event", {"sku": "A", "symptoms": "Rash", "doctor": "yes"}, ["doctor"]),
        ("adverse-event", {"sku": "A", "symptoms": "Rash", "doctor": False, "since": "3 March"}, ["since"]),
        ("tracker", {"page": "javascript:alert(1)"}, ["page"]),
        ("tracker", {"page": "https://example.org/x" + "y" * 600}, ["page"]),
    ],
)
def test_a_form_names_every_field_that_is_wrong(type_id: str, fields: dict[str, Any], wrong: list[str]) -> None:
    with pytest.raises(Invalid) as refused:
        check_form(TYPES[type_id], fields, "to_submit")
    assert [one.path for one in refused.value.fields] == [f"body.fields.{one}" for one in wrong]


def test_what_resolving_needs_is_asked_for_when_resolving() -> None:
    head = submitted("subscription-cancel", {"subscription": "S-1", "reason": "Other"})
    with pytest.raises(Invalid) as refused:
        model.decide_state(head, TYPES["subscription-cancel"], context(1), state="resolved")
    assert [one.path for one in refused.value.fields] == ["body.fields.outcome"]
    events = model.decide_state(
        head, TYPES["subscription-cancel"], context(1), state="resolved", fields={"outcome": "saved"}
    )
    assert [type(one).__name__ for one in events] == ["TicketFieldsChanged", "TicketStateChanged"]
    assert events[-1].head.resolved_at == minute(1)


def test_what_its_type_asks_for_no_more_stays_as_it_is_and_is_in_nobodys_way() -> None:
    head = submitted(fields={**REFUND, "amount": 5})
    less = TYPES["refund"].model_copy(
        update={"fields": tuple(one for one in TYPES["refund"].fields if one.id not in ("amount", "reason"))}
    )
    [event] = model.decide_state(head, less, context(1), state="in_progress")
    assert (event.head.state, event.head.fields) == ("in_progress", head.fields)
    asked = {id_: REFUND[id_] for id_ in ("order", "action")}
    assert model.decide_fields(head, less, context(1), title="", fields=asked) == []
    [changed] = model.decide_fields(head, less, context(1), title="", fields={**asked, "order": "#1002"})
    assert values(changed.head.fields) == {**values(head.fields), "order": "#1002"}
    assert changed.changed == ("order",)  # type: ignore[attr-defined]
    with pytest.raises(Invalid):
        model.decide_state(head, less, context(1), state="resolved", fields={"amount": 7})


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ({"order": "#1001"}, {"order": " 1001 "}, True),
        ({"order": "AB-7"}, {"order": "ab-7"}, True),
        ({"order": "1001"}, {"order": "1002"}, False),
        ({"action": "Refund in full"}, {"action": "Store credit"}, False),
        ({"amount": 5}, {"amount": 6}, True),
    ],
)
def test_one_per_compares_as_people_mean_it(first: dict[str, Any], second: dict[str, Any], same: bool) -> None:
    keys = {one_per_key(TYPES["refund"], "b", submitted(fields={**REFUND, **one}).fields) for one in (first, second)}
    assert (len(keys) == 1) is same


def test_the_same_order_of_two_brands_is_two_tickets() -> None:
    fields = submitted().fields
    assert one_per_key(TYPES["refund"], "a", fields) != one_per_key(TYPES["refund"], "b", fields)


def test_values_that_contain_the_separator_are_not_mixed_up() -> None:
    type_ = TicketTypeChanged.model_validate(
        {"type_id": "x", "seq": 1, "name": "X", "fields": [{"id": i, "label": i} for i in "ab"], "one_per": ["a", "b"]}
    )
    one = check_form(type_, {"a": "1|", "b": "2"}, "to_submit")
    other = check_form(type_, {"a": "1", "b": "|2"}, "to_submit")
    assert one_per_key(type_, None, one) != one_per_key(type_, None, other)


def test_time_in_each_state_adds_up() -> None:
    head = submitted()
    for at, state in ((10, "in_progress"), (25, "waiting_on_customer"), (30, "in_progress"), (70, "resolved")):
        [event] = model.decide_state(head, TYPES["refund"], context(at), state=state)  # type: ignore[arg-type]
        head = event.head
    times = {one.state: one.seconds for one in head.time_in}
    assert times == {"submitted": 600, "in_progress": 15 * 60 + 40 * 60, "waiting_on_customer": 300}


def test_resolved_again_from_the_start() -> None:
    head = submitted()
    for state in ("resolved", "in_progress"):
        [event] = model.decide_state(head, TYPES["refund"], context(5), state=state)  # type: ignore[arg-type]
        head = event.head
    assert head.resolved_at is None


def test_moving_to_where_it_is_changes_nothing() -> None:
    assert model.decide_state(submitted(), TYPES["refund"], context(), state="submitted") == []


def test_updates_are_for_trackers() -> None:
    with pytest.raises(Conflict, match="not_a_tracker"):
        model.decide_update(submitted(), context(), News("e", "Fixed.", "<p>Fixed.</p>"))
    tracker = submitted("tracker", {})
    with pytest.raises(Invalid, match="nobody_chosen"):
        model.decide_update(tracker, context(), News("e", "Fixed.", "<p>Fixed.</p>", "chosen"))


# ── old state and events are the new state, whatever is done ─────────────────────────────────────
states = st.sampled_from(["submitted", "in_progress", "waiting_on_customer", "resolved"])
steps = st.one_of(
    st.tuples(st.just("state"), states),
    st.tuples(
        st.just("assign"), st.tuples(st.sampled_from(["email", None, "no"]), st.sampled_from(["maya", "gone", None]))
    ),
    st.tuples(st.just("due"), st.one_of(st.none(), st.integers(-5000, 5000))),
    st.tuples(st.just("comment"), st.sampled_from(["Hello", " "])),
    st.tuples(st.just("link"), st.text("ab", min_size=1, max_size=2)),
    st.tuples(st.just("fields"), st.sampled_from([REFUND, {**REFUND, "amount": 5.0}, {}])),
)


def _do(head: TicketHead, step: tuple[str, Any], at: Context) -> list[TicketEvent]:
    what, with_ = step
    type_ = TYPES["refund"]
    match what:
        case "state":
            return list(model.decide_state(head, type_, at, state=with_))
        case "assign":
            return list(model.decide_assign(head, at, DESK, team_id=with_[0], assignee_id=with_[1]))
        case "due":
            due = None if with_ is None else at.now + timedelta(hours=with_)
            return list(model.decide_due(head, at, due_at=due))
        case "comment":
            return list(model.decide_comment(head, at, entry_id="e", text=with_, html=with_))
        case "link":
            return list(model.decide_linked(head, at, conversation_id=with_))
    return list(model.decide_fields(head, type_, at, title="", fields=with_))


@given(st.lists(steps, max_size=12))
def test_events_in_a_row_tell_the_whole_state(chosen: list[tuple[str, Any]]) -> None:
    head = replayed = submitted()
    for n, step in enumerate(chosen):
        try:
            events = _do(head, step, Context(minute(n + 1), MAYA))
        except DomainError:
            continue
        for event in events:
            assert event.seq == head.seq + 1
            head = event.head
            replayed = evolve_ticket(replayed, event)
        assert replayed == head
        assert TicketHead.model_validate_json(head.model_dump_json()) == head
    assert not [one for one in (head,) if one.state == "resolved" and one.resolved_at is None]


def test_a_first_event_must_come_first() -> None:
    [event] = model.decide_state(submitted(), TYPES["refund"], context(), state="resolved")
    assert isinstance(event, TicketStateChanged)
    with pytest.raises(ValueError, match="before TicketSubmitted"):
        evolve_ticket(None, event)
