"""A conversation as routing knows it: followed by the heads in its events. Pure: time and ids are passed in."""

from __future__ import annotations

from datetime import timedelta

from services.routing.rules.schema import Strategy
from shared.contracts.base import Id, Time, Value
from shared.contracts.common import RuleRef
from shared.contracts.conversations import Assigned, ConversationEvent, Head
from shared.contracts.routing import Trigger

PENDING = timedelta(minutes=5)
"""How long our choice of an agent stands against a head that does not show it yet."""


class Want(Value):
    """An agent is wanted by a decision: `queue` is the team's id, or the agent's when a rule named one (`one_agent`).

    `ready` once the conversation's head shows the team, so that tickets does not take our second decision
    for older than the assignment that our first one caused. `since` orders the waiting.
    """

    decision_id: Id
    queue: Id
    one_agent: bool = False
    strategy: Strategy = "round_robin"
    rule: RuleRef | None = None
    since: Time
    correlation_id: str
    ready: bool = False


class Row(Value):
    """A conversation as routing knows it. `seq` is this row's version, `head_seq` the conversation's,
    `decided_seq` our last decision's. `agent_id` holds it: as the head says, or as we decided and `pending_at`
    says when. `open`: it counts as its agent's load. `last` is the last event seen."""

    id: Id
    seq: int = 0
    head_seq: int = 0
    decided_seq: int = 0
    brand_id: str
    open: bool = True
    agent_id: str | None = None
    assigned_seq: int = 0
    pending_at: Time | None = None
    pending_decision: str | None = None
    want: Want | None = None
    last: Trigger


def follow(row: Row | None, event_id: str, event: ConversationEvent) -> Row:
    """The row after an event. An event that is not newer than the row changes nothing."""
    head = event.head
    if row is not None and event.seq <= row.head_seq:
        return row
    last = Trigger(event_id=event_id, event=type(event).__name__, seq=event.seq)
    before = row or Row(id=head.id, brand_id=head.brand_id, last=last)
    changes = {"head_seq": event.seq, "brand_id": head.brand_id, "last": last, "open": is_open(head)}
    return before.model_copy(update=changes | _holder(before, event) | {"want": _want(before, event)})


def is_open(head: Head) -> bool:
    return head.status == "open" and not head.spam


def _holder(row: Row, event: ConversationEvent) -> dict[str, object]:
    head = event.head
    as_head: dict[str, object] = {
        "agent_id": head.assignee_id,
        "assigned_seq": head.assigned_seq,
        "pending_at": None,
        "pending_decision": None,
    }
    if row.pending_at is None or head.status == "closed" or head.spam:
        return as_head
    on_its_way = head.assigned_seq == row.assigned_seq or event.decision_id == row.pending_decision
    if head.assignee_id is None and on_its_way and event.at - row.pending_at < PENDING:
        return {"assigned_seq": head.assigned_seq}
    return as_head


def _want(row: Row, event: ConversationEvent) -> Want | None:
    want, head = row.want, event.head
    if want is None or head.status == "closed" or head.spam or head.assignee_id is not None:
        return None
    by_a_person = isinstance(event, Assigned) and event.by.kind == "agent"
    here = want.one_agent or head.team_id == want.queue
    if by_a_person and not here:
        return None
    return want.model_copy(update={"ready": here})


def holder(row: Row) -> str | None:
    """The agent whose load it counts to."""
    return row.agent_id if row.open else None


def frees(before: Row | None, after: Row) -> bool:
    """Whether something that waits may get an agent now: a place came free, or this one began to wait."""
    freed = before is not None and holder(before) is not None and holder(before) != holder(after)
    return freed or (after.open and after.want is not None and after.want.ready)
