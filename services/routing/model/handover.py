"""New replies to who is away go to somebody else of the team, where the agent wants that (AG4). Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.routing.model.conversation import Row
from services.routing.model.plan import Chain, Plan, puts_away
from services.routing.model.want import Want, turn_at
from shared.contracts.conversations import ConversationEvent, CustomerReplied
from shared.contracts.routing import AssignTeam, Unassign


def may_hand_over(row: Row, event: ConversationEvent, made: Plan | None) -> bool:
    """Whether it is a customer's new reply to what somebody of a team has, and no rule says where it goes."""
    if not isinstance(event, CustomerReplied) or event.message.automatic or row.want is not None or not row.open:
        return False
    moves = made is not None and any(isinstance(one, AssignTeam | Unassign) or puts_away(one) for one in made.actions)
    return not moves and bool(event.head.team_id) and bool(event.head.assignee_id)


def hand_over(
    row: Row,
    event: ConversationEvent,
    made: Plan | None,
    *,
    decision_id: str,
    correlation_id: str,
    now: datetime,
    chain: Chain = (),
) -> tuple[Row, Plan]:
    """Somebody else of the team is wanted, as its agent is away. `made`: what the rules said besides, and which of them
    led there; `chain` led to the event, where none was asked."""
    made = made or Plan(decision_id, (), None, (), chain)
    want = Want(
        decision_id=decision_id,
        queue=str(event.head.team_id),
        strategy="balanced",
        since=now,
        turn_at=turn_at(now, priority=event.head.priority),
        correlation_id=correlation_id,
        ready=True,
        instead_of=event.head.assignee_id,
        chain=made.chain,
    )
    return row.model_copy(update={"want": want, "agent_id": None}), replace(made, want=want)
