"""`tickets.tickets.v1`: back-office tickets and trackers. Key: ticket id. Owner: tickets.

A back-office ticket asks another team to act (a refund, a quality report); a tracker is one issue that many
customers reported. Each event carries `head`, the ticket after it, and `seq` counts from 1 without a gap.
"""

from __future__ import annotations

from typing import Literal

from shared.contracts.base import Event, Id, Time, Value
from shared.contracts.common import Actor
from shared.contracts.sla import SlaChange, SlaTarget

TicketKind = Literal["back_office", "tracker"]
TicketState = Literal["submitted", "in_progress", "waiting_on_customer", "resolved"]

FieldValue = str | float | bool
"""A number is a number, a date `YYYY-MM-DD`, a choice its option's text."""


class TicketField(Value):
    """What a ticket of some type has. `id` is one field of the ticket's `fields`, `value` what was entered."""

    id: Id
    value: FieldValue


class TimeIn(Value):
    """How long a ticket was in a state, all times together."""

    state: TicketState
    seconds: float


class TicketHead(Value):
    """A ticket as it stands: one row of the ticket inbox (TK6).

    `number` counts up over all tickets, for people to say aloud. `report_count` is how many conversations are
    linked, for a tracker the number of customers' reports. `state_since` is when the state began,
    `time_in` how long it was in each state before that. `due_at` is by when it was promised, `sla` by when a service
    level's policy wants it resolved, None: it is under none or resolved; `sla_seq` is routing's event that it is as of.
    """

    id: Id
    seq: int
    number: int
    kind: TicketKind
    type_id: Id
    brand_id: str | None = None
    title: str
    state: TicketState
    fields: tuple[TicketField, ...] = ()
    contact_id: str | None = None
    contact_name: str = ""
    team_id: str | None = None
    assignee_id: str | None = None
    created_by: str | None = None
    created_at: Time
    updated_at: Time
    state_since: Time
    time_in: tuple[TimeIn, ...] = ()
    due_at: Time | None = None
    resolved_at: Time | None = None
    report_count: int = 0
    comment_count: int = 0
    last_comment: str = ""
    sla: SlaTarget | None = None
    sla_seq: int = 0


class TicketEvent(Event):
    """What all of them carry. `by` did it."""

    ticket_id: Id
    seq: int
    at: Time
    by: Actor
    head: TicketHead


class TicketSubmitted(TicketEvent):
    """The first event."""


class TicketStateChanged(TicketEvent):
    state: TicketState
    previous_state: TicketState


class TicketAssigned(TicketEvent):
    """Team, assignee or both changed; None means nobody."""

    team_id: str | None
    assignee_id: str | None
    previous_team_id: str | None
    previous_assignee_id: str | None


class TicketFieldsChanged(TicketEvent):
    """`fields` are all of them after the change, `changed` the ids of those that differ."""

    title: str
    fields: tuple[TicketField, ...]
    changed: tuple[str, ...]


class TicketDueChanged(TicketEvent):
    due_at: Time | None


class TicketCommented(TicketEvent):
    """A comment among colleagues; never leaves to a customer."""

    entry_id: Id
    text: str
    html: str


class TicketLinked(TicketEvent):
    """A conversation was linked; for a tracker, one more report."""

    conversation_id: Id


class TicketUnlinked(TicketEvent):
    conversation_id: Id


class UpdatePosted(TicketEvent):
    """News for everybody who reported it. `reply` says whose customers are answered with it: nobody's, everybody's
    or those of `conversation_ids`."""

    entry_id: Id
    text: str
    html: str
    reply: Literal["none", "all", "chosen"] = "none"
    conversation_ids: tuple[str, ...] = ()


class TicketSlaUpdated(TicketEvent):
    """What became of the time to resolve it. `target` as it was just after or at its end, `sla_seq` is routing's event.
    `late`: it was met after its time."""

    change: SlaChange
    target: SlaTarget
    sla_seq: int
    late: bool = False
