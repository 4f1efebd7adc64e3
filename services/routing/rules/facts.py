"""What is known when a rule looks: an event, the conversation after it, its message and the customer. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from shared.contracts.base import Time, Value
from shared.contracts.beside import Combined, MergeReceived
from shared.contracts.common import ConversationStatus, Message, Spam
from shared.contracts.contacts import Contact
from shared.contracts.conversations import (
    Assigned,
    AttributesChanged,
    CallUpdated,
    Closed,
    ConversationEvent,
    Head,
    Link,
    LinkProgressed,
    PriorityChanged,
    Reopened,
    Snoozed,
    SpamMarked,
    SpamUnmarked,
    Tagged,
    TopicChanged,
    Woken,
)
from shared.contracts.linked import TicketUpdated
from shared.contracts.routing import AgentStatus
from shared.contracts.tickets import TicketHead

STATUS, TEAM, ASSIGNEE = "conversation.status", "conversation.team", "conversation.assignee"
PRIORITY, TOPIC, TAGS, SPAM = "conversation.priority", "conversation.topic", "conversation.tags", "conversation.spam"
CALL_STATE = "call.state"
TICKET_STATE, TICKET_PARTS = "ticket.state", ("ticket.title", "ticket.team", "ticket.assignee", "ticket.due_at")
CHANGING = frozenset(
    {STATUS, TEAM, ASSIGNEE, PRIORITY, TOPIC, TAGS, SPAM, CALL_STATE, TICKET_STATE, *TICKET_PARTS},
)
"""The fields of which an event says that they changed, beside a conversation's own attributes and a ticket's form."""
_COMBINED = {
    STATUS: "status",
    TEAM: "team_id",
    ASSIGNEE: "assignee_id",
    PRIORITY: "priority",
    TOPIC: "topic",
    TAGS: "tags",
}
"""What a merge may change, as a field and as the event calls it."""
ATTRIBUTE, CONTACT_ATTRIBUTE, TICKET_FIELD = "attribute.", "contact_attribute.", "ticket_field."


@cache
def zone_named(name: str) -> ZoneInfo:
    """UTC for a zone that this machine does not know: a rule must never stop a conversation."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


class Moments(Value):
    """When the customer last wrote, an agent last answered, the status last changed; None: not since it is known."""

    customer_at: Time | None = None
    agent_at: Time | None = None
    state_at: Time | None = None

    def then(self, at: datetime, followed: Moments) -> Moments:
        """What these were at an earlier time: what has not been since was the same. For the others what was `followed`
        up to then, as far as it was."""
        mine, theirs = self.model_dump(), followed.model_dump()
        return Moments(**{name: one if one and one <= at else theirs[name] for name, one in mine.items()})


UNKNOWN = Moments()


@dataclass(frozen=True, slots=True)
class Available:
    """Who can work on the conversation, as it was looked at before the rules were asked: of its brand and channel.

    `assignee` is None when nobody has it. `online`, `room` (for so many more) and `waiting` are its team's, None when
    it has none."""

    assignee: AgentStatus | None = None
    teams_online: tuple[str, ...] = ()
    teams_with_room: tuple[str, ...] = ()
    online: int | None = None
    room: int | None = None
    waiting: int | None = None


def message_of(event: ConversationEvent) -> Message | None:
    """The message that the event itself brought."""
    message: Message | None = getattr(event, "message", None)
    return message


def with_score(message: Message | None, spam: Spam | None) -> Message | None:
    """The message with what it scored here, unless it came with a worse score."""
    if message is None or spam is None or spam.score < message.spam.score:
        return message
    return message.model_copy(update={"spam": spam})


@dataclass(frozen=True, slots=True)
class Facts:
    """The conversation after the event, and the event's own message.

    `status_before` is the conversation's before the event, None when it began with it. `zone` is the brand's, an IANA
    name. `contact` is None until its first event was read. `open_calendars` and `open_teams` are those whose hours it
    is in. `available` is None where it was not looked at: of what is past.
    """

    head: Head
    message: Message | None = None
    event: ConversationEvent | None = None
    status_before: ConversationStatus | None = None
    zone: str = "UTC"
    contact: Contact | None = None
    moments: Moments = UNKNOWN
    open_calendars: tuple[str, ...] = ()
    open_teams: tuple[str, ...] = ()
    available: Available | None = None

    @property
    def at(self) -> datetime | None:
        """When it happened. What is asked about time is asked of this, so that it is answered alike later."""
        return self.event.at if self.event else None

    @property
    def link(self) -> Link | None:
        """The ticket or tracker that the event is about, as the conversation shows it."""
        link: Link | None = getattr(self.event, "link", None)
        return link if link and link.kind in ("ticket", "tracker") else None

    @property
    def side_mail(self) -> Message | None:
        """The mail to or from somebody else that the event itself brought."""
        mail: Message | None = getattr(self.event, "mail", None)
        return mail

    @property
    def ticket(self) -> TicketHead | None:
        """The same with all that it has; None where that is not known (`ticket_hidden`)."""
        ticket: TicketHead | None = getattr(self.event, "ticket", None)
        return ticket

    @property
    def ticket_hidden(self) -> bool:
        """Whether there is one of which only the link is known: another brand's, a tracker or an unlinked ticket that
        a rule waited on, one of an event from before events carried tickets."""
        return self.link is not None and self.ticket is None

    @property
    def changed(self) -> tuple[str, ...]:
        """The names of the fields that are not as they were before the event."""
        match self.event:
            case Assigned() as event:
                team = (TEAM,) if event.team_id != event.previous_team_id else ()
                return (*team, ASSIGNEE) if event.assignee_id != event.previous_assignee_id else team
            case AttributesChanged() as event:
                named = (*(one.id for one in event.set), *event.cleared)
                return tuple(f"{ATTRIBUTE}{one}" for one in named)
            case MergeReceived() as event:
                return _combined(event.before, event.after)
            case PriorityChanged():
                return (PRIORITY,)
            case TopicChanged():
                return (TOPIC,)
            case Tagged():
                return (TAGS,)
            case SpamMarked() | SpamUnmarked():
                return (SPAM,)
            case CallUpdated():
                return (CALL_STATE,)
            case LinkProgressed() as event if event.previous_state is not None:
                return (TICKET_STATE,)
            case TicketUpdated() as event:
                form = (f"{TICKET_FIELD}{event.link.type_id}.{one}" for one in event.fields)
                return (*(f"ticket.{part}" for part in event.parts), *form)
            case Closed() | Reopened() | Snoozed() | Woken():
                return (STATUS,)
        # A reply wakes and reopens without an event of its own.
        return (STATUS,) if self.status_before and self.status_before != self.head.status else ()


def _combined(before: Combined, after: Combined) -> tuple[str, ...]:
    """What of a conversation is another since another one was merged into it."""
    fields = (name for name, part in _COMBINED.items() if getattr(before, part) != getattr(after, part))
    had, has = ({one.id: one.value for one in side.attributes} for side in (before, after))
    own = (f"{ATTRIBUTE}{id_}" for id_ in sorted(had.keys() | has.keys()) if had.get(id_) != has.get(id_))
    return (*fields, *own)
