"""A plan and the desk's answer to it made into a decision. Pure: time, ids and people are passed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.routing.model.conversation import Row
from services.routing.model.move import moving
from services.routing.model.offer import given, kept
from services.routing.model.plan import Plan
from services.routing.model.want import Want
from services.routing.rules.durations import read_duration, spoken
from shared.contracts.common import RuleRef
from shared.contracts.routing import Action, AssignAgent, Decided, ReportLoop, Trigger, Unassign


@dataclass(frozen=True, slots=True)
class Seat:
    """The desk's answer to a want: an agent, or None; `reason` is a sentence either way. `team_id`: of which team they
    take it, None for the one that it waits for; `known_as`: as whom the directory named them."""

    agent_id: str | None
    reason: str
    team_id: str | None = None
    known_as: str = ""


def asks(row: Row, made: Plan, trigger: Trigger) -> bool:
    """Whether somebody is to be found for a plan: what it wants is wanted still, and it was not assigned since: where
    people did, tickets would drop who is found for older, and so it waits."""
    return row.want is not None and row.want.decision_id == made.decision_id and row.assigned_seq <= trigger.seq


def decide(row: Row, made: Plan, seat: Seat | None, *, trigger: Trigger, now: datetime) -> tuple[Row, Decided | None]:
    """The decision, and the row after it; None when there is nothing to do. `seat` is None when the plan
    wants nobody, or something that came after it made that void."""
    cut = (ReportLoop(rule=ref, chain=made.chain) for ref in made.cut)
    actions, waiting, changes = (*made.actions, *cut), None, dict[str, object]()
    if made.want is not None and seat is not None:
        if seat.agent_id is not None:
            # From whom it is taken it goes to them at once: nobody has it in between.
            left = (one for one in actions if not isinstance(one, Unassign))
            actions = (*left, _assign_agent(made.want, seat, seat.agent_id, made.gone))
            changes = given(made.want, seat.agent_id, seat.team_id, seat.known_as, made.decision_id, now)
            changes["moves"] = moving(row.moves, made.decision_id, actions)
        elif made.want.late:
            waiting = None if _said(row) else f"{_prefix(made.want)}It stays with its agent: {seat.reason}"
            row = kept(row, made.want, now)
        else:
            waiting = ". ".join((*made.gone, seat.reason))
    elif made.gone:
        waiting = ". ".join(made.gone)
    if not actions and waiting is None:
        return row, None
    row = row.model_copy(update=changes | {"decided_seq": row.decided_seq + 1})
    return row, _decided(row, made.decision_id, trigger, actions, now, made.matched, waiting)


def decide_waiting(row: Row, seat: Seat, *, decision_id: str, now: datetime) -> tuple[Row, Decided]:
    """A waiting conversation found its agent. The trigger is the last event we saw of it."""
    if row.want is None or seat.agent_id is None:
        raise ValueError(f"conversation {row.id} does not wait")
    want = row.want.model_copy(update={"rule": None})
    action = _assign_agent(want, seat, seat.agent_id)
    changes = given(want, seat.agent_id, seat.team_id, seat.known_as, decision_id, now)
    changes["moves"] = moving(row.moves, decision_id, (action,))
    row = row.model_copy(update=changes | {"decided_seq": row.decided_seq + 1})
    return row, _decided(row, decision_id, row.last, (action,), now)


def _said(row: Row) -> bool:
    return row.offer is not None and row.offer.stays


def _assign_agent(want: Want, seat: Seat, agent_id: str, gone: tuple[str, ...] = ()) -> AssignAgent:
    team_id = None if want.one_agent else seat.team_id or want.queue
    reason = ". ".join((*gone, f"{_prefix(want)}{seat.reason}"))
    return AssignAgent(agent_id=agent_id, team_id=team_id, reason=reason, rule=want.rule)


def _prefix(want: Want) -> str:
    if want.late and want.answer_within:
        return f"Not answered within {spoken(read_duration(want.answer_within))}. "
    return "Its agent is away. " if want.instead_of else ""


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
