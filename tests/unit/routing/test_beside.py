"""Rules on what stands beside the customer's messages: mentions in notes, merges, side conversations."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.routing.model.later import event_of, head_of
from services.routing.model.wait import Wait
from services.routing.rules.compile import check
from services.routing.rules.evaluate import RuleSet
from services.routing.rules.facts import Facts
from services.routing.rules.names import is_called, kinds_of, name_of
from services.routing.simulate.compare import Sides
from services.routing.simulate.job import World as Simulated
from shared.contracts.beside import (
    Combined,
    MergeReceived,
    Rest,
    SideReplyReceived,
    SideReplySent,
    SideStarted,
    Unmerged,
)
from shared.contracts.common import Address, Handle
from shared.contracts.contacts import AttributeValue
from shared.contracts.conversations import ConversationEvent, NoteAdded, Participants
from shared.errors import Invalid
from tests.unit.routing.examples import KNOWN, changed, condition, drafted, message, note, rule, started
from tests.unit.routing.waiting_rules import IN_2H, World

MAIL = message(
    subject="Batch 12",
    text="The lot is fine",
    html="<p>The lot is fine</p>",
    sender=Handle(kind="email", value="lab@factory.example"),
    to=(Address(address="support@paleohacks.example"),),
)
SIDE = {"side_id": "s1", "mail": MAIL}
BEFORE = Combined(subject="Order", status="closed", tags=("a",), attributes=(AttributeValue(id="plan", value="month"),))
AFTER = BEFORE.model_copy(
    update={"status": "open", "team_id": "email-support", "attributes": (AttributeValue(id="plan", value="year"),)}
)
MENTION = changed(NoteAdded, {"entry_id": "n", "text": "t", "html": "t", "mentions": ("maya",)}, mentioned=("maya",))
RECEIVED = changed(
    MergeReceived, {"from_id": "c2", "title": "Order?", "before": BEFORE, "after": AFTER}, team_id="email-support"
)
APART = changed(Unmerged, {"into_id": "c2", "back": Rest(status="open")})
BEGUN = changed(SideStarted, SIDE)
SENT = changed(SideReplySent, SIDE)
ANSWERED = changed(SideReplyReceived, {**SIDE, "answer_to": Participants()})
AWAY = changed(
    SideReplyReceived,
    {**SIDE, "mail": MAIL.model_copy(update={"automatic": "auto_reply"}), "answer_to": Participants()},
)
EVENTS = [
    (MENTION, ["Mentioned", "NoteAdded"]),
    (note(2), ["NoteAdded"]),
    (RECEIVED, ["MergeReceived"]),
    (APART, ["Unmerged"]),
    (BEGUN, ["SideStarted"]),
    (SENT, ["SideReplySent"]),
    (ANSWERED, ["SideReplyReceived"]),
]
ALL = ("Mentioned", "NoteAdded", "MergeReceived", "Unmerged", "SideStarted", "SideReplySent", "SideReplyReceived")


def facts(event: ConversationEvent) -> Facts:
    return Facts(event.head, getattr(event, "message", None), event)


@pytest.mark.parametrize(("event", "names"), EVENTS, ids=lambda one: one[0] if isinstance(one, list) else "")
def test_a_rule_is_asked_by_the_events_name_and_a_mention_is_a_note_too(event: Any, names: list[str]) -> None:
    for name in ALL:
        asked = rule(when=[name])
        assert bool(RuleSet([asked]).run(name_of(event), facts(event)).matched) is (name in names), name
        # so do a draft that is tried and one that is simulated
        assert is_called(event, (name,)) is (name in names)
        assert (type(event).__name__ in kinds_of([name])) or name not in names
        compared = Sides([], [asked]).compare("e1", event, facts(event), Simulated())
        assert bool(compared and compared.differs) is (name in names)


def test_one_rule_for_notes_and_for_mentions_acts_once() -> None:
    both = RuleSet([rule(when=["NoteAdded", "Mentioned"])])
    assert len(both.run(name_of(MENTION), facts(MENTION)).matched) == 1


@pytest.mark.parametrize(
    ("event", "asked", "holds"),
    [
        (MENTION, condition("note.mentions", "contains", "maya"), True),
        (MENTION, condition("note.mentions", "contains", "jonas"), False),
        # whom an earlier note mentioned is not mentioned in this one
        (note(2, mentioned=("maya",)), condition("note.mentions", "is_set"), False),
        (started(mentioned=("maya",)), condition("note.mentions", "contains", "maya"), False),
        (ANSWERED, condition("side.sender", "is", "lab@factory.example"), True),
        (ANSWERED, condition("side.text", "contains", "LOT"), True),
        (ANSWERED, condition("side.subject", "starts_with", "batch"), True),
        (BEGUN, condition("side.to", "contains", "support@paleohacks.example"), True),
        (ANSWERED, condition("side.automatic", "is_set"), False),
        (AWAY, condition("side.automatic", "is", "auto_reply"), True),
        (AWAY, condition("message.automatic", "is_set"), False),
        # what somebody else wrote is no message of the customer's, nor the other way round
        (ANSWERED, condition("message.text", "is_set"), False),
        (ANSWERED, condition("message.attachments", "at_least", 0), False),
        (started(), condition("side.text", "is_set"), False),
        (started(), condition("side.sender", "is_not_set"), True),
        (RECEIVED, condition("conversation.status", "changed"), True),
        (RECEIVED, condition("conversation.team", "changed_to", "email-support"), True),
        (RECEIVED, condition("conversation.tags", "changed"), False),
        (RECEIVED, condition("conversation.assignee", "changed"), False),
    ],
)
def test_what_a_rule_sees(event: Any, asked: dict[str, Any], holds: bool) -> None:
    asking = rule(**{"if": {"all": [asked]}, "when": [*ALL, "ConversationStarted"]})
    check(drafted({"all": [asked]}), KNOWN)
    assert bool(RuleSet([asking]).run(name_of(event), facts(event)).matched) is holds


def test_an_attribute_that_a_merge_brought_has_changed() -> None:
    assert facts(RECEIVED).changed == ("conversation.status", "conversation.team", "attribute.plan")


def test_who_is_asked_for_must_be_there() -> None:
    with pytest.raises(Invalid, match="There is no agent"):
        check(drafted({"all": [condition("note.mentions", "contains", "nobody")]}), KNOWN)


@pytest.mark.parametrize("field", ["note.mentions", "side.text"])
def test_a_rule_about_time_has_no_event_to_ask_about(field: str) -> None:
    conditions = {"all": [condition(field, "is_set"), condition("conversation.started_at", "longer_ago", "PT1H")]}
    draft = drafted(conditions).model_copy(update={"when": ("TimePassed",)})
    with pytest.raises(Invalid, match="There is no event when time passes"):
        check(draft, KNOWN)


def test_a_rule_that_waits_keeps_the_mail_without_what_it_does_not_look_at() -> None:
    asked = {"all": [condition("side.text", "contains", "fine")]}
    world = World(rule("lab", **{**IN_2H, "when": ["SideReplyReceived"], "if": asked}))
    world.hear(ANSWERED)
    assert world.row is not None
    [wait] = world.row.waits
    kept = json.loads(wait.data)["mail"]
    assert (kept["text"], kept["html"]) == ("The lot is fine", None)
    assert _again(wait, world).mail.text == "The lot is fine"
    world.pass_(hours=2)
    assert world.by == ["lab"]


def _again(wait: Wait, world: World) -> Any:
    assert world.row is not None
    head = head_of(world.row)
    assert head is not None
    return event_of(wait, head, wait.due_at)
