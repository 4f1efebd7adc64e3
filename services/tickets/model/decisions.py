"""What routing decided, applied action by action, each as an event of its own.

Assignments, and taking it away, yield to people: when somebody assigned the conversation after the event that routing
looked at. They do not yield to earlier decisions: routing knew of those, and the later one wins. Nobody gets what is
closed or spam. What cannot be done, as when an agent, a team or an attribute is not there any more or a tag is one too
many, is left out and said on the timeline, with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape

from services.tickets.model import changes
from services.tickets.model.attributes import decide_attributes
from services.tickets.model.automation import Aids, Automatic, act
from services.tickets.model.evolve import Unfolding
from services.tickets.model.follow import decide_follower
from services.tickets.model.inbound import UNKNOWN
from services.tickets.model.state import SYSTEM, Context, Conversation, Desk, Outcome
from shared.contracts.automation import ActionRefused
from shared.contracts.common import Actor
from shared.contracts.conversations import Assigned, ConversationEvent, LoopStopped, NoteAdded, SpamMarked
from shared.contracts.routing import (
    Action,
    AddFollower,
    AddTags,
    ApplySla,
    AssignAgent,
    AssignTeam,
    Decided,
    MarkSpam,
    RemoveTags,
    ReportLoop,
    SetAttribute,
    SetPriority,
    SetState,
    SetTopic,
    Unassign,
    WriteNote,
)
from shared.contracts.targets import SlaPolicyApplied
from shared.errors import Conflict, DomainError
from shared.scope import why_gone


def decide_decision(
    state: Conversation | None, heard: Decided, context: Context, desk: Desk, aids: Aids | None = None
) -> Outcome:
    """Every action that still makes sense becomes an event, ActionRefused where it cannot be done; what came to nothing
    is named in `ignored`. `aids` are needed by what is done beyond the conversation, and say afterwards what was."""
    if state is None:
        return UNKNOWN
    if state.head.merged_into is not None:
        return Outcome(ignored=("merged",))
    people_seq = state.head.assigned_seq if state.people_seq is None else state.people_seq
    assigned_since = people_seq > heard.trigger.seq
    unfolding = Unfolding(state)
    ignored: list[str] = []
    for action in heard.actions:
        by = _context(context, heard, action)
        if assigned_since and isinstance(action, AssignTeam | AssignAgent | Unassign):
            ignored.append("assigned_since")
            continue
        try:
            why_not = _apply(unfolding, action, by, desk, aids or Aids())
        except DomainError as refused:
            sentence = str(refused.message)
            unfolding.add(ActionRefused, by, action=action.kind, code=refused.code, reason=sentence)
            why_not = refused.code
        if why_not:
            ignored.append(why_not)
    return unfolding.outcome(ignored)


def _context(context: Context, heard: Decided, action: Action) -> Context:
    by = Actor(kind="rule", id=action.rule.id, name=action.rule.name) if action.rule else SYSTEM
    return replace(context, by=by, decision_id=heard.decision_id)


def _apply(unfolding: Unfolding, action: Action, context: Context, desk: Desk, aids: Aids) -> str | None:
    """Add the action's event, or say by a code why none is needed. Raises the DomainError that says why it cannot be
    done."""
    if isinstance(action, AssignTeam | AssignAgent):
        return _assign(unfolding, action, context, desk)
    if isinstance(action, Unassign):
        return _unassign(unfolding, action, context)
    if isinstance(action, Automatic):
        act(unfolding, action, context, desk, aids)
        return None
    before = len(unfolding.events)
    unfolding.follow(_events(unfolding.state, action, context, desk))
    return None if len(unfolding.events) > before else "nothing_new"


def _events(state: Conversation, action: Action, context: Context, desk: Desk) -> Sequence[ConversationEvent]:
    match action:
        case SetPriority():
            return changes.decide_priority(state, context, priority=action.priority)
        case AddTags():
            return changes.decide_tags(state, context, add=action.tags, remove=())
        case RemoveTags():
            return changes.decide_tags(state, context, add=(), remove=action.tags)
        case SetTopic():
            return changes.decide_topic(state, context, desk, topic=action.topic)
        case SetAttribute():
            return decide_attributes(state, context, desk, {action.attribute_id: action.value}, {})
        case SetState():
            return _moved(state, action, context)
        case AddFollower():
            if action.agent_id not in state.head.followers:
                _check_agent(action.agent_id, state.head.brand_id, desk)
            return decide_follower(state, context, agent_id=action.agent_id)
    unfolding = Unfolding(state)
    match action:
        case MarkSpam():
            if not state.head.spam:
                unfolding.add(SpamMarked, context, reason=action.reason)
        case ApplySla():
            if state.head.sla_policy_id != action.policy_id:
                unfolding.add(SlaPolicyApplied, context, policy_id=action.policy_id)
        case WriteNote():
            html = "".join(f"<p>{escape(line)}</p>" for line in action.text.splitlines())
            unfolding.add(NoteAdded, context, entry_id=action.id, text=action.text, html=html)
        case ReportLoop():
            unfolding.add(LoopStopped, context, rule=action.rule, chain=action.chain)
    return unfolding.events


def _moved(state: Conversation, action: SetState, context: Context) -> Sequence[ConversationEvent]:
    match action.state:
        case "closed":
            return changes.decide_close(state, context)
        case "snoozed" if action.until is not None:
            return changes.decide_snooze(state, context, until=action.until)
        case "open" if state.head.status == "snoozed":
            return changes.decide_wake(state, context)
    return changes.decide_reopen(state, context)


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
        _check_agent(action.agent_id, head.brand_id, desk)
        assignee_id, reason = action.agent_id, action.reason
        team_id = action.team_id or team_id
    if team_id is not None and team_id not in desk.teams:
        raise Conflict("unknown_team", "The team is not there any more.")
    return _assigned(unfolding, context, team_id, assignee_id, reason)


def _unassign(unfolding: Unfolding, action: Unassign, context: Context) -> str | None:
    """Closed or spam, too: what comes back later is nobody's then."""
    head = unfolding.state.head
    team_id = head.team_id if action.what == "agent" else None
    assignee_id = head.assignee_id if action.what == "team" else None
    return _assigned(unfolding, context, team_id, assignee_id)


def _check_agent(agent_id: str, brand_id: str, desk: Desk) -> None:
    if gone := why_gone(desk.agents.get(agent_id), brand_id):
        raise Conflict("unknown_agent", f"{gone}.")


def _assigned(
    unfolding: Unfolding, context: Context, team_id: str | None, assignee_id: str | None, reason: str = ""
) -> str | None:
    head = unfolding.state.head
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
