"""`notifications.notices.v1`: which agents were told of what. Key: agent id. Owner: notifications."""

from __future__ import annotations

from typing import Literal

from shared.contracts.base import Event, Id, Time, Value
from shared.contracts.common import Actor

NoticeKind = Literal["mention", "team_mention", "assigned", "reply", "ticket", "call_missed", "alert"]


class Notice(Value):
    """What an agent is told. `by` did it.

    It is about a conversation, or about a ticket alone when `conversation_id` is None; what a conversation is told of
    its ticket names both. `title` is the subject, `contact_name` the customer, `excerpt` the beginning of what was
    written. The last five fields say where the conversation stood, for who may see it.
    """

    id: Id
    kind: NoticeKind
    at: Time
    by: Actor
    conversation_id: str | None = None
    ticket_id: str | None = None
    title: str = ""
    contact_name: str = ""
    excerpt: str = ""
    brand_id: str = ""
    channel: str = ""
    team_id: str | None = None
    assignee_id: str | None = None
    created_by: str | None = None


class AgentNotified(Event):
    """An agent is told something, once for what happened. There is one for each notice, so `seq` is 1.

    Where: on the desk itself (`in_app`), by the browser's own notice at once (`desktop`), and in the next mail if they
    have not read it by then (`email`).
    """

    notice_id: Id
    agent_id: Id
    seq: int
    at: Time
    notice: Notice
    in_app: bool
    desktop: bool
    email: bool
