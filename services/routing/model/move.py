"""What we decided about a conversation's team and agent, until its head shows it. Pure.

tickets applies our decisions in the order in which they were made, and drops those that people were quicker than. So
where a conversation will be is its head with what is on its way done to it.
"""

from __future__ import annotations

from collections.abc import Iterable

from shared.contracts.automation import ActionRefused
from shared.contracts.base import Id, Value
from shared.contracts.conversations import ConversationEvent, Head
from shared.contracts.routing import Action, AssignAgent, AssignTeam, Unassign


class Move(Value):
    """What one decision does to them: to the team when `of_team`, to the agent when `of_agent`."""

    decision_id: Id
    of_team: bool = False
    team_id: str | None = None
    of_agent: bool = False
    agent_id: str | None = None

    def after(self, head: Head) -> Head:
        team = {"team_id": self.team_id} if self.of_team else {}
        return head.model_copy(update=team | ({"assignee_id": self.agent_id} if self.of_agent else {}))


Moves = tuple[Move, ...]
"""Of the decisions on their way, the earliest first."""


def moving(moves: Moves, decision_id: str, actions: Iterable[Action]) -> Moves:
    """With what a decision does, in place of what it was to do before an agent was found."""
    changes = dict[str, object]()
    for one in actions:
        if isinstance(one, AssignTeam) or (isinstance(one, AssignAgent) and one.team_id):
            changes |= {"of_team": True, "team_id": one.team_id}
        if isinstance(one, AssignAgent):
            changes |= {"of_agent": True, "agent_id": one.agent_id}
        if isinstance(one, Unassign):
            changes |= {"of_team": True, "team_id": None} if one.what != "agent" else {}
            changes |= {"of_agent": True, "agent_id": None} if one.what != "team" else {}
    at = next((n for n, one in enumerate(moves) if one.decision_id == decision_id), len(moves))
    now = (Move.model_validate({"decision_id": decision_id, **changes}),) if changes else ()
    return (*moves[:at], *now, *moves[at + 1 :])


def still_moving(moves: Moves, event: ConversationEvent, *, people: bool) -> Moves:
    """What is still on its way after an event. `people` assigned it: tickets drops all that was decided before."""
    if people or event.head.status == "closed" or event.head.spam:
        return ()
    at = next((n for n, one in enumerate(moves) if one.decision_id == event.decision_id), None)
    if at is not None:
        last = "assign_agent" if moves[at].agent_id else "assign_team"
        refused = isinstance(event, ActionRefused) and event.action == last
        moves = moves[at + 1 :] if refused else moves[at:]
    # What is so already makes no event; it was to change something that was not accepted.
    while moves and moves[0].after(event.head) == event.head:
        moves = moves[1:]
    return moves


def arrived(moves: Moves, head: Head) -> Head:
    """The head as what is on its way leaves it."""
    for one in moves:
        head = one.after(head)
    return head


def resting(moves: Moves, head: Head) -> Head:
    """The head with only the team and the agent that nothing on its way takes from it."""
    then = arrived(moves, head)
    kept = {
        "team_id": head.team_id if then.team_id == head.team_id else None,
        "assignee_id": head.assignee_id if then.assignee_id == head.assignee_id else None,
    }
    return head.model_copy(update=kept) if moves else head


def by_people(event: ConversationEvent, assigned_seq: int) -> bool:
    """Whether people changed whose it is, as tickets counts that (`Conversation.people_seq`). `assigned_seq`: the
    head's before the event."""
    return event.head.assigned_seq != assigned_seq and event.by_people
