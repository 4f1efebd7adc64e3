"""What the rules' answer does to a conversation. Pure: time, ids and people are passed in.

Rules give a `Plan`; what it wants for an agent is asked of the desk; `decide` makes the plan and the desk's
answer (a `Seat`) into the decision.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.routing.model.conversation import Row, Want, is_open
from services.routing.rules.schema import (
    Assign,
    AssignTo,
    MakePriority,
    Rule,
    RuleAction,
    Spam,
    Tags,
    Topic,
)
from shared.contracts.common import RuleRef
from shared.contracts.conversations import ConversationEvent
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


@dataclass(frozen=True, slots=True)
class Plan:
    """What the rules said: actions as tickets knows them, and the agent still to be found."""

    decision_id: str
    actions: tuple[Action, ...]
    want: Want | None
    matched: tuple[RuleRef, ...]


@dataclass(frozen=True, slots=True)
class Seat:
    """The desk's answer to a want: an agent, or None; `reason` is a sentence either way."""

    agent_id: str | None
    reason: str


def is_trigger(event: ConversationEvent) -> bool:
    """History brought in is not acted on; nor is what a decision led to, so no chain of rules runs for ever."""
    return not event.imported and event.decision_id is None and event.by.kind != "rule"


Chosen = list[tuple[RuleAction, RuleRef]]


def plan(
    row: Row,
    event: ConversationEvent,
    matched: Sequence[Rule],
    *,
    decision_id: str,
    correlation_id: str,
    is_member: Callable[[str, str], bool],
    now: datetime,
) -> tuple[Row, Plan]:
    """What the matched rules do to this conversation, and the row that wants it. A later rule overrides an
    earlier one; tags add up; what is so already is left out. `is_member(agent, team)`: an agent of the
    wanted team keeps the conversation."""
    refs = tuple(RuleRef(id=rule.id, name=rule.name, version=rule.version) for rule in matched)
    chosen = [(action, ref) for rule, ref in zip(matched, refs, strict=True) for action in rule.then]
    actions = [*_labels(event, chosen), *_tags(event, chosen)]
    assigning = [(action, ref) for action, ref in chosen if isinstance(action, Assign | AssignTo)]
    if not assigning or not is_open(event.head) or any(isinstance(one, MarkSpam) for one in actions):
        return row, Plan(decision_id, tuple(actions), None, refs)
    action, ref = assigning[-1]
    if _awaits(row, action):
        return row, Plan(decision_id, tuple(actions), None, refs)
    if isinstance(action, Assign) and action.team_id != event.head.team_id:
        actions.append(AssignTeam(team_id=action.team_id, rule=ref))
    want = None
    if not _has_its_agent(row, action, is_member):
        want = Want(
            decision_id=decision_id,
            queue=_queue(action),
            one_agent=isinstance(action, AssignTo),
            strategy=action.strategy if isinstance(action, Assign) else "round_robin",
            rule=ref,
            since=now,
            correlation_id=correlation_id,
            ready=isinstance(action, AssignTo) or action.team_id == event.head.team_id,
        )
    return row.model_copy(update={"want": want}), Plan(decision_id, tuple(actions), want, refs)


def _labels(event: ConversationEvent, chosen: Chosen) -> list[Action]:
    head, actions = event.head, list[Action]()
    for action, ref in {action.kind: (action, ref) for action, ref in chosen}.values():
        if isinstance(action, MakePriority) and action.priority != head.priority:
            actions.append(SetPriority(priority=action.priority, rule=ref))
        elif isinstance(action, Topic) and action.topic != head.topic:
            actions.append(SetTopic(topic=action.topic, rule=ref))
        elif isinstance(action, Spam) and not head.spam:
            actions.append(MarkSpam(reason=action.reason, rule=ref))
    return actions


def _tags(event: ConversationEvent, chosen: Chosen) -> list[Action]:
    there, actions = set(event.head.tags), list[Action]()
    for action, ref in chosen:
        if isinstance(action, Tags) and (new := [tag for tag in action.tags if tag not in there]):
            actions.append(AddTags(tags=tuple(dict.fromkeys(new)), rule=ref))
            there.update(new)
    return actions


def _queue(action: Assign | AssignTo) -> str:
    return action.team_id if isinstance(action, Assign) else action.agent_id


def _awaits(row: Row, action: Assign | AssignTo) -> bool:
    return row.want is not None and row.want.queue == _queue(action)


def _has_its_agent(row: Row, action: Assign | AssignTo, is_member: Callable[[str, str], bool]) -> bool:
    if isinstance(action, AssignTo):
        return row.agent_id == action.agent_id
    return action.strategy == "none" or (row.agent_id is not None and is_member(row.agent_id, action.team_id))


def decide(row: Row, made: Plan, seat: Seat | None, *, trigger: Trigger, now: datetime) -> tuple[Row, Decided | None]:
    """The decision, and the row after it; None when there is nothing to do. `seat` is None when the plan
    wants nobody, or something that came after it made that void."""
    actions, waiting, changes = made.actions, None, dict[str, object]()
    if made.want is not None and seat is not None:
        if seat.agent_id is None:
            waiting = seat.reason
        else:
            actions = (*actions, _assign_agent(made.want, seat.agent_id, seat.reason))
            changes = _given(seat.agent_id, made.decision_id, now)
    if not actions and waiting is None:
        return row, None
    row = row.model_copy(update=changes | {"decided_seq": row.decided_seq + 1})
    return row, _decided(row, made.decision_id, trigger, actions, now, made.matched, waiting)


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
