"""What `tickets.conversations.v1` says of service levels: which policy was applied, and what became of a target."""

from __future__ import annotations

from shared.contracts.base import Id
from shared.contracts.conversations import ConversationEvent
from shared.contracts.sla import SlaChange, SlaTarget


class SlaPolicyApplied(ConversationEvent):
    """A rule said by which policy this conversation is answered, whatever the policies' own conditions say."""

    policy_id: Id


class SlaUpdated(ConversationEvent):
    """What became of a target; `policy`: another policy counts it now. `late`: it was met after its time. `targets` are
    all that stand after it, `sla_seq` is routing's event."""

    change: SlaChange
    target: SlaTarget
    targets: tuple[SlaTarget, ...] = ()
    sla_seq: int
    late: bool = False
