"""What macros do with the sending of a reply: the same decisions as the single actions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from services.tickets.model import changes
from services.tickets.model.evolve import Unfolding
from services.tickets.model.state import Context, Conversation, Desk
from shared.contracts.conversations import ConversationEvent
from shared.contracts.directory import MacroAction

ENDS = ("close", "snooze")
"""Kinds that put a conversation away. They come last, and give way to what the author chose at the sending."""
ME = "me"


def carry_out(
    unfolding: Unfolding, actions: Sequence[MacroAction], context: Context, desk: Desk, *, may_assign_others: bool
) -> None:
    """Raises the DomainErrors of the single actions."""
    for action in sorted(actions, key=lambda one: one.kind in ENDS):
        unfolding.follow(_events(unfolding.state, action, context, desk, may_assign_others))


def _events(
    state: Conversation, action: MacroAction, context: Context, desk: Desk, may_assign_others: bool
) -> Sequence[ConversationEvent]:
    head, value = state.head, action.value
    match action.kind:
        case "tag":
            return changes.decide_tags(state, context, add=(value,), remove=())
        case "untag":
            return changes.decide_tags(state, context, add=(), remove=(value,))
        case "topic":
            return changes.decide_topic(state, context, desk, topic=value)
        case "priority":
            return changes.decide_priority(state, context, priority=True)
        case "team":
            assignee, team = head.assignee_id, value
        case "agent":
            assignee, team = (context.by.id if value == ME else value), head.team_id or ""
        case "snooze":
            return changes.decide_snooze(state, context, until=context.now + timedelta(hours=int(value)))
        case _:
            return changes.decide_close(state, context)
    return changes.decide_assign(
        state, context, desk, team_id=team or None, assignee_id=assignee, may_assign_others=may_assign_others
    )
