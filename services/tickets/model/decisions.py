"""What routing decided, applied action by action, each as an event of its own.

Assignments yield to people: when somebody assigned the conversation after the event that routing looked
at, when the agent or team is not there any more, and when the conversation is closed or spam.
"""

from __future__ import annotations

from dataclasses import replace

from services.tickets.model.evolve import Unfolding
from services.tickets.model.inbound import UNKNOWN
from services.tickets.model.state import SYSTEM, Context, Conversation, Desk, Outcome
from shared.contracts.common import Actor
from shared.contracts.conversations import Assigned, PriorityChanged, SpamMarked, Tagged, TopicChanged
from shared.contracts.routing import (
    AddTags,
    AssignAgent,
    AssignTeam,
    Decided,
    MarkSpam,
    SetPriority,
    SetTopic,
)

AnyAction = AssignTeam | AssignAgent | SetPriority | AddTags | SetTopic | MarkSpam


def decide_decision(state: Conversation | None, heard: Decided, context: Context, desk: Desk) -> Outcome:
    """Every action that still makes sense becomes an event; the others are named in `ignored`."""
    if state is None:
        return UNKNOWN
    assigned_since = state.head.assigned_seq > heard.trigger.seq
    unfolding = Unfolding(state)
    ignored: list[str] = []
    for action in heard.actions:
        why_not = _apply(unfolding, action, _context(context, heard, action), desk, assigned_since)
        if why_not:
            ignored.append(why_not)
    return unfolding.outcome(ignored)


def _context(context: Context, heard: Decided, action: AnyAction) -> Context:
    by = Actor(kind="rule", id=action.rule.id, name=action.rule.name) if action.rule else SYSTEM
    return replace(context, by=by, decision_id=heard.decision_id)


def _apply(unfolding: Unfolding, action: AnyAction, context: Context, desk: Desk, assigned_since: bool) -> str | None:
    """Add the action's event; or say by a code why there is none."""
    head = unfolding.state.head
    match action:
        case AssignTeam() | AssignAgent():
            if assigned_since:
                return "assigned_since"
            return _assign(unfolding, action, context, desk)
        case SetPriority():
            if head.priority == action.priority:
                return "nothing_new"
            unfolding.add(PriorityChanged, context, priority=action.priority)
        case AddTags():
            added = tuple(dict.fromkeys(tag for tag in action.tags if tag and tag not in head.tags))
            if not added:
                return "nothing_new"
            unfolding.add(Tagged, context, added=added)
        case SetTopic():
            brand = desk.brands.get(head.brand_id)
            if brand is None or action.topic not in brand.topics:
                return "unknown_topic"
            if head.topic == action.topic:
                return "nothing_new"
            unfolding.add(TopicChanged, context, topic=action.topic)
        case MarkSpam():
            if head.spam:
                return "nothing_new"
            unfolding.add(SpamMarked, context, reason=action.reason)
    return None


def _assign(unfolding: Unfolding, action: AssignTeam | AssignAgent, context: Context, desk: Desk) -> str | None:
    head = unfolding.state.head
    if head.status == "closed":
        return "closed"
    if head.spam:
        return "spam"
    team_id, assignee_id, reason = head.team_id, head.assignee_id, ""
    if isinstance(action, AssignTeam):
        team_id = action.team_id
    else:
        agent = desk.active(action.agent_id)
        if agent is None or (agent.brand_ids and head.brand_id not in agent.brand_ids):
            return "unknown_agent"
        assignee_id, reason = action.agent_id, action.reason
        team_id = action.team_id or team_id
    if team_id is not None and team_id not in desk.teams:
        return "unknown_team"
    if (team_id, assignee_id) == (head.team_id, head.assignee_id):
        return "nothing_new"
    unfolding.add(
        Assigned,
        context,
        team_id=team_id,
        assignee_id=assignee_id,
        previous_team_id=head.team_id,
        previous_assignee_id=head.assignee_id,
        reason=reason,
    )
    return None
