"""What routing knows of a conversation and what it decides. Pure: time, ids and people are passed in.

A conversation is followed by the heads in its events. Rules give a `Plan`; what it wants for an agent is
asked of the desk; `decide` makes the plan and the answer into the decision.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.routing.rules.schema import (
    Assign,
    AssignTo,
    MakePriority,
    Rule,
    Spam,
    Strategy,
    Tags,
    Topic,
)
from shared.contracts.base import Id, Time, Value
from shared.contracts.common import RuleRef
from shared.contracts.conversations import Assigned, ConversationEvent, Head
from shared.contracts.routing import (
    Action,
    AddTags,
    AssignAgent,
    AssignTeam,
    Decided,
    MarkSpam,
    SetPriority,
    SetTopic,
    Trigger,
)

PENDING = timedelta(minutes=5)
"""How long our choice of an agent stands against a head that does not show it yet."""


class Want(Value):
    """An agent is wanted: `queue` is the team's id, or the agent's when a rule named one (`one_agent`).

    `ready` once the conversation's head shows the team, so that tickets does not take our second decision
    for older than the assignment that our first one caused. `since` orders the waiting.
    """

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


@dataclass(frozen=True, slots=True)
class Plan:
    """What the rules said: actions as tickets knows them, and the agent still to be found."""

    actions: tuple[Action, ...]
    want: Want | None
    matched: tuple[RuleRef, ...]


@dataclass(frozen=True, slots=True)
class Seat:
    """The desk's answer to a want: an agent, or None; `reason` is a sentence either way."""

    agent_id: str | None
    reason: str


def follow(row: Row | None, event_id: str, event: ConversationEvent) -> Row:
    """The row after an event. An event that is not newer than the row changes nothing."""
    head = event.head
    if row is not None and event.seq <= row.head_seq:
        return row
    last = Trigger(event_id=event_id, event=type(event).__name__, seq=event.seq)
    before = row or Row(id=head.id, brand_id=head.brand_id, last=last)
    changes = {"head_seq": event.seq, "brand_id": head.brand_id, "last": last, "open": _is_open(head)}
    return before.model_copy(update=changes | _holder(before, event) | {"want": _want(before, event)})


def _is_open(head: Head) -> bool:
    return head.status == "open" and not head.spam


def _holder(row: Row, event: ConversationEvent) -> dict[str, object]:
    head = event.head
    as_head = {
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
    by_a_person = isinstance(event, Assigned) and event.by.kind != "rule"
    here = want.one_agent or head.team_id == want.queue
    if by_a_person and not here:
        return None
    return want.model_copy(update={"ready": here})


def is_trigger(event: ConversationEvent) -> bool:
    """History brought in is not acted on; nor is what a rule did, so no chain of rules can run for ever."""
    return not event.imported and event.by.kind != "rule"


def plan(
    row: Row,
    event: ConversationEvent,
    matched: Sequence[Rule],
    *,
    is_member: Callable[[str, str], bool],
    correlation_id: str,
    now: datetime,
) -> Plan:
    """What the matched rules do to this conversation. A later rule overrides an earlier one; tags add up;
    what is so already is left out. `is_member(agent, team)`: an agent of the wanted team keeps it."""
    head, refs = event.head, tuple(_ref(rule) for rule in matched)
    actions: list[Action] = []
    last: dict[str, tuple[Assign | AssignTo | MakePriority | Topic | Spam, RuleRef]] = {}
    tags = set(head.tags)
    for rule, ref in zip(matched, refs, strict=True):
        for action in rule.then:
            if isinstance(action, Tags):
                if new := tuple(dict.fromkeys(tag for tag in action.tags if tag not in tags)):
                    actions.append(AddTags(tags=new, rule=ref))
                    tags.update(new)
            else:
                last["assign" if isinstance(action, AssignTo) else action.kind] = action, ref
    for action, ref in last.values():
        if isinstance(action, MakePriority) and action.priority != head.priority:
            actions.append(SetPriority(priority=action.priority, rule=ref))
        elif isinstance(action, Topic) and action.topic != head.topic:
            actions.append(SetTopic(topic=action.topic, rule=ref))
        elif isinstance(action, Spam) and not head.spam:
            actions.append(MarkSpam(reason=action.reason, rule=ref))
    want = None
    if "assign" in last and "mark_spam" not in last and _is_open(head):
        action, ref = last["assign"]
        if isinstance(action, Assign) and action.team_id != head.team_id and not _awaits(row, action.team_id):
            actions.append(AssignTeam(team_id=action.team_id, rule=ref))
        want = _wanted(row, action, ref, is_member, correlation_id, now)
    return Plan(tuple(actions), want, refs)


def _wanted(
    row: Row,
    action: object,
    ref: RuleRef,
    is_member: Callable[[str, str], bool],
    correlation_id: str,
    now: datetime,
) -> Want | None:
    if isinstance(action, Assign):
        kept = row.agent_id is not None and is_member(row.agent_id, action.team_id)
        if kept or action.strategy == "none" or _awaits(row, action.team_id):
            return None
        return Want(
            queue=action.team_id,
            strategy=action.strategy,
            rule=ref,
            since=now,
            correlation_id=correlation_id,
        )
    if isinstance(action, AssignTo) and row.agent_id != action.agent_id and not _awaits(row, action.agent_id):
        return Want(
            queue=action.agent_id,
            one_agent=True,
            rule=ref,
            since=now,
            correlation_id=correlation_id,
            ready=True,
        )
    return None


def _awaits(row: Row, queue: str) -> bool:
    return row.want is not None and row.want.queue == queue


def _ref(rule: Rule) -> RuleRef:
    return RuleRef(id=rule.id, name=rule.name, version=rule.version)


def decide(
    row: Row, made: Plan, seat: Seat | None, *, decision_id: str, trigger: Trigger, now: datetime
) -> tuple[Row, Decided | None]:
    """The decision, and the row after it. None when there is nothing to do."""
    actions, waiting = made.actions, None
    changes: dict[str, object] = {}
    if made.want is not None and seat is not None:
        if seat.agent_id is None:
            waiting, changes = seat.reason, {"want": made.want}
        else:
            actions = (*actions, _assign_agent(made.want, seat.agent_id, seat.reason))
            changes = _given(seat.agent_id, decision_id, now)
    elif any(isinstance(action, AssignTeam) for action in actions):
        changes = {"want": None}
    if not actions and waiting is None:
        return row, None
    row = row.model_copy(update=changes | {"decided_seq": row.decided_seq + 1})
    return row, _decided(row, decision_id, trigger, actions, now, made.matched, waiting)


def decide_waiting(row: Row, seat: Seat, *, decision_id: str, now: datetime) -> tuple[Row, Decided]:
    """A waiting conversation found its agent. The trigger is the last event we saw of it."""
    if row.want is None or seat.agent_id is None:
        raise ValueError(f"conversation {row.id} does not wait")
    want = row.want.model_copy(update={"rule": None})
    action = _assign_agent(want, seat.agent_id, seat.reason)
    changes = _given(seat.agent_id, decision_id, now) | {"decided_seq": row.decided_seq + 1}
    row = row.model_copy(update=changes)
    return row, _decided(row, decision_id, row.last, (action,), now)


def _given(agent_id: str, decision_id: str, now: datetime) -> dict[str, object]:
    return {"agent_id": agent_id, "pending_at": now, "pending_decision": decision_id, "want": None}


def _assign_agent(want: Want, agent_id: str, reason: str) -> AssignAgent:
    team_id = None if want.one_agent else want.queue
    return AssignAgent(agent_id=agent_id, team_id=team_id, reason=reason, rule=want.rule)


def _decided(
    row: Row,
    decision_id: str,
    trigger: Trigger,
    actions: tuple[Action, ...],
    now: datetime,
    matched: tuple[RuleRef, ...] = (),
    waiting: str | None = None,
) -> Decided:
    return Decided(
        decision_id=decision_id,
        conversation_id=row.id,
        seq=row.decided_seq,
        at=now,
        trigger=trigger,
        actions=actions,
        matched=matched,
        waiting=waiting,
    )
