"""One action on many conversations (CV12): the same decisions as for one, and what takes each back.

An action is a mapping with `kind` and what that kind needs, as it lies in the job: {"kind": "snooze", "until": time}.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.tickets.model import changes
from services.tickets.model.state import Context, Conversation, Desk
from shared.contracts.conversations import (
    Assigned,
    Closed,
    ConversationEvent,
    Head,
    PriorityChanged,
    Reopened,
    Snoozed,
    SpamMarked,
    SpamUnmarked,
    Tagged,
    Woken,
)
from shared.contracts.directory import Permission
from shared.errors import Conflict, Forbidden, NotFound
from shared.scope import Scope, scope_of

Action = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Doer:
    """Who asked for it, as the directory knows them now: a right that was taken away meanwhile is gone."""

    scope: Scope
    permissions: frozenset[Permission]


def doer_of(desk: Desk, agent_id: str) -> Doer | None:
    """None: they are no longer with us."""
    agent = desk.active(agent_id)
    if agent is None:
        return None
    role = desk.roles.get(agent.role_id)
    return Doer(scope_of(agent, role), frozenset(role.permissions) if role and role.active else frozenset())


def decide_bulk(
    state: Conversation | None, context: Context, desk: Desk, doer: Doer | None, action: Action
) -> Sequence[ConversationEvent]:
    """Raises the same DomainErrors as the single action."""
    if doer is None:
        raise Forbidden("account_ended", "Whoever began this is not with us any more.")
    if "conversations.edit" not in doer.permissions:
        raise Forbidden("not_permitted", "Your role may not change conversations. An admin can change your role.")
    if state is None or not doer.scope.sees(state.head):
        raise NotFound("unknown_conversation", "There is no such conversation, or it is not one of those you work on.")
    if state.head.merged_into is not None:
        raise Conflict("merged", "It was merged into another conversation.")
    match action["kind"]:
        case "close":
            return changes.decide_close(state, context)
        case "reopen":
            return changes.decide_reopen(state, context)
        case "wake":
            return changes.decide_wake(state, context)
        case "snooze":
            return changes.decide_snooze(state, context, until=action["until"])
        case "tags":
            return changes.decide_tags(state, context, add=action["add"], remove=action["remove"])
        case "priority":
            return changes.decide_priority(state, context, priority=action["priority"])
        case "spam":
            return changes.decide_spam(state, context, spam=action["spam"])
        case "assign":
            return changes.decide_assign(
                state,
                context,
                desk,
                team_id=action.get("team_id", state.head.team_id),
                assignee_id=action.get("assignee_id", state.head.assignee_id),
                may_assign_others="conversations.assign_others" in doer.permissions,
            )
    raise ValueError(f"no such action: {action['kind']}")


def undo_of(before: Head, events: Sequence[ConversationEvent]) -> Action | None:
    """The action that takes a change back; None when nothing changed."""
    match events[-1] if events else None:
        case Closed():
            return {"kind": "reopen"}
        case Reopened():
            return {"kind": "close"}
        case Snoozed():
            asleep = before.snoozed_until is not None
            return {"kind": "snooze", "until": before.snoozed_until} if asleep else {"kind": "wake"}
        case Woken():
            return {"kind": "snooze", "until": before.snoozed_until}
        case Tagged(added=added, removed=removed):
            return {"kind": "tags", "add": list(removed), "remove": list(added)}
        case PriorityChanged(priority=priority):
            return {"kind": "priority", "priority": not priority}
        case SpamMarked():
            return {"kind": "spam", "spam": False}
        case SpamUnmarked():
            return {"kind": "spam", "spam": True}
        case Assigned(previous_team_id=team_id, previous_assignee_id=assignee_id):
            return {"kind": "assign", "team_id": team_id, "assignee_id": assignee_id}
    return None
