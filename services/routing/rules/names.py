"""What rules call an event. One kind of event may be several to them: a warning is not a breach."""

from __future__ import annotations

from shared.contracts.conversations import ConversationEvent
from shared.contracts.targets import SlaUpdated

_OF_SLA = {"warned": "SlaWarned", "breached": "SlaBreached", "met": "SlaMet"}


def name_of(event: ConversationEvent) -> str:
    """The name that a rule's `when` has; the event's own where no rule can be for it."""
    name = type(event).__name__
    return _OF_SLA.get(event.change, name) if isinstance(event, SlaUpdated) else name
