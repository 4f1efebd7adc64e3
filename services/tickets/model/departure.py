"""What becomes of the work of an agent who is not with us any more: it goes back to its team's queue, and everything
they did stays theirs."""

from __future__ import annotations

from collections.abc import Sequence

from services.tickets.model import ticket
from services.tickets.model.evolve import Unfolding
from services.tickets.model.state import SYSTEM, Context, Conversation, Desk
from shared.contracts.conversations import Assigned, ConversationEvent, Head
from shared.contracts.tickets import TicketEvent, TicketHead

NOT_HERE = "not with us any more"


def decide_departed(state: Conversation, context: Context, agent_id: str) -> Sequence[ConversationEvent]:
    """One that they still have, and that is not closed, has nobody and the same team afterwards."""
    if state.head.assignee_id != agent_id or state.head.status == "closed":
        return []
    unfolding = Unfolding(state)
    give_back(unfolding, state.head, context)
    return unfolding.events


def decide_departed_ticket(head: TicketHead, context: Context, desk: Desk, agent_id: str) -> Sequence[TicketEvent]:
    if head.assignee_id != agent_id or head.state == "resolved":
        return []
    team_id = head.team_id if head.team_id in desk.teams else None
    return ticket.decide_assign(head, context, desk, team_id=team_id, assignee_id=None)


def has_departed(head: Head, desk: Desk) -> bool:
    """Whether an open conversation is somebody's who left. Whom the directory never named may be on their way."""
    agent = desk.agents.get(head.assignee_id or "")
    return agent is not None and not agent.active and head.status == "open"


def give_back(unfolding: Unfolding, head: Head, context: Context) -> None:
    """To the team that it is of."""
    unfolding.add(
        Assigned,
        context.as_(SYSTEM),
        team_id=head.team_id,
        assignee_id=None,
        previous_team_id=head.team_id,
        previous_assignee_id=head.assignee_id,
        reason=NOT_HERE,
    )
