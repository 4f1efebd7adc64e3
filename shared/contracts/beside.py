"""Events of `tickets.conversations.v1` about what stands beside the customer's messages: conversations that are merged
(CV7), side conversations (CV8), followers (CV13)."""

from __future__ import annotations

from typing import Literal

from shared.contracts.base import Id, Time, Value
from shared.contracts.common import Call, ConversationStatus, Message
from shared.contracts.contacts import AttributeValue
from shared.contracts.conversations import ConversationEvent, Link, Participants
from shared.contracts.side import Side


class Rest(Value):
    """Where a conversation stood before it was merged."""

    status: ConversationStatus
    snoozed_until: Time | None = None
    closed_at: Time | None = None
    waiting_since: Time | None = None


class Combined(Value):
    """What a merge changes in the conversation that is kept, as it is afterwards. Fields as in Head."""

    subject: str
    status: ConversationStatus
    snoozed_until: Time | None = None
    closed_at: Time | None = None
    waiting_since: Time | None = None
    first_reply_at: Time | None = None
    priority: bool = False
    team_id: str | None = None
    assignee_id: str | None = None
    topic: str | None = None
    tags: tuple[str, ...] = ()
    attributes: tuple[AttributeValue, ...] = ()
    links: tuple[Link, ...] = ()
    mentioned: tuple[str, ...] = ()
    participants: Participants = Participants()
    last_message_id: str | None = None
    references: tuple[str, ...] = ()
    preview: str = ""
    preview_from: Literal["customer", "agent", "note", "call", "side"] = "customer"
    message_count: int = 0
    call: Call | None = None
    sides: tuple[Side, ...] = ()
    merged_ids: tuple[Id, ...] = ()


class Merged(ConversationEvent):
    """It became part of another conversation and is closed for good; whatever comes for it goes there. `title` is the
    other one's."""

    into_id: Id
    title: str
    before: Rest


class MergeReceived(ConversationEvent):
    """Another conversation became part of this one. `before` is what undoing it brings back."""

    from_id: Id
    title: str
    before: Combined
    after: Combined


class Unmerged(ConversationEvent):
    """It stands by itself again."""

    into_id: Id
    back: Rest


class MergeReverted(ConversationEvent):
    """The other one was taken out again; nobody had done anything here since."""

    from_id: Id
    after: Combined


class SideStarted(ConversationEvent):
    """A first mail to somebody else. notifications delivers it by email, whatever the conversation's channel, once."""

    side_id: Id
    mail: Message


class SideReplySent(ConversationEvent):
    """A further mail of ours; delivered likewise."""

    side_id: Id
    mail: Message


class SideReplyReceived(ConversationEvent):
    """Somebody answered in a side conversation. `answer_to` is who our next mail goes to, never the customer."""

    side_id: Id
    mail: Message
    answer_to: Participants


class Followed(ConversationEvent):
    """An agent wants to be told what happens here."""

    agent_id: Id


class Unfollowed(ConversationEvent):
    agent_id: Id
