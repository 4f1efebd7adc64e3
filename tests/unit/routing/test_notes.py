"""What rules see of a private note: nothing of it is a message's, and nothing of a message is a note's."""

from __future__ import annotations

from typing import Any

import pytest

from services.routing.model.later import event_of, head_of
from services.routing.rules.compile import check
from services.routing.rules.facts import Facts
from services.routing.rules.fields import TEXT_LIMIT
from services.routing.rules.schema import RuleDraft
from services.routing.sla.check import check_policy
from services.routing.sla.schema import PolicyDraft
from shared.contracts.conversations import CustomerReplied, NoteAdded
from shared.errors import Invalid
from tests.unit.routing.examples import KNOWN, changed, condition, draft, message, rule, started
from tests.unit.routing.test_facts import after, holds
from tests.unit.routing.waiting_rules import IN_2H, World, ago

FILE = {"id": "f1", "name": "Invoice.pdf", "content_type": "application/pdf", "size_bytes": 10}
WROTE = {
    "entry_id": "n1",
    "text": "Please look @Jonas, @Email Support",
    "html": "<p>…</p>",
    "mentions": ["jonas", "maya"],
    "teams": ["email-support"],
    "attachments": [FILE],
}
EVENT = changed(NoteAdded, dict(WROTE))
NOTE, BARE = after(EVENT), after(changed(NoteAdded, {"entry_id": "n", "text": "", "html": ""}))
LONG = after(changed(NoteAdded, {"entry_id": "n", "text": "x" * TEXT_LIMIT + "refund", "html": ""}))
REPLY = after(changed(CustomerReplied, {"message": message(text="Please look")}))

ASKED: list[tuple[Facts, str, str, Any, bool]] = [
    (NOTE, "note.text", "contains", "please LOOK", True),
    (NOTE, "note.text", "matches", r"look @\w+", True),
    (LONG, "note.text", "contains", "refund", False),
    (NOTE, "note.mentions", "contains", "jonas", True),
    (NOTE, "note.mentions", "contains_none", ["jonas"], False),
    (NOTE, "note.teams", "contains", "email-support", True),
    (NOTE, "note.attachments", "is", 1, True),
    (NOTE, "note.attachment_names", "contains", "invoice.pdf", True),
    (BARE, "note.text", "is_set", None, False),
    (BARE, "note.mentions", "is_set", None, False),
    (BARE, "note.attachments", "is", 0, True),
    (NOTE, "message.text", "is_set", None, False),
    (NOTE, "message.direction", "is_set", None, False),
    (NOTE, "message.attachments", "is_set", None, False),
    (REPLY, "note.text", "contains", "look", False),
    (REPLY, "note.attachments", "is", 0, False),  # what is not set is not 0
    (REPLY, "note.mentions", "is_not_set", None, True),
]


@pytest.mark.parametrize(("facts", "field", "operator", "value", "expected"), ASKED)
def test_what_rules_see_of_a_note(facts: Facts, field: str, operator: str, value: Any, expected: bool) -> None:
    assert holds(condition(field, operator, value), facts) is expected


def test_a_rule_that_waited_sees_the_note_of_then() -> None:
    asked = [condition("note.text", "contains", "please look"), condition("note.mentions", "contains", "jonas")]
    world = World(rule(when=["NoteAdded"], **{**IN_2H, "if": {"all": asked}}))
    world.hear(started())
    world.hear(EVENT)
    assert world.row is not None
    head, (wait,) = head_of(world.row), world.row.waits
    assert head is not None
    assert event_of(wait, head, world.now).text == WROTE["text"]
    world.pass_(hours=3)
    assert world.by == ["r1"]


@pytest.mark.parametrize(
    ("field", "operator", "value", "says"),
    [
        ("note.mentions", "contains", "nobody", 'no agent "nobody"'),
        ("note.teams", "contains", "nobody", 'no team "nobody"'),
        ("note.attachments", "is", "one", "a number"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_place(field: str, operator: str, value: Any, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(RuleDraft.model_validate(draft(**{"if": {"all": [condition(field, operator, value)]}})), KNOWN)
    (error,) = refused.value.fields
    assert error.path == "if.all[0].value"
    assert says in error.message


def test_neither_time_nor_a_service_level_has_a_note() -> None:
    asked = condition("note.text", "contains", "x")
    timed = {"all": [*ago("conversation.started_at", "PT1H")["all"], asked]}
    with pytest.raises(Invalid, match="no event when time passes"):
        check(RuleDraft.model_validate(draft(when=["TimePassed"], **{"if": timed})), KNOWN)
    policy = {"name": "VIP", "if": {"all": [asked]}, "first_response_s": 60}
    with pytest.raises(Invalid, match="not about one event"):
        check_policy(PolicyDraft.model_validate(policy), KNOWN, ())
