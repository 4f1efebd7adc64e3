"""What rules call an event. One kind of event may be several to them: a warning is not a breach.

A ticket's events are called as on `tickets.tickets.v1`, though rules hear of them in its conversations. A name may have
a wider one: who asks for a ticket's new state is asked when it is resolved, too. So it is with a note that mentions
somebody, which is a note.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from shared.contracts.conversations import ConversationEvent, LinkAdded, LinkProgressed, NoteAdded
from shared.contracts.linked import TicketChange, TicketUpdated
from shared.contracts.targets import SlaUpdated

RESOLVED = "TicketResolved"
_OF_SLA = {"warned": "SlaWarned", "breached": "SlaBreached", "met": "SlaMet"}
_OF_TICKET: dict[TicketChange, str] = {
    "assigned": "TicketAssigned",
    "commented": "TicketCommented",
    "edited": "TicketFieldsChanged",
    "due": "TicketDueChanged",
    "sla_warned": "TicketSlaWarned",
    "sla_breached": "TicketSlaBreached",
}
_WIDER = {
    "Mentioned": "NoteAdded",
    "TicketSubmitted": "LinkAdded",
    RESOLVED: "TicketStateChanged",
    "TicketStateChanged": "LinkProgressed",
}
_KINDS = {
    **dict.fromkeys(_OF_SLA.values(), "SlaUpdated"),
    **dict.fromkeys(_OF_TICKET.values(), "TicketUpdated"),
    "Mentioned": "NoteAdded",
    "TicketSubmitted": "LinkAdded",
    RESOLVED: "LinkProgressed",
    "TicketStateChanged": "LinkProgressed",
}
"""The kind of event that has the name, where that is called otherwise."""


def name_of(event: ConversationEvent) -> str:
    """The name that a rule's `when` has, the narrowest; the event's own where no rule can be for it."""
    name = type(event).__name__
    match event:
        case SlaUpdated():
            return _OF_SLA.get(event.change, name)
        case TicketUpdated():
            return _OF_TICKET[event.change]
        case NoteAdded() if event.mentions:
            return "Mentioned"
        case LinkAdded() if event.created:
            return "TicketSubmitted"
        case LinkProgressed() if event.previous_state is not None:
            return RESOLVED if event.link.state == "resolved" else "TicketStateChanged"
    return name


def names_of(name: str) -> Iterator[str]:
    """The name and the wider ones."""
    wider: str | None = name
    while wider is not None:
        yield wider
        wider = _WIDER.get(wider)


def is_called(event: ConversationEvent, names: Collection[str]) -> bool:
    """Whether a rule for these names is for the event."""
    return any(one in names for one in names_of(name_of(event)))


def kinds_of(names: Iterable[str]) -> frozenset[str]:
    """The kinds of events that may have these names, as the Kafka topic calls them."""
    return frozenset(_KINDS.get(name, name) for name in names)
