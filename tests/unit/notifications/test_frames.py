"""Who sees what of an event: above all, what a visitor never sees."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.live.frames import Entry, agent_may_see, entry_of, visitor_may_see, with_id
from shared.access import Viewer
from shared.contracts import automation as a
from shared.contracts import beside as b
from shared.contracts import conversations as c
from shared.contracts import linked as w
from shared.contracts import targets as t
from shared.contracts.acted import CustomerActed
from shared.contracts.base import Event
from shared.contracts.common import Call, Handle
from shared.contracts.contacts import Contact, ContactUpdated
from shared.contracts.routing import StatusChanged
from shared.signing import Visitor
from shared.topics import CONTACTS, CONVERSATIONS
from tests.unit.notifications.examples import AT, CONVERSATION, ENTRY, LABEL, MAYA, chat_head, head, message, received

SECRET = "between-us-only"
VISITOR = Visitor("visitor-1", "paleo-hacks")
CALL = Call(call_id="1", direction="inbound", state="ended", number="+13105550100", comments=(SECRET,))
COMMON: dict[str, Any] = {"conversation_id": CONVERSATION, "seq": 7, "at": AT, "by": MAYA}

LINK = {"kind": "ticket", "id": "t1", "title": SECRET}
OF_THE_BACK_OFFICE = "not-for-a-timeline"
TICKET = {
    "id": "t1",
    "seq": 1,
    "number": 1,
    "kind": "back_office",
    "type_id": "refund",
    "title": SECRET,
    "state": "submitted",
    "created_at": AT,
    "updated_at": AT,
    "state_since": AT,
    "last_comment": OF_THE_BACK_OFFICE,
}
TARGET = {
    "kind": "first_response",
    "state": "running",
    "policy": {"id": SECRET, "name": SECRET, "version": 1},
    "goal_s": 60,
    "started_at": AT,
}
OWN_FIELDS: dict[type[Event], dict[str, Any]] = {
    c.ConversationStarted: {"message": message(text="hello")},
    c.CustomerReplied: {"message": message(direction="in", text="hello")},
    c.ReplySent: {"message": message(text="hello")},
    c.NoteAdded: {"entry_id": ENTRY, "text": SECRET, "html": f"<p>{SECRET}</p>", "mentions": ("maya",)},
    c.CallUpdated: {"step": "ended", "call": CALL},
    c.CallRequested: {"request_id": "r1", "number": SECRET, "line": SECRET, "agent_id": "maya"},
    c.DialUpdated: {"request_id": "r1", "number": SECRET, "state": "failed", "reason": SECRET},
    c.CallAttempted: {"attempt": 1, "outcome": "no_answer", "note": SECRET, "number": SECRET},
    c.Assigned: {
        "team_id": SECRET,
        "assignee_id": SECRET,
        "previous_team_id": None,
        "previous_assignee_id": None,
        "reason": SECRET,
    },
    c.PriorityChanged: {"priority": True},
    c.TopicChanged: {"topic": SECRET},
    c.Tagged: {"added": (SECRET,)},
    c.AttributesChanged: {"set": ({"id": "cause", "value": SECRET},), "cleared": (SECRET,)},
    c.Snoozed: {"until": AT},
    c.Woken: {"reason": "time"},
    c.Closed: {},
    c.Reopened: {},
    c.SpamMarked: {"reason": SECRET},
    c.SpamUnmarked: {},
    c.DeliveryUpdated: {"entry_id": ENTRY, "state": "failed", "reason": SECRET},
    c.LinkAdded: {"link": LINK, "ticket": TICKET, "created": True},
    c.LinkRemoved: {"link": LINK},
    c.LoopStopped: {"rule": {"id": SECRET, "name": SECRET, "version": 1}, "chain": [SECRET]},
    a.AlertRaised: {"alert_id": SECRET, "text": SECRET, "agent_ids": [SECRET]},
    a.CustomEventEmitted: {
        "custom_id": SECRET,
        "name": SECRET,
        "attributes": [{"id": SECRET, "value": SECRET}],
        "endpoint_id": SECRET,
    },
    a.ActionRefused: {"action": "send_macro", "code": SECRET, "reason": SECRET},
    c.LinkProgressed: {"link": LINK, "label": SECRET, "text": SECRET, "ticket": TICKET},
    CustomerActed: {"activity": {"name": SECRET, "at": AT, "attributes": [{"name": "plan", "value": SECRET}]}},
    w.TicketUpdated: {"link": LINK, "change": "commented", "fields": (SECRET,), "ticket": TICKET},
    b.Merged: {"into_id": "c2", "title": SECRET, "before": {"status": "open"}},
    b.MergeReceived: {
        "from_id": "c2",
        "title": SECRET,
        "before": {"subject": SECRET, "status": "open"},
        "after": {"subject": SECRET, "status": "open"},
    },
    b.Unmerged: {"into_id": "c2", "back": {"status": "open"}},
    b.MergeReverted: {"from_id": "c2", "after": {"subject": SECRET, "status": "open"}},
    b.SideStarted: {"side_id": "s1", "mail": message(text=SECRET, subject=SECRET)},
    b.SideReplySent: {"side_id": "s1", "mail": message(text=SECRET)},
    b.SideReplyReceived: {"side_id": "s1", "mail": message(direction="in", text=SECRET), "answer_to": {}},
    b.Followed: {"agent_id": SECRET},
    b.Unfollowed: {"agent_id": SECRET},
    t.SlaPolicyApplied: {"policy_id": SECRET},
    t.SlaUpdated: {"change": "started", "target": TARGET, "targets": (TARGET,), "sla_seq": 1},
}
FOR_VISITORS = (c.ConversationStarted, c.CustomerReplied, c.ReplySent, c.Closed, c.Reopened)


def link(file_id: str) -> str:
    return f"https://files.example/{file_id}?exp=1&sig=2"


def entry(kind: type[Event], **changes: Any) -> Entry:
    event = kind(**({**COMMON, "head": chat_head(), **OWN_FIELDS[kind]} | changes))
    found = entry_of(received(event), link)
    assert found
    return found


def viewer(*brands: str, permissions: tuple[str, ...] = ("conversations.read",)) -> Viewer:
    return Viewer("maya", "Maya", "maya@desk.example", "agent", frozenset(permissions), frozenset(brands), frozenset())


def test_every_event_of_the_topic_is_tried_here() -> None:
    assert set(OWN_FIELDS) == set(CONVERSATIONS.events)


@given(
    kind=st.sampled_from(CONVERSATIONS.events),
    preview=st.sampled_from(["", SECRET]),
    channel=st.sampled_from(["chat", "email", "phone", "custom"]),
    handle=st.sampled_from(["visitor", "email", "external"]),
    visitor=st.sampled_from(
        [VISITOR, Visitor("visitor-2", "paleo-hacks"), Visitor("visitor-1", "mesa-cookware"), Visitor("", "")]
    ),
)
def test_a_visitor_only_gets_messages_and_state_of_their_own_chat(
    kind: type[Event], preview: str, channel: str, handle: str, visitor: Visitor
) -> None:
    desk_only = {"preview": preview, "tags": (SECRET,), "topic": SECRET, "assignee_id": SECRET, "mentioned": (SECRET,)}
    whose = Handle.model_validate({"kind": handle, "value": "visitor-1"})
    found = entry(kind, head=chat_head(channel=channel, handle=whose, **desk_only))
    seen = visitor_may_see(visitor, found)
    assert seen is (kind in FOR_VISITORS and (channel, handle) == ("chat", "visitor") and visitor == VISITOR)
    assert SECRET not in found.visitors
    if not (channel == "chat" and handle == "visitor"):
        assert (found.visitors, found.visitor_id) == ("", "")


def test_a_note_has_no_frame_for_visitors_at_all() -> None:
    assert entry(c.NoteAdded).visitors == ""


def test_a_chat_message_carries_what_the_messenger_shows() -> None:
    frame = json.loads(entry(c.ReplySent, message=message(attachments=(LABEL,), quoted_text=SECRET)).visitors)
    shown = frame["message"]
    assert (frame["type"], frame["conversation_id"]) == ("message", CONVERSATION)
    assert set(shown) == {"entry_id", "direction", "author_name", "text", "html", "attachments", "at"}
    assert (shown["direction"], shown["author_name"]) == ("out", "Maya Lindqvist")
    assert shown["attachments"][0]["url"] == link("label")


@pytest.mark.parametrize(("kind", "status"), [(c.Closed, "closed"), (c.Reopened, "open")])
def test_a_visitor_learns_whether_the_chat_is_open(kind: type[Event], status: str) -> None:
    assert json.loads(entry(kind).visitors)["status"] == status


def test_an_agent_gets_the_timeline_entry_and_the_head() -> None:
    frame = json.loads(with_id(entry(c.ReplySent, message=message(attachments=(LABEL,))).agents, "5-0"))
    assert (frame["id"], frame["type"], frame["head"]["id"]) == ("5-0", "event", CONVERSATION)
    event = frame["event"]
    assert (event["id"], event["seq"], event["type"]) == ("event-1", 7, "ReplySent")
    assert event["conversation_id"] == CONVERSATION
    assert event["by"]["name"] == "Maya Lindqvist"
    assert event["data"]["message"]["attachments"][0]["url"] == link("label")
    assert not {"conversation_id", "seq", "at", "by", "decision_id", "head"} & set(event["data"])


def test_a_ticket_is_read_where_it_is_and_not_in_the_timelines_of_its_conversations() -> None:
    for kind in (c.LinkAdded, c.LinkProgressed, w.TicketUpdated):
        frame = entry(kind).agents
        assert "ticket" not in json.loads(frame)["event"]["data"]
        assert OF_THE_BACK_OFFICE not in frame


def test_a_change_of_status_concerns_every_agent_and_no_visitor() -> None:
    event = StatusChanged(agent_id="maya", seq=3, at=AT, status="away", reason="Lunch")
    found = entry_of(received(event, topic="routing.availability.v1"), link)
    assert found
    assert (found.of, found.standing, found.visitors) == ("agent:maya", None, "")
    assert json.loads(found.agents)["reason"] == "Lunch"
    assert agent_may_see(viewer("mesa-cookware"), found)
    assert not visitor_may_see(VISITOR, found)
    assert not visitor_may_see(Visitor("", ""), found)


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        (viewer(), True),
        (viewer("paleo-hacks", "earth-echo"), True),
        (viewer("earth-echo"), False),
        (viewer(permissions=()), False),
    ],
)
def test_an_agent_sees_conversations_of_their_brands(who: Viewer, seen: bool) -> None:
    assert agent_may_see(who, entry(c.NoteAdded, head=head())) is seen


def test_who_sees_contacts_hears_that_one_changed_and_no_more() -> None:
    person = Contact(id="c1", seq=2, name=SECRET, created_at=AT, updated_at=AT)
    event = ContactUpdated(contact_id="c1", seq=2, at=AT, by=MAYA, changed=("name",), contact=person)
    found = entry_of(received(event, topic=CONTACTS.name), link)
    assert found
    assert json.loads(found.agents) == {"type": "contact", "contact_id": "c1", "seq": 2}
    assert agent_may_see(viewer(permissions=("contacts.read",)), found)
    assert not agent_may_see(viewer(permissions=("conversations.read", "tickets.read")), found)
    assert not visitor_may_see(VISITOR, found)
    assert entry_of(received(event.model_copy(update={"by": None}), topic=CONTACTS.name), link) is None


def test_the_time_to_a_screen_runs_from_acceptance_or_from_what_the_desk_did() -> None:
    accepted = AT - timedelta(seconds=3)
    theirs = message(direction="in", text="hello", received_at=accepted)
    for kind in (c.ConversationStarted, c.CustomerReplied):
        found = entry(kind, message=theirs)
        assert (found.began, found.began_ms) == ("customer", int(accepted.timestamp() * 1000))
    for kind in (c.ReplySent, c.Closed):
        assert (entry(kind).began, entry(kind).began_ms) == ("desk", int(AT.timestamp() * 1000))
    assert entry(c.ConversationStarted, message=message(text="an agent wrote first")).began == "desk"


def test_history_that_was_brought_in_is_not_measured() -> None:
    came = received(c.Closed(**COMMON, head=chat_head()))
    late = replace(came, record=replace(came.record, timestamp_ms=int((AT + timedelta(days=2)).timestamp() * 1000)))
    found = entry_of(late, link)
    assert found
    assert (found.began, bool(found.agents)) == ("", True)
