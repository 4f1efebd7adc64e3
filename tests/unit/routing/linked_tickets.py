"""A conversation's ticket and what happens to it, as the tests of routing make them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from shared.contracts.conversations import Link, LinkAdded, LinkProgressed
from shared.contracts.linked import TicketUpdated
from shared.contracts.tickets import TicketField, TicketHead
from tests.unit.routing.examples import AT, changed


def link(**changes: Any) -> Link:
    fields = {"kind": "ticket", "id": "t1", "title": "Refund 1001", "type_id": "refund", "number": 7, "seq": 2}
    return Link.model_validate({**fields, "state": "submitted", **changes})


def ticket(**changes: Any) -> TicketHead:
    fields: dict[str, Any] = {
        "id": "t1",
        "seq": 2,
        "number": 7,
        "kind": "back_office",
        "type_id": "refund",
        "brand_id": "paleo-hacks",
        "title": "Refund 1001",
        "state": "submitted",
        "fields": (TicketField(id="order", value="1001"), TicketField(id="amount", value=12.5)),
        "team_id": "email-support",
        "assignee_id": "maya",
        "created_at": AT - timedelta(days=3),
        "updated_at": AT,
        "state_since": AT,
        "due_at": AT + timedelta(hours=5),
        "comment_count": 1,
        "last_comment": "Bank says no",
    }
    return TicketHead.model_validate(fields | changes)


def linked(**own: Any) -> Any:
    return changed(LinkAdded, {"link": link(), "ticket": ticket(), **own}, links=(link(),))


def moved(state: str, previous: str | None = "submitted", kind: str = "ticket", **own: Any) -> Any:
    now = link(state=state, kind=kind, seq=3)
    fields = {"link": now, "previous_state": previous, "ticket": ticket(state=state), **own}
    return changed(LinkProgressed, fields, links=(now,))


def updated(change: str, **own: Any) -> Any:
    return changed(TicketUpdated, {"link": link(seq=3), "change": change, "ticket": ticket(), **own}, links=(link(),))
