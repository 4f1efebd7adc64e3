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
    if (me in state.head.followers) == follow:
        return []
    if follow and len(state.head.followers) >= FOLLOWERS_MAX:
        raise Conflict("too_many_followers", f"At most {FOLLOWERS_MAX} people follow one conversation.")
    unfolding = Unfolding(state)
    unfolding.add(Followed if follow else Unfollowed, context, agent_id=me)
    return unfolding.events
