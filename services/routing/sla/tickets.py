"""What becomes of the time to resolve a ticket: `follow_ticket` an event, `fire_ticket` at a time. Pure.

It counts from when the ticket was submitted until it is resolved, and goes on when it is opened again. A row keeps how
the ticket stood when, so that a policy that comes later, or another one, counts by its own pauses from the beginning.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from services.routing.sla.counting import Counting, InForce, Tables, Target, TargetRow, begun, calendar_of
from services.routing.sla.schema import Pause, Policy
from services.routing.sla.timetable import MS
from shared.contracts.base import Time
from shared.contracts.sla import EndedBy, SlaChange, TicketSlaChanged
from shared.contracts.tickets import TicketEvent, TicketState, TicketSubmitted

PHASES_KEPT = 200
"""Of a ticket that was moved to and fro more often the oldest are forgotten."""

Standing = Literal["open", "waiting", "resolved"]
Phase = tuple[Standing, Time, Time]
"""How it stood, since when, until when."""


class TicketRow(TargetRow):
    """The target of a ticket, if it has one. `began`: nothing counts before it. `standing` is how the ticket stands
    `since` then, `phases` how it stood before. `last` is the target that it had last: what was told of it is not told
    again when the ticket is opened again."""

    began: Time
    standing: Standing = "open"
    since: Time
    phases: tuple[Phase, ...] = ()
    last: Target | None = None


class TicketFollowing(Counting[TicketRow, TicketSlaChanged]):
    def _event(
        self,
        change: SlaChange,
        target: Target,
        targets: tuple[Target, ...],  # noqa: ARG002
        late: bool,
        reason: EndedBy | None,  # noqa: ARG002
    ) -> TicketSlaChanged:
        told = {"ticket_id": self.row.id, "seq": self.row.told, "at": self._at, "target": self.seen(target)}
        return TicketSlaChanged(change=change, late=late, **told)


def follow_ticket(
    row: TicketRow | None, event: TicketEvent, policy: Policy | None, tables: Tables, in_force: InForce
) -> TicketFollowing | None:
    """The target after an event; None when the row has seen it. What is unchanged has no events."""
    if row is not None and event.seq <= row.head_seq:
        return None
    following = TicketFollowing(row or _first(event), event.at, tables)
    # What is done in the very moment that it is due is done in time.
    following.fire(event.at - MS)
    following.row = _stood(following.row, _standing(event.head.state), event.at)
    target = following.row.targets[0] if following.row.targets else None
    _settle(following, target, policy, in_force)
    following.fire(event.at)
    following.row = following.row.model_copy(update={"head_seq": event.seq})
    return following


def fire_ticket(row: TicketRow, until: datetime, now: datetime, tables: Tables) -> TicketFollowing:
    """What was due, told now. `until`: all that happened before it is known."""
    following = TicketFollowing(row, now, tables)
    following.fire(until)
    return following


def _first(event: TicketEvent) -> TicketRow:
    """Of a ticket that was not looked at before. What it waited until now counts only when it begins now."""
    began = event.head.created_at if isinstance(event, TicketSubmitted) else event.at
    return TicketRow(id=event.ticket_id, began=began, since=began, standing=_standing(event.head.state))


def _stood(row: TicketRow, standing: Standing, at: datetime) -> TicketRow:
    if standing == row.standing:
        return row
    phases = (*row.phases, (row.standing, row.since, max(row.since, at)))[-PHASES_KEPT:]
    return row.model_copy(update={"standing": standing, "since": max(row.since, at), "phases": phases})


def _settle(following: TicketFollowing, target: Target | None, policy: Policy | None, in_force: InForce) -> None:
    """It begins, goes on, stands still, is counted by another policy, is reached, or nobody waits for it."""
    row, goal_s = following.row, policy.resolution_s if policy else None
    if row.standing == "resolved":
        if target is not None:
            following.meet(target)
            _remember(following, target)
    elif policy is None or goal_s is None:
        if target is not None:
            following.end(target, "policy")
            _remember(following, target)
    elif target is None:
        following.start(_told_before(_counted(row, _new(row, policy, goal_s, in_force)), row.last))
    elif target.policy.id != policy.id:
        counted = _counted(row, target.model_copy(update={"pauses": policy.pauses}))
        following.rebase(target, policy, goal_s, calendar_of(policy, in_force), counted=counted)
    elif not target.breached and (still := not _counts(row.standing, target.pauses)) != (target.since is None):
        following.pause(target) if still else following.resume(target)


def _new(row: TicketRow, policy: Policy, goal_s: int, in_force: InForce) -> Target:
    return begun("resolution", policy, goal_s, row.began, calendar_of(policy, in_force))


def _counted(row: TicketRow, target: Target) -> Target:
    """With the runs that the ticket's phases come to by the target's pauses."""
    runs = tuple((since, until) for standing, since, until in row.phases if _counts(standing, target.pauses))
    since = row.since if _counts(row.standing, target.pauses) else None
    return target.model_copy(update={"runs": runs, "spent_ms": 0, "since": since})


def _told_before(target: Target, last: Target | None) -> Target:
    """What was missed stays missed, and who was warned of a time is not warned of it again."""
    if last is None:
        return target
    if last.breached:
        return target.model_copy(update={"warned": True, "breached": True, "due_at": last.due_at})
    return target.model_copy(update={"warned": last.warned, "warned_of": last.warned_of})


def _remember(following: TicketFollowing, target: Target) -> None:
    following.row = following.row.model_copy(update={"last": target})


def _standing(state: TicketState) -> Standing:
    if state == "resolved":
        return "resolved"
    return "waiting" if state == "waiting_on_customer" else "open"


def _counts(standing: Standing, pauses: tuple[Pause, ...]) -> bool:
    return standing == "open" or (standing == "waiting" and "waiting_on_customer" not in pauses)
