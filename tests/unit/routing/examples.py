"""A conversation, its events and rules, as the tests of routing make them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from services.routing.rules.compile import Known
from services.routing.rules.schema import Rule, RuleDraft
from shared.contracts.common import Actor, Handle, Message, Spam
from shared.contracts.conversations import (
    Assigned,
    Closed,
    ConversationEvent,
    ConversationStarted,
    CustomerReplied,
    Head,
    NoteAdded,
    Snoozed,
)

AT = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
CUSTOMER = Actor(kind="customer")
RULE = Actor(kind="rule", id="r1", name="A rule")
SYSTEM = Actor(kind="system")
AGENT = Actor(kind="agent", id="lead", name="Lena")
KNOWN = Known(
    brands={"paleo-hacks": ("Refund",), "earth-echo": ()},
    teams={"email-support", "phone-support"},
    agents={"maya", "jonas"},
)


def head(**changes: Any) -> Head:
    values: dict[str, Any] = {
        "id": "c1",
        "seq": 1,
        "brand_id": "paleo-hacks",
        "channel": "email",
        "account": "support@paleohacks.example",
        "contact_id": "k1",
        "contact_name": "Ann Lee",
        "handle": Handle(kind="email", value="ann@customer.example"),
        "subject": "Where is my Order?",
        "started_at": AT,
        "last_activity_at": AT,
        "waiting_since": AT,
        "activity": "ConversationStarted",
        "message_count": 1,
    }
    return Head(**values | changes)


def message(**changes: Any) -> Message:
    values: dict[str, Any] = {
        "entry_id": "e1",
        "direction": "in",
        "author": CUSTOMER,
        "sender": Handle(kind="email", value="ann@customer.example", name="Ann"),
        "subject": "Where is my Order?",
        "text": "I want a Refund please",
        "spam": Spam(score=0.1),
        "received_at": AT,
    }
    return Message(**values | changes)


def _event(kind: type[ConversationEvent], seq: int, by: Actor, own: dict[str, Any], **on_head: Any) -> Any:
    at = AT + timedelta(seconds=seq)
    now = head(seq=seq, activity=kind.__name__, **on_head)
    common = {"conversation_id": now.id, "seq": seq, "at": own.pop("at", at), "by": by, "head": now}
    return kind.model_validate({**common, **own})


def started(seq: int = 1, *, by: Actor = CUSTOMER, imported: bool = False, text: str = "hello", **on_head: Any) -> Any:
    own = {"message": message(text=text), "imported": imported}
    return _event(ConversationStarted, seq, by, own, **on_head)


def replied(seq: int, *, by: Actor = CUSTOMER, **on_head: Any) -> Any:
    return _event(CustomerReplied, seq, by, {"message": message()}, **on_head)


def note(seq: int, **on_head: Any) -> Any:
    return _event(NoteAdded, seq, AGENT, {"entry_id": "n", "text": "t", "html": "t"}, **on_head)


def assigned(
    seq: int,
    team_id: str | None,
    assignee_id: str | None,
    *,
    by: Actor = RULE,
    decision_id: str | None = None,
    **on_head: Any,
) -> Any:
    own = {
        "team_id": team_id,
        "assignee_id": assignee_id,
        "previous_team_id": None,
        "previous_assignee_id": None,
        "decision_id": decision_id,
    }
    values = {"team_id": team_id, "assignee_id": assignee_id, "assigned_seq": seq} | on_head
    return _event(Assigned, seq, by, own, **values)


def changed(kind: type[ConversationEvent], own: dict[str, Any], *, at: datetime = AT, **on_head: Any) -> Any:
    """An agent changed something, at `at`."""
    return _event(kind, 2, AGENT, {**own, "at": at}, **on_head)


def closed(seq: int, **on_head: Any) -> Any:
    return _event(Closed, seq, AGENT, {}, **{"status": "closed", "closed_at": AT} | on_head)


def snoozed(seq: int, **on_head: Any) -> Any:
    return _event(Snoozed, seq, AGENT, {"until": AT + timedelta(days=1)}, **{"status": "snoozed"} | on_head)


def draft(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "name": "A rule",
        "when": ["ConversationStarted"],
        "if": None,
        "then": [{"kind": "add_tags", "tags": ["seen"]}],
    }
    return values | changes


def drafted(conditions: Any) -> RuleDraft:
    return RuleDraft.model_validate(draft(**{"if": conditions}))


def rule(id_: str = "r1", **changes: Any) -> Rule:
    return Rule.model_validate({**draft(**changes), "id": id_, "version": 1, "saved_at": AT})


def condition(field: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "operator": operator, "value": value}
