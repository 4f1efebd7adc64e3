"""What `tickets.conversations.v1` says of a linked ticket beside its state: what colleagues did to it.

Its state and a tracker's news are LinkProgressed.
"""

from __future__ import annotations

from typing import Literal

from shared.contracts.conversations import ConversationEvent, Link
from shared.contracts.tickets import TicketHead

TicketChange = Literal["assigned", "commented", "edited", "due", "sla_warned", "sla_breached"]
TicketPart = Literal["title", "team", "assignee", "due_at"]

TEXT_CHARS = 300
"""Of a text of a ticket, in its conversations' events: a form may have 50 fields of 20,000 characters, and each event
of each conversation, and each rule that waits on one, has the ticket."""


def brief(ticket: TicketHead) -> TicketHead:
    """With the beginning of each text."""
    fields = tuple(
        one.model_copy(update={"value": one.value[:TEXT_CHARS]}) if isinstance(one.value, str) else one
        for one in ticket.fields
    )
    texts = {"title": ticket.title[:TEXT_CHARS], "last_comment": ticket.last_comment[:TEXT_CHARS]}
    return ticket.model_copy(update={"fields": fields, **texts})


class TicketUpdated(ConversationEvent):
    """A linked back-office ticket was given to somebody, commented on, edited, is due at another time, or its time to
    be resolved is nearly or quite over; a tracker, that it has another title. `parts` and `fields` (ids of its form's)
    are what is not as it was. `link` is as it is now, `ticket` the ticket then, when it is of the conversation's brand
    or of none."""

    link: Link
    change: TicketChange
    parts: tuple[TicketPart, ...] = ()
    fields: tuple[str, ...] = ()
    ticket: TicketHead | None = None
