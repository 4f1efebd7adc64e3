"""What a ticket's conversations hear of what happens to it, and what they show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from services.tickets.model import ticket as model
from services.tickets.model.evolve import evolve
from services.tickets.model.links import decide_link, decide_progress, decide_ticket_update, decide_unlink, ticket_link
from services.tickets.model.sla import decide_ticket_sla
from services.tickets.model.state import Conversation
from services.tickets.model.ticket import News
from services.tickets.model.ticket_news import news_of
from shared.contracts.conversations import LinkAdded, LinkProgressed, LinkRemoved
from shared.contracts.linked import TEXT_CHARS, TicketUpdated
from shared.contracts.tickets import TicketEvent, TicketField, TicketHead
from tests.unit.tickets.examples import DESK, context, message_id, started
from tests.unit.tickets.test_ticket import TYPES, sla_changed, submitted

TYPED = replace(DESK, ticket_types=TYPES)


def moved(head: TicketHead, state: Any) -> Sequence[TicketEvent]:
    return model.decide_state(head, TYPES[head.type_id], context(1), state=state)


def edited(head: TicketHead, title: str = "", **fields: Any) -> Sequence[TicketEvent]:
    entered = {one.id: one.value for one in head.fields} | fields
    return model.decide_fields(head, TYPES[head.type_id], context(1), title=title, fields=entered)


def assigned(head: TicketHead) -> Sequence[TicketEvent]:
    return model.decide_assign(head, context(1), TYPED, team_id="email", assignee_id="leo")


def commented(head: TicketHead) -> Sequence[TicketEvent]:
    return model.decide_comment(head, context(1), entry_id="e1", text="The bank says no", html="<p>x</p>")


def due(head: TicketHead) -> Sequence[TicketEvent]:
    return model.decide_due(head, context(1), due_at=None)


def told(head: TicketHead, events: Sequence[TicketEvent]) -> list[dict[str, Any]]:
    return [news for _, news in news_of(head, events, TYPED)]


@pytest.mark.parametrize(
    ("happens", "change", "parts", "fields"),
    [
        (assigned, "assigned", ["team", "assignee"], []),
        (commented, "commented", [], []),
        (due, "due", ["due_at"], []),
        (lambda head: edited(head, amount=12), "edited", [], ["amount"]),
        (lambda head: edited(head, title="Half"), "edited", ["title"], []),
    ],
)
def test_what_colleagues_do_is_told_with_what_is_not_as_it_was(
    happens: Any, change: str, parts: list[str], fields: list[str]
) -> None:
    head = submitted()
    (news,) = told(head, happens(head))
    assert (news["change"], news["parts"], news["fields"]) == (change, parts, fields)
    assert (news["ticket_id"], news["link"]["seq"], news["ticket"]["seq"]) == ("t1", 2, 2)


def test_a_new_state_is_told_with_the_one_before_and_what_the_customer_hears() -> None:
    head = submitted()
    (news,) = told(head, moved(head, "resolved"))
    assert (news["previous_state"], news["link"]["state"], news["reply"]) == ("submitted", "resolved", "all")
    assert "change" not in news


def test_two_things_at_once_are_told_in_order() -> None:
    head = submitted("subscription-cancel", {"subscription": "S-1", "reason": "Other"})
    type_ = TYPES["subscription-cancel"]
    fields = {"subscription": "S-1", "reason": "Other", "outcome": "saved"}
    events = model.decide_state(head, type_, context(1), state="resolved", fields=fields)
    ids = [id_ for id_, _ in news_of(head, events, TYPED)]
    first, second = told(head, events)
    assert (ids, first["change"], second["previous_state"]) == (["t1|2", "t1|3"], "edited", "submitted")


def test_the_thousands_of_a_tracker_hear_of_its_state_its_updates_and_its_title_alone() -> None:
    head = submitted("tracker", {}, title="Checkout fails")
    assert [told(head, happens(head)) for happens in (assigned, commented)] == [[], []]
    assert told(head, edited(head, page="https://example.org/checkout")) == []
    assert told(head, edited(head, title="Checkout is slow"))[0]["change"] == "edited"
    assert told(head, moved(head, "resolved"))[0]["previous_state"] == "submitted"
    update = model.decide_update(head, context(1), News("e1", "Fixed", "<p>Fixed</p>"))
    assert (told(head, update)[0]["text"], told(head, update)[0]["previous_state"]) == ("Fixed", None)


@pytest.mark.parametrize(("change", "hears"), [("warned", "sla_warned"), ("breached", "sla_breached"), ("met", None)])
def test_of_its_service_level_they_hear_when_it_is_nearly_or_quite_late(change: Any, hears: str | None) -> None:
    head = submitted()
    events = decide_ticket_sla(head, sla_changed(1, change), context(1))
    assert [news["change"] for news in told(head, events)] == ([hears] if hears else [])
    tracker = submitted("tracker", {}, title="Checkout fails")
    assert told(tracker, decide_ticket_sla(tracker, sla_changed(1, change), context(1))) == []


def test_who_is_linked_or_counted_is_no_news() -> None:
    head = submitted()
    assert told(head, model.decide_linked(head, context(1), conversation_id="c1")) == []
    assert told(head, model.decide_unlinked(head, context(1), conversation_id="c1")) == []


def linked(head: TicketHead) -> Conversation:
    state = started()
    for event in decide_link(state, context(1), ticket_link(head), head):
        state = evolve(state, event)
    return state


def hear(state: Conversation, head: TicketHead) -> Sequence[Any]:
    return decide_ticket_update(
        state, context(2), ticket_link(head), change="assigned", parts=["assignee"], ticket=head
    )


def test_the_conversation_shows_it_and_stays_where_it_is_in_the_list() -> None:
    state = linked(submitted())
    later = assigned(submitted())[-1].head
    (event,) = hear(state, later)
    assert isinstance(event, TicketUpdated)
    assert (event.parts, event.ticket, event.link.seq) == (("assignee",), later, 2)
    assert event.head.links == (event.link,)
    before = state.head
    assert (event.head.activity, event.head.last_activity_at) == (before.activity, before.last_activity_at)
    assert hear(evolve(state, event), later) == [], "heard already"


def test_one_that_is_not_linked_or_was_linked_later_hears_nothing() -> None:
    head = submitted()
    later = assigned(head)[-1].head
    assert hear(started(), later) == []
    assert hear(linked(later), later) == []


def test_a_long_text_is_carried_by_its_beginning() -> None:
    long = submitted().model_copy(update={"fields": (TicketField(id="order", value="x" * 20_000),)})
    (made,) = decide_link(started(), context(1), ticket_link(long), long)
    assert isinstance(made, LinkAdded)
    assert made.ticket is not None
    assert [one.value for one in made.ticket.fields] == ["x" * TEXT_CHARS]


def test_what_is_unlinked_says_what_it_was() -> None:
    head = submitted()
    (event,) = decide_unlink(linked(head), context(2), head.id, head)
    assert isinstance(event, LinkRemoved)
    assert event.ticket == head


def test_another_brands_ticket_is_not_carried_about() -> None:
    for brand_id, carried in (("paleo-hacks", True), (None, True), ("earth-echo", False)):
        head = submitted().model_copy(update={"brand_id": brand_id})
        (made,) = decide_link(started(), context(1), ticket_link(head), head, created=True)
        assert isinstance(made, LinkAdded)
        assert (made.created, made.ticket is not None) == (True, carried)
        later = assigned(submitted())[-1].head.model_copy(update={"brand_id": brand_id})
        (event,) = hear(linked(head), later)
        assert (event.link.seq, event.ticket is not None) == (2, carried)
        (progress,) = decide_progress(
            linked(head), context(2), ticket_link(later), TYPED, message_id, previous_state="submitted", ticket=later
        )
        assert isinstance(progress, LinkProgressed)
        assert (progress.previous_state, progress.ticket is not None) == ("submitted", carried)
