"""What routing says of service levels, taken into the conversation or the ticket: its head shows what stands."""

from __future__ import annotations

from services.tickets.model.evolve import Unfolding
from services.tickets.model.inbound import UNKNOWN
from services.tickets.model.state import Context, Conversation, Outcome
from services.tickets.model.ticket import Events, one_event
from shared.contracts.sla import (
    SlaBreached,
    SlaChange,
    SlaEnded,
    SlaEvent,
    SlaMet,
    SlaMoved,
    SlaStarted,
    TicketSlaChanged,
)
from shared.contracts.targets import SlaUpdated
from shared.contracts.tickets import TicketHead, TicketSlaUpdated

OLDER = Outcome(ignored=("older",))


def decide_sla(state: Conversation | None, heard: SlaEvent, context: Context) -> Outcome:
    """One event, with all targets that stand after it in the head. What is not newer than the head changes nothing."""
    if state is None:
        return UNKNOWN
    if heard.seq <= state.head.sla_seq:
        return OLDER
    unfolding = Unfolding(state)
    late = isinstance(heard, SlaMet) and heard.late
    unfolding.add(
        SlaUpdated,
        context,
        change=_change(heard),
        target=heard.target,
        targets=heard.targets,
        sla_seq=heard.seq,
        late=late,
    )
    return unfolding.outcome()


def decide_ticket_sla(head: TicketHead, heard: TicketSlaChanged, context: Context) -> Events:
    """What is not newer than the ticket changes nothing."""
    if heard.seq <= head.sla_seq:
        return []
    fields = {"change": heard.change, "target": heard.target, "sla_seq": heard.seq, "late": heard.late}
    return one_event(head, TicketSlaUpdated, context, **fields)


def _change(heard: SlaEvent) -> SlaChange:
    match heard:
        case SlaStarted():
            return "started"
        case SlaMoved():
            return heard.reason
        case SlaBreached():
            return "breached"
        case SlaMet():
            return "met"
        case SlaEnded():
            return "ended"
    return "warned"
