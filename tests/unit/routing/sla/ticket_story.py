"""A ticket under a policy, told event by event."""

from __future__ import annotations

from typing import Any

from services.routing.sla.schema import Policy
from services.routing.sla.tickets import TicketFollowing, TicketRow, fire_ticket, follow_ticket
from shared.contracts.common import Actor
from shared.contracts.tickets import (
    TicketCommented,
    TicketEvent,
    TicketHead,
    TicketState,
    TicketStateChanged,
    TicketSubmitted,
)
from tests.unit.routing.examples import AT
from tests.unit.routing.linked_tickets import ticket
from tests.unit.routing.sla.story import MINUTE, in_force, policy, table

BY = Actor(kind="agent", id="maya", name="Maya")


def resolving(id_: str = "tickets", minutes: int = 60, **changes: Any) -> Policy:
    """A policy for tickets alone."""
    return policy(id_, **{"first_response_s": None, "next_response_s": None, "resolution_s": minutes * 60, **changes})


def submitted(minute: float = 0, **changes: Any) -> TicketSubmitted:
    at = AT + minute * MINUTE
    head = ticket(**{"seq": 1, "created_at": at, "due_at": None, **changes})
    return TicketSubmitted(ticket_id=head.id, seq=1, at=at, by=BY, head=head)


def moved(head: TicketHead, state: TicketState, minute: float) -> TicketStateChanged:
    at, after = AT + minute * MINUTE, head.model_copy(update={"state": state, "seq": head.seq + 1})
    event = {"state": state, "previous_state": head.state}
    return TicketStateChanged(ticket_id=head.id, seq=after.seq, at=at, by=BY, head=after, **event)


def commented(head: TicketHead, minute: float) -> TicketCommented:
    at, after = AT + minute * MINUTE, head.model_copy(update={"seq": head.seq + 1})
    return TicketCommented(
        ticket_id=head.id, seq=after.seq, at=at, by=BY, head=after, entry_id="e", text="So", html="<p>So</p>"
    )


class TicketStory:
    """Its events in order, each some minutes after AT."""

    def __init__(self, under: Policy | None) -> None:
        self.under = under
        self.row: TicketRow | None = None
        self.told: list[str] = []
        self.head = ticket()

    def begin(self, minute: float = 0, **changes: Any) -> None:
        self.hear(submitted(minute, **changes))

    def move(self, state: TicketState, minute: float) -> None:
        self.hear(moved(self.head, state, minute))

    def comment(self, minute: float) -> None:
        self.hear(commented(self.head, minute))

    def hear(self, event: TicketEvent) -> TicketFollowing | None:
        self.head = event.head
        return self._took(follow_ticket(self.row, event, self.under, table, in_force))

    def due(self, minute: float) -> None:
        assert self.row
        at = AT + minute * MINUTE
        self._took(fire_ticket(self.row, at, at, table))

    def _took(self, following: TicketFollowing | None) -> TicketFollowing | None:
        if following:
            self.row = following.row
            self.told += [f"{one.change} late" if one.late else one.change for one in following.events]
            seqs = [one.seq for one in following.events]
            assert seqs == list(range(self.row.told - len(seqs) + 1, self.row.told + 1))
        return following

    @property
    def due_in(self) -> float | None:
        """Minutes from AT; None: nothing is due."""
        target = self.row.targets[0] if self.row and self.row.targets else None
        return (target.due_at - AT) / MINUTE if target and target.due_at else None
