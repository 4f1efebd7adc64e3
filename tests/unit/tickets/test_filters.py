"""What narrows a list: a filter, its condition for MongoDB and its box say the same of every conversation."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.store.documents import boxes, conversation_document
from services.tickets.store.filters import LINKED, NOBODY, Filters, of_box, parts, plan
from services.tickets.store.standings import INDEXES, standing, standing_match
from shared.contracts.conversations import Head, Link
from shared.contracts.tickets import TicketState
from shared.mongo import Document
from tests.unit.tickets.examples import started

BASE = started().head
some = st.sampled_from


def linked(*states: TicketState) -> tuple[Link, ...]:
    """To a page in the web, which has no state, and to a ticket in each of these."""
    tickets = (Link(kind="ticket", id=f"t{n}", title="", state=state) for n, state in enumerate(states))
    return (Link(kind="url", id="u", title="", url="https://shop.example"), *tickets)


heads = st.builds(
    lambda **fields: BASE.model_copy(update=fields),
    brand_id=some(["a", "b"]),
    team_id=some(["t", "u", None]),
    assignee_id=some(["maya", "leo", None]),
    tags=st.lists(some(["x", "y"]), unique=True).map(tuple),
    channel=some(["email", "chat", "phone"]),
    topic=some(["Billing", None]),
    priority=st.booleans(),
    mentioned=some([(), ("maya",)]),
    created_by=some(["maya", None]),
    links=some([(), linked(), linked("submitted"), linked("resolved", "submitted", "resolved")]),
)
filters = st.builds(
    Filters,
    brand_id=some(["a", None]),
    team_id=some(["t", NOBODY, None]),
    assignee_id=some(["maya", NOBODY, None]),
    tags=st.lists(some(["x", "y"])).map(tuple),
    channel=some(["email", "chat", None]),
    topic=some(["Billing", None]),
    priority=some([True, False, None]),
    ticket=some(["submitted", "waiting_on_customer", None]),
)
inboxes = some(["all", "unassigned", "agent:maya", "mention:maya", "created:maya", "team:t", "brand:a"])


def holds(match: Document, document: Document) -> bool:
    """As MongoDB compares: an array holds a value that is in it, or in a field of what is in it."""
    return all(value in _values(document, *name.split(".")) for name, value in match.items())


def _values(document: Document, name: str, *within: str) -> list[object]:
    found = list(document[name]) if isinstance(document[name], list | tuple) else [document[name]]
    return [one for each in found for one in _values(each, *within)] if within else found


def document_of(head: Head) -> Document:
    return conversation_document(started().__class__(head))


@given(heads, filters)
def test_a_filter_and_its_conditions_say_the_same(head: Head, wanted: Filters) -> None:
    document = document_of(head)
    assert wanted.sees(head) == all(holds(part.match, document) for part in parts(wanted))
    for part in parts(wanted):
        if part.box is not None:
            assert (part.box in boxes(head)) == holds(part.match, document), part


@given(heads, filters, inboxes)
def test_a_list_is_read_along_its_box_and_by_its_index_alike(head: Head, wanted: Filters, inbox: str) -> None:
    document, planned = document_of(head), plan(inbox, wanted)
    in_list = inbox in boxes(head) and wanted.sees(head)
    assert in_list == (planned.lead in boxes(head) and all(holds(one, document) for one in planned.rest))
    assert in_list == all(holds(one, document) for one in planned.match)
    if planned.index is not None:
        assert in_list == all(holds(standing_match(one), standing(document)) for one in planned.match)


@given(filters, inboxes)
def test_the_index_that_is_named_exists_and_has_every_field_it_is_asked_for(wanted: Filters, inbox: str) -> None:
    fields = {index.document["name"]: set(index.document["key"]) for index in INDEXES}
    planned = plan(inbox, wanted)
    if planned.index is None:
        assert any("boxes" in one or LINKED in one for one in planned.match)
        return
    assert {name for one in planned.match for name in one} <= fields[planned.index]


@pytest.mark.parametrize(
    ("inbox", "wanted", "lead", "index"),
    [
        ("all", Filters(), "all", "by_place"),
        ("all", Filters(brand_id="a"), "brand:a", "by_place"),
        ("all", Filters(brand_id="a", team_id="t"), "team:t", "by_place"),
        ("all", Filters(brand_id="a", tags=("x",)), "tag:x", "by_tag"),
        ("agent:maya", Filters(channel="phone"), "agent:maya", "by_agent"),
        ("agent:maya", Filters(tags=("x",)), "agent:maya", "by_tag_of_agent"),
        ("unassigned", Filters(tags=("x",)), "tag:x", "by_tag_of_agent"),
        ("unassigned", Filters(channel="email"), "unassigned", "by_agent"),
        ("brand:a", Filters(topic="Billing"), "topic:Billing", "by_place"),
        ("mention:maya", Filters(brand_id="a"), "mention:maya", None),
        ("brand:a", Filters(ticket="submitted"), "ticket:submitted", None),
        ("agent:maya", Filters(ticket="submitted"), "agent:maya", None),
        ("spam", Filters(brand_id="a"), "spam", None),
    ],
)
def test_what_leads_is_expected_to_be_the_smallest(inbox: str, wanted: Filters, lead: str, index: str | None) -> None:
    planned = plan(inbox, wanted)
    assert (planned.lead, planned.index) == (lead, index)


def test_a_filter_that_an_inbox_says_already_is_asked_once() -> None:
    assert plan("brand:a", Filters(brand_id="a")).rest == []
    assert plan("agent:maya", Filters(assignee_id="maya")).rest == []
    assert plan("agent:maya", Filters(assignee_id="leo")).rest == [{"assignee_id": "leo"}]


def test_what_no_caller_may_write_becomes_no_key() -> None:
    """Names are values, whatever they look like (row 11)."""
    wanted = Filters(brand_id="$where", team_id="a.b", tags=("$gt",), topic="{}")
    for part in parts(wanted):
        assert all(name in {"brand_id", "team_id", "tags", "topic"} for name in part.match)
        assert all(isinstance(value, str) for value in part.match.values())
    assert of_box("agent:$ne").match == {"assignee_id": "$ne"}
