"""What routing says of service levels, taken into the conversation: its head shows the targets that stand."""

from __future__ import annotations

from services.tickets.model.evolve import Unfolding
from services.tickets.model.inbound import UNKNOWN
from services.tickets.model.state import Context, Conversation, Outcome
from shared.contracts.sla import SlaBreached, SlaEnded, SlaEvent, SlaMet, SlaMoved, SlaStarted
from shared.contracts.targets import SlaChange, SlaUpdated

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
