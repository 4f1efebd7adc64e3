"""What a rule can ask about: one typed table. A new field is one line here, and nothing else.

A value is None, an empty text or an empty set when it is not set: a field of a message is unset for an
event that has none. A ticket's own fields match nothing where only its link is known, and those of who is there nothing
where that was not looked at. Texts are looked at up to
`TEXT_LIMIT` characters.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from services.routing.rules.activity import attribute_words
from services.routing.rules.facts import (
    ATTRIBUTE,
    CHANGING,
    CONTACT_ATTRIBUTE,
    TICKET_FIELD,
    Available,
    Facts,
    zone_named,
)
from shared.contracts.acted import CustomerActed
from shared.contracts.activity import Activity
from shared.contracts.common import (
    ActorKind,
    AutomaticKind,
    Call,
    CallState,
    Channel,
    ConversationStatus,
    Message,
)
from shared.contracts.contacts import Contact, ContactKind
from shared.contracts.conversations import Assigned, Link, LinkProgressed, NoteAdded, Tagged
from shared.contracts.phone import CallOutcome
from shared.contracts.routing import AgentStatus
from shared.contracts.sla import SlaKind
from shared.contracts.targets import SlaUpdated
from shared.contracts.tickets import TicketHead, TicketState

TEXT_LIMIT = 20_000
"""Characters of a text that rules see; it is also what the explanation keeps."""
WAITING_MOST = 1_000
"""Conversations that wait for a team are counted up to here: it is read while others are held up."""
WAITING = "availability.waiting"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HOURS, TEAM_HOURS = "event.calendars", ("event.open_teams", "event.team_open")
AT, ZONE, CHANGED = "event.at", "event.zone", "event.changed"
"""Fields by which the others are read: when it happened, where the brand is, what is not as it was."""

STATUS_BEFORE = "event.status_before"
SPAM_SCORE = "message.spam_score"
MOMENTS = ("conversation.customer_replied_at", "conversation.agent_replied_at", "conversation.state_changed_at")
"""When the customer, an agent and the status last did something: no event says it."""

Type = Literal["text", "texts", "choice", "number", "flag", "time"]
Seen = str | float | bool | datetime | tuple[str, ...] | None
Refers = Literal["brand", "team", "agent", "calendar", "ticket_type"]


@dataclass(frozen=True, slots=True)
class Field:
    """`choices`: the only values there are. `refers`: values are ids of this kind, from the directory."""

    name: str
    label: str
    type: Type
    get: Callable[[Facts], Seen] = field(compare=False)
    choices: tuple[str, ...] = ()
    refers: Refers | None = None

    @property
    def changes(self) -> bool:
        """Whether events say that it changed."""
        return self.name in CHANGING or self.name.startswith((ATTRIBUTE, TICKET_FIELD))

    @property
    def of_contact(self) -> bool:
        """Whether the contact must be looked up for it."""
        return self.name in _OF_CONTACT or self.name.startswith(CONTACT_ATTRIBUTE)

    @property
    def of_ticket(self) -> bool:
        """Whether the ticket itself must be known for it: of another brand's there is only the link."""
        return self.name in _OF_TICKET or self.name.startswith(TICKET_FIELD)

    @property
    def of_staff(self) -> bool:
        """Whether it must be looked who is there."""
        return self.name in _OF_STAFF

    @property
    def hidden_by(self) -> Field | None:
        """By which it is told that it is not known: then no rule that asks it matches, however it asks."""
        if self.of_ticket:
            return TICKET_HIDDEN
        return STAFF_HIDDEN if self.of_staff else None


def _domain(address: str) -> str:
    return address.rpartition("@")[2] if "@" in address else ""


def _text(read: Callable[[Facts], str | None]) -> Callable[[Facts], Seen]:
    return lambda facts: (read(facts) or "")[:TEXT_LIMIT]


def _message(read: Callable[[Message], Seen]) -> Callable[[Facts], Seen]:
    return lambda facts: None if facts.message is None else read(facts.message)


def _note(read: Callable[[NoteAdded], Seen]) -> Callable[[Facts], Seen]:
    return lambda facts: read(facts.event) if isinstance(facts.event, NoteAdded) else None


def _call(read: Callable[[Call], Seen]) -> Callable[[Facts], Seen]:
    return lambda facts: None if facts.head.call is None else read(facts.head.call)


def _contact(read: Callable[[Contact], Seen]) -> Callable[[Facts], Seen]:
    return lambda facts: None if facts.contact is None else read(facts.contact)


def _sla(read: Callable[[SlaUpdated], Seen]) -> Callable[[Facts], Seen]:
    return lambda facts: read(facts.event) if isinstance(facts.event, SlaUpdated) else None


def _link(read: Callable[[Link], Seen]) -> Callable[[Facts], Seen]:
    return lambda facts: None if facts.link is None else read(facts.link)


def _ticket(read: Callable[[TicketHead], Seen]) -> Callable[[Facts], Seen]:
    return lambda facts: None if facts.ticket is None else read(facts.ticket)


def _side(read: Callable[[Message], Seen]) -> Callable[[Facts], Seen]:
    return lambda facts: None if facts.side_mail is None else read(facts.side_mail)


def _available(read: Callable[[Available], Seen]) -> Callable[[Facts], Seen]:
    return lambda facts: None if facts.available is None else read(facts.available)


def _activity(read: Callable[[Activity], Seen]) -> Callable[[Facts], Seen]:
    return lambda facts: read(facts.event.activity) if isinstance(facts.event, CustomerActed) else None


def _local(read: Callable[[datetime], Seen]) -> Callable[[Facts], Seen]:
    """Of the time of the event, as the brand's clocks show it."""
    return lambda facts: None if facts.at is None else read(facts.at.astimezone(zone_named(facts.zone)))


def _tags(read: Callable[[Tagged], tuple[str, ...]]) -> Callable[[Facts], Seen]:
    return lambda facts: read(facts.event) if isinstance(facts.event, Tagged) else ()


def _assigned(read: Callable[[Assigned], str | None]) -> Callable[[Facts], Seen]:
    return lambda facts: read(facts.event) if isinstance(facts.event, Assigned) else None


def _team_open(facts: Facts) -> Seen:
    return facts.head.team_id in facts.open_teams if facts.head.team_id else None


def _ticket_state_before(facts: Facts) -> Seen:
    return facts.event.previous_state if isinstance(facts.event, LinkProgressed) else None


def _agent(facts: Facts) -> Seen:
    return facts.event.by.id if facts.event and facts.event.by.kind == "agent" else None


def _revenue(contact: Contact) -> Seen:
    return None if contact.lifetime_revenue is None else contact.lifetime_revenue.minor / 100


def _tickets(facts: Facts) -> Seen:
    return sum(1 for one in facts.head.links if one.kind == "ticket")


def _sender(message: Message) -> str:
    return message.sender.value if message.sender else ""


_EVENT = (
    Field(AT, "When it happened", "time", lambda f: f.at),
    Field(ZONE, "The brand's time zone", "text", lambda f: f.zone),
    Field(CHANGED, "What changed", "texts", lambda f: f.changed),
    Field("event.by", "Done by", "choice", lambda f: f.event.by.kind if f.event else None, get_args(ActorKind)),
    Field("event.agent", "Done by the agent", "choice", _agent, refers="agent"),
    Field("event.weekday", "Day of the week", "choice", _local(lambda at: WEEKDAYS[at.weekday()]), WEEKDAYS),
    Field(
        "event.hour", "Hour of the day (17.5: half past five)", "number", _local(lambda at: at.hour + at.minute / 60)
    ),
    Field(HOURS, "In the working hours of", "texts", lambda f: f.open_calendars, refers="calendar"),
    Field(TEAM_HOURS[0], "In the opening hours of the teams", "texts", lambda f: f.open_teams, refers="team"),
    Field(TEAM_HOURS[1], "In its team's opening hours", "flag", _team_open),
    Field("event.date", "Date (2026-12-24)", "text", _local(lambda at: at.date().isoformat())),
    Field(STATUS_BEFORE, "Status before that", "choice", lambda f: f.status_before, get_args(ConversationStatus)),
    # Only an assignment says who had it: then both, also the one that it left as it was.
    Field(
        "event.team_before",
        "Team before the assignment",
        "choice",
        _assigned(lambda e: e.previous_team_id),
        refers="team",
    ),
    Field(
        "event.assignee_before",
        "Assignee before the assignment",
        "choice",
        _assigned(lambda e: e.previous_assignee_id),
        refers="agent",
    ),
)
_CONVERSATION = (
    Field("conversation.channel", "Channel", "choice", lambda f: f.head.channel, get_args(Channel)),
    Field("conversation.brand", "Brand", "choice", lambda f: f.head.brand_id, refers="brand"),
    Field("conversation.account", "Came in by (address, line)", "text", _text(lambda f: f.head.account)),
    Field("conversation.subject", "Subject", "text", _text(lambda f: f.head.subject)),
    Field("conversation.description", "First message", "text", _text(lambda f: f.head.description)),
    Field("conversation.status", "Status", "choice", lambda f: f.head.status, get_args(ConversationStatus)),
    Field("conversation.priority", "Priority", "flag", lambda f: f.head.priority),
    Field("conversation.spam", "Spam", "flag", lambda f: f.head.spam),
    Field("conversation.team", "Team", "choice", lambda f: f.head.team_id, refers="team"),
    Field("conversation.assignee", "Assignee", "choice", lambda f: f.head.assignee_id, refers="agent"),
    Field("conversation.topic", "Topic", "text", _text(lambda f: f.head.topic)),
    Field("conversation.tags", "Tags", "texts", lambda f: f.head.tags),
    Field("conversation.messages", "Number of messages", "number", lambda f: f.head.message_count),
    Field("conversation.started_at", "Started", "time", lambda f: f.head.started_at),
    Field("conversation.waiting_since", "Waiting since", "time", lambda f: f.head.waiting_since),
    Field("conversation.tags_added", "Tags just added", "texts", _tags(lambda e: e.added)),
    Field("conversation.tags_removed", "Tags just removed", "texts", _tags(lambda e: e.removed)),
    Field("conversation.created_by", "Begun by the agent", "choice", lambda f: f.head.created_by, refers="agent"),
    Field("conversation.last_activity_at", "Last activity", "time", lambda f: f.head.last_activity_at),
    Field("conversation.first_reply_at", "First reply", "time", lambda f: f.head.first_reply_at),
    Field("conversation.next_sla_at", "Next SLA target", "time", lambda f: f.head.next_sla_at),
    Field("conversation.snoozed_until", "Snoozed until", "time", lambda f: f.head.snoozed_until),
    Field("conversation.closed_at", "Closed", "time", lambda f: f.head.closed_at),
    Field(MOMENTS[0], "Customer last wrote", "time", lambda f: f.moments.customer_at),
    Field(MOMENTS[1], "Agent last answered", "time", lambda f: f.moments.agent_at),
    Field(MOMENTS[2], "Status last changed", "time", lambda f: f.moments.state_at),
    Field("conversation.mentioned", "Agents mentioned", "texts", lambda f: f.head.mentioned),
    Field("conversation.link_kinds", "Linked (kinds)", "texts", lambda f: tuple(one.kind for one in f.head.links)),
    Field("conversation.tickets", "Number of tickets", "number", _tickets),
    Field("conversation.call_attempts", "Call attempts", "number", lambda f: f.head.call_attempts),
    Field(
        "conversation.call_outcome",
        "Outcome of the last call attempt",
        "choice",
        lambda f: f.head.call_outcome,
        get_args(CallOutcome),
    ),
    Field("contact.name", "Customer's name", "text", _text(lambda f: f.head.contact_name)),
    Field("contact.address", "Customer's address or number", "text", _text(lambda f: f.head.handle.value)),
    Field("contact.domain", "Customer's email domain", "text", _text(lambda f: _domain(f.head.handle.value))),
)
_CONTACT = (
    Field("contact.kind", "Lead or user", "choice", _contact(lambda c: c.kind), get_args(ContactKind)),
    Field("contact.emails", "All email addresses", "texts", _contact(lambda c: c.emails)),
    Field("contact.phones", "All phone numbers", "texts", _contact(lambda c: c.phones)),
    Field("contact.brands", "Brands they wrote to", "texts", _contact(lambda c: c.brand_ids)),
    Field("contact.language", "Language", "text", _contact(lambda c: c.language)),
    Field("contact.time_zone", "Customer's time zone", "text", _contact(lambda c: c.time_zone)),
    Field("contact.location", "Location", "text", _contact(lambda c: c.location)),
    Field("contact.lifetime_revenue", "Lifetime revenue", "number", _contact(_revenue)),
    Field("contact.last_purchase_at", "Last purchase", "time", _contact(lambda c: c.last_purchase_at)),
    Field("contact.created_at", "Known since", "time", _contact(lambda c: c.created_at)),
    Field("contact.blocked", "Blocked", "flag", _contact(lambda c: c.blocked is not None)),
)
_MESSAGE = (
    Field("message.direction", "Message direction", "choice", _message(lambda m: m.direction), ("in", "out")),
    Field("message.subject", "Message subject", "text", _message(lambda m: m.subject[:TEXT_LIMIT])),
    Field("message.text", "Message text", "text", _message(lambda m: m.text[:TEXT_LIMIT])),
    Field("message.quoted_text", "Quoted text", "text", _message(lambda m: m.quoted_text[:TEXT_LIMIT])),
    Field("message.to", "To", "texts", _message(lambda m: tuple(a.address for a in m.to))),
    Field("message.cc", "Cc", "texts", _message(lambda m: tuple(a.address for a in m.cc))),
    Field("message.attachments", "Number of attachments", "number", _message(lambda m: len(m.attachments))),
    Field(
        "message.attachment_names",
        "Attachment names",
        "texts",
        _message(lambda m: tuple(a.name for a in m.attachments)),
    ),
    Field(
        "message.automatic",
        "Automatic mail",
        "choice",
        _message(lambda m: m.automatic),
        get_args(AutomaticKind),
    ),
    Field(SPAM_SCORE, "Spam score (0 to 1)", "number", _message(lambda m: m.spam.score)),
    Field("sender.address", "Sender's address", "text", _message(_sender)),
    Field("sender.domain", "Sender's domain", "text", _message(lambda m: _domain(_sender(m)))),
    Field("sender.name", "Sender's name", "text", _message(lambda m: m.sender.name if m.sender else "")),
)
_BESIDE = (
    Field("note.text", "Note's text", "text", _note(lambda e: e.text[:TEXT_LIMIT])),
    Field("note.mentions", "Agents mentioned in the note", "texts", _note(lambda e: e.mentions), refers="agent"),
    Field("note.teams", "Teams mentioned in the note", "texts", _note(lambda e: e.teams), refers="team"),
    Field("note.attachments", "Number of the note's attachments", "number", _note(lambda e: len(e.attachments))),
    Field(
        "note.attachment_names",
        "Names of the note's attachments",
        "texts",
        _note(lambda e: tuple(one.name for one in e.attachments)),
    ),
    Field("side.subject", "Side conversation: subject", "text", _side(lambda m: m.subject[:TEXT_LIMIT])),
    Field("side.text", "Side conversation: text", "text", _side(lambda m: m.text[:TEXT_LIMIT])),
    Field("side.sender", "Side conversation: sender's address", "text", _side(_sender)),
    Field(
        "side.automatic",
        "Side conversation: automatic mail",
        "choice",
        _side(lambda m: m.automatic),
        get_args(AutomaticKind),
    ),
    Field("side.to", "Side conversation: to", "texts", _side(lambda m: tuple(a.address for a in m.to))),
)
_OF_CONVERSATIONS = tuple(kind for kind in get_args(SlaKind) if kind != "resolution")
_SLA = (
    Field("sla.target", "Service level: target", "choice", _sla(lambda e: e.target.kind), _OF_CONVERSATIONS),
    Field("sla.policy", "Service level: policy", "text", _sla(lambda e: e.target.policy.name)),
    Field("sla.late", "Service level: met too late", "flag", _sla(lambda e: e.late)),
)
_CALL = (
    Field("call.direction", "Call direction", "choice", _call(lambda c: c.direction), ("inbound", "outbound")),
    Field("call.state", "Call state", "choice", _call(lambda c: c.state), get_args(CallState)),
    Field("call.number", "Caller's number", "text", _call(lambda c: c.number)),
    Field("call.line", "Called line", "text", _call(lambda c: c.line)),
    Field("call.missed_reason", "Why the call was missed", "text", _call(lambda c: c.missed_reason)),
    Field("call.duration_s", "Call duration in seconds", "number", _call(lambda c: c.duration_s)),
    Field("call.tags", "Call tags", "texts", _call(lambda c: c.tags)),
)
_ACTIVITY = (
    Field("activity.name", "What they did", "text", _activity(lambda one: one.name)),
    Field("activity.at", "When they did it", "time", _activity(lambda one: one.at)),
    Field(
        "activity.attributes",
        "What it says of it (plan=yearly, trial=yes)",
        "texts",
        _activity(attribute_words),
    ),
)
_LINK = (
    Field("ticket.kind", "Ticket or tracker", "choice", _link(lambda one: one.kind), ("ticket", "tracker")),
    Field("ticket.type", "Ticket type", "choice", _link(lambda one: one.type_id), refers="ticket_type"),
    Field("ticket.state", "Ticket state", "choice", _link(lambda one: one.state), get_args(TicketState)),
    Field("ticket.state_before", "Ticket state before that", "choice", _ticket_state_before, get_args(TicketState)),
    Field("ticket.title", "Ticket title", "text", _link(lambda one: one.title)),
)
_TICKET = (
    Field("ticket.team", "Ticket's team", "choice", _ticket(lambda t: t.team_id), refers="team"),
    Field("ticket.assignee", "Ticket's assignee", "choice", _ticket(lambda t: t.assignee_id), refers="agent"),
    Field("ticket.created_by", "Ticket made by the agent", "choice", _ticket(lambda t: t.created_by), refers="agent"),
    Field("ticket.due_at", "Ticket due", "time", _ticket(lambda t: t.due_at)),
    Field("ticket.created_at", "Ticket made", "time", _ticket(lambda t: t.created_at)),
    Field("ticket.state_since", "Ticket in its state since", "time", _ticket(lambda t: t.state_since)),
    Field("ticket.comments", "Number of comments on the ticket", "number", _ticket(lambda t: t.comment_count)),
    Field("ticket.last_comment", "Ticket's latest comment (beginning)", "text", _ticket(lambda t: t.last_comment)),
)

_STAFF = (
    Field(
        "availability.assignee",
        "Its assignee is",
        "choice",
        _available(lambda one: one.assignee),
        get_args(AgentStatus),
    ),
    Field("availability.online", "Members of its team online", "number", _available(lambda one: one.online)),
    Field("availability.room", "Its team has room for (conversations)", "number", _available(lambda one: one.room)),
    Field(
        WAITING,
        f"Conversations waiting for its team (counted up to {WAITING_MOST})",
        "number",
        _available(lambda one: one.waiting),
    ),
    Field(
        "availability.teams_online",
        "Teams with somebody online",
        "texts",
        _available(lambda one: one.teams_online),
        refers="team",
    ),
    Field(
        "availability.teams_with_room",
        "Teams with room for it",
        "texts",
        _available(lambda one: one.teams_with_room),
        refers="team",
    ),
)

_GROUPS = (_EVENT, _CONVERSATION, _CONTACT, _STAFF, _MESSAGE, _BESIDE, _ACTIVITY, _CALL, _LINK, _TICKET, _SLA)
FIELDS: dict[str, Field] = {one.name: one for group in _GROUPS for one in group}
TICKET_HIDDEN = Field("event.ticket_hidden", "Nothing is known of the ticket", "flag", lambda f: f.ticket_hidden)
"""By which a ticket's own fields are read; nobody asks for it by itself."""
STAFF_HIDDEN = Field("availability.unknown", "It was not looked who is there", "flag", lambda f: f.available is None)
"""The same for the fields of who is there."""
_OF_CONTACT = frozenset(one.name for one in _CONTACT)
_OF_TICKET = frozenset(one.name for one in _TICKET)
_OF_STAFF = frozenset(one.name for one in _STAFF)
