"""Who wants to be told what happens in a conversation (CV13)."""

from __future__ import annotations

from collections.abc import Sequence

from services.tickets.model.evolve import Unfolding
from services.tickets.model.state import Context, Conversation
from shared.contracts.beside import Followed, Unfollowed
from shared.contracts.conversations import ConversationEvent
from shared.errors import Conflict

FOLLOWERS_MAX = 100


def decide_follow(state: Conversation, context: Context, *, follow: bool) -> Sequence[ConversationEvent]:
    """Each for themselves. What is so already makes no event."""
    me = context.by.id
    if follow:
        return decide_follower(state, context, agent_id=me)
    if me not in state.head.followers:
        return []
    unfolding = Unfolding(state)
    unfolding.add(Unfollowed, context, agent_id=me)
    return unfolding.events


def decide_follower(state: Conversation, context: Context, *, agent_id: str) -> Sequence[ConversationEvent]:
    """An agent follows it, by themselves or as a rule says. Raises Conflict when too many do."""
    if agent_id in state.head.followers:
        return []
    if len(state.head.followers) >= FOLLOWERS_MAX:
        raise Conflict("too_many_followers", f"At most {FOLLOWERS_MAX} people follow one conversation.")
    unfolding = Unfolding(state)
    unfolding.add(Followed, context, agent_id=agent_id)
    return unfolding.events
