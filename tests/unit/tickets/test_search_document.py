"""What a conversation is found by: its labels say what its head says, and scope is asked of them as of the head."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.tickets.model.evolve import evolve
from services.tickets.model.inbound import decide_message
from services.tickets.model.search.clauses import Clause, Either, Every, Has, Without
from services.tickets.model.state import SYSTEM
from services.tickets.store.filters import NOBODY, Filters, of_box
from services.tickets.store.search.document import (
    TEXT_CHARS,
    Said,
    document_of,
    inbox_clause,
    labels_of,
    order_of,
    said_in,
    scope_clause,
)
from shared.contracts.common import Address, Handle
from shared.contracts.contacts import Contact
from shared.contracts.conversations import Head, NoteAdded
from shared.scope import Scope
from tests.unit.tickets.examples import ADA, DESK, MAYA, call_step, contact, context, mail, minute, started

BASE = started().head
some = st.sampled_from

heads = st.builds(
    lambda **fields: BASE.model_copy(update=fields),
    brand_id=some(["a", "b"]),
    team_id=some(["t", "u", None]),
    assignee_id=some(["maya", "leo", None]),
    tags=st.lists(some(["x", "y"]), unique=True).map(tuple),
    channel=some(["email", "chat", "phone"]),
    topic=some(["Billing", None]),
    priority=st.booleans(),
    spam=st.booleans(),
    mentioned=some([(), ("maya",)]),
    created_by=some(["maya", None]),
    status=some(["open", "closed", "snoozed"]),
)
scopes = st.builds(
    Scope,
    agent_id=some(["maya", "leo"]),
    brands=st.frozensets(some(["a", "b"])),
    channels=st.frozensets(some(["email", "phone"])),
    teams=st.none() | st.frozensets(some(["t", "u"])),
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
)
BOXES = ["all", "unassigned", "agent:maya", "mention:maya", "created:maya", "team:t", "brand:a", "spam"]


def holds(clause: Clause, labels: tuple[str, ...]) -> bool:
    """As an index holds a clause against a document's labels."""
    match clause:
        case Has("labels", value):
            return value in labels
        case Every(parts):
            return all(holds(one, labels) for one in parts)
        case Either(parts):
            return any(holds(one, labels) for one in parts)
        case Without(part):
            return not holds(part, labels)
    raise AssertionError(clause)


def said(head: Head, *texts: str, **fields: Any) -> list[Said]:
    return [Said("message", f"e{n}", n + 1, "", "in", "Ada", text, **fields) for n, text in enumerate(texts)]


@given(heads, scopes)
def test_scope_in_the_index_is_scope_of_the_head(head: Head, scope: Scope) -> None:
    assert holds(scope_clause(scope), labels_of(head)) == scope.sees(head)


@given(heads, some(BOXES), filters)
def test_an_inbox_in_the_index_is_the_inbox_of_the_list(head: Head, box: str, wanted: Filters) -> None:
    in_box = {
        "all": True,
        "spam": head.spam,
        "mention:maya": "maya" in head.mentioned,
        "created:maya": head.created_by == "maya",
    }.get(box)
    if in_box is None:
        [(name, value)] = of_box(box).match.items()
        in_box = getattr(head, name) == value
    shown = in_box and head.spam == (box == "spam") and wanted.sees(head)
    if head.spam and box == "spam" and wanted != Filters():
        return  # spam is in no other box, so a view of spam with filters finds less than the list shows
    assert holds(inbox_clause(box, wanted), labels_of(head)) == shown


def test_whoever_is_in_no_team_of_a_scope_without_teams_sees_their_own() -> None:
    head = BASE.model_copy(update={"assignee_id": "maya", "team_id": None})
    assert holds(scope_clause(Scope("maya", teams=frozenset())), labels_of(head))
    assert not holds(scope_clause(Scope("leo", teams=frozenset())), labels_of(head))


def test_a_document_has_what_each_kind_of_entry_says() -> None:
    outcome = decide_message(None, mail(0, "Order SB-10234, call 555 010 1234"), context(0, SYSTEM), contact(), DESK)
    assert outcome.state is not None
    first = said_in("ConversationStarted", outcome.events[0].model_dump_json())
    about = {"conversation_id": BASE.id, "seq": 2, "at": minute(1), "by": MAYA, "head": BASE}
    note = NoteAdded.model_validate({**about, "entry_id": "n", "text": "Ask the wärehouse", "html": ""})
    after = evolve(outcome.state, note.model_copy(update={"head": outcome.state.head}))
    second = said_in("NoteAdded", note.model_dump_json())
    assert first is not None
    assert second is not None
    document = document_of(after.head, [first, second], contact())
    text = " ".join(document.text).split()
    assert {"order", "sb", "10234", "warehouse", "ada", "byron", "lovelace"} - set(text) == {"lovelace"}
    assert document.codes == ("sb10234",)
    assert "~4321010555" in document.numbers
    assert {"ada@example.org", "@example.org", "ada", "byron"} <= set(document.senders)
    assert "support@paleohacks.example" in document.recipients
    assert {after.head.id, after.head.contact_id} <= set(document.ids)
    assert "has:note" in document.labels


def test_what_a_contact_is_reached_by_finds_its_conversations() -> None:
    person = contact().model_copy(
        update={"emails": ("ada@example.org", "a@work.example"), "phones": ("+15550101234",), "merged_ids": ("twin",)}
    )
    document = document_of(BASE, [], Contact.model_validate(person.model_dump()))
    assert "a@work.example" in document.senders
    assert {"+15550101234", "~43210105551"} <= set(document.numbers)
    assert "twin" in document.ids


def test_a_call_is_found_by_its_number_and_its_comments() -> None:
    step = call_step("ended", 0, comments=("promised a voucher",))
    head = BASE.model_copy(update={"call": step.call, "handle": Handle(kind="phone", value="+15551234567")})
    value = '{"seq":1,"at":"2026-03-02T09:00:00Z","by":{"name":""},"message":null,"call":' + step.call.model_dump_json()
    entry = said_in("CallUpdated", value + "}")
    assert entry is not None
    document = document_of(head, [entry], None)
    assert "voucher" in " ".join(document.text).split()
    assert "+15551234567" in document.numbers
    assert "77" in document.ids


def test_of_a_very_long_conversation_the_latest_is_found() -> None:
    texts = [f"entry{n} " + "x" * (TEXT_CHARS // 10) for n in range(20)]
    found = " ".join(document_of(BASE, said(BASE, *texts), None).text).split()
    assert "entry19" in found
    assert "entry0" not in found


def test_recipients_are_found_by_address_domain_and_name() -> None:
    cc = Address(address="Boss@Example.org", name="The Boss")
    outcome = decide_message(None, mail(0, cc=(cc,)), context(0, SYSTEM), contact(ADA), DESK)
    entry = said_in("ConversationStarted", outcome.events[0].model_dump_json())
    assert entry is not None
    assert {"boss@example.org", "@example.org", "boss", "the"} <= set(entry.recipients)


@given(st.integers(-(10**12), 4 * 10**12), st.integers(-(10**12), 4 * 10**12), st.text(max_size=9))
def test_a_later_activity_comes_first(one: int, other: int, id_: str) -> None:
    first, second = order_of(one, id_), order_of(other, id_)
    assert (first < second) == (one < other)
    assert abs(first) < 2**63
