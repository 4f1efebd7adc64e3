"""What becomes of a conversation's targets: `follow` an event, `fire` at a time. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.routing.sla.counting import Counting, InForce, Tables, Target, TargetRow, begun, calendar_of
from services.routing.sla.schema import Policy
from services.routing.sla.timetable import MS
from shared.contracts.base import Time
from shared.contracts.conversations import ConversationEvent, ConversationStarted, Head
from shared.contracts.sla import (
    EndedBy,
    SlaBreached,
    SlaChange,
    SlaEnded,
    SlaEvent,
    SlaKind,
    SlaMet,
    SlaMoved,
    SlaStarted,
    SlaWarned,
)

_KINDS: dict[SlaChange, type[SlaEvent]] = {
    "started": SlaStarted,
    "paused": SlaMoved,
    "resumed": SlaMoved,
    "policy": SlaMoved,
    "warned": SlaWarned,
    "breached": SlaBreached,
    "met": SlaMet,
    "ended": SlaEnded,
}


class Row(TargetRow):
    """A conversation's targets. `seen_from`: nothing counts before it. `opened_at`: since when the time to close
    counts. `closed`, `answered`: as the last event left it."""

    seen_from: Time
    opened_at: Time
    closed: bool = False
    answered: bool = False


class Following(Counting[Row, SlaEvent]):
    """Of a conversation."""

    def _event(
        self, change: SlaChange, target: Target, targets: tuple[Target, ...], late: bool, reason: EndedBy | None
    ) -> SlaEvent:
        kind = _KINDS[change]
        fields: dict[str, Any] = {
            "conversation_id": self.row.id,
            "seq": self.row.told,
            "at": self._at,
            "target": self.seen(target),
            "targets": tuple(self.seen(one) for one in targets),
        }
        if kind is SlaMoved:
            fields["reason"] = change
        elif kind is SlaMet:
            fields["late"] = late
        elif kind is SlaEnded:
            fields["reason"] = reason
        return kind.model_validate(fields)


def follow(
    row: Row | None, event: ConversationEvent, policy: Policy | None, tables: Tables, in_force: InForce
) -> Following | None:
    """The targets after an event; None when the row has seen it. What is unchanged has no events."""
    if row is not None and event.seq <= row.head_seq:
        return None
    head, at = event.head, event.at
    row = row or _first(event)
    following = Following(row, at, tables)
    # What is done in the very moment that it is due is done in time.
    following.fire(at - MS)
    closed = head.status == "closed"
    if row.closed and not closed:
        following.row = following.row.model_copy(update={"opened_at": at})
    for target in following.row.targets:
        _settle(following, target, head, policy, in_force)
    if policy is not None and not closed and not head.spam:
        _begin(following, head, policy, in_force)
    for target in following.row.targets:
        if not target.breached and (still := _stands_still(target, head)) != (target.since is None):
            following.pause(target) if still else following.resume(target)
    following.fire(at)
    answered = following.row.answered or head.first_reply_at is not None
    following.row = following.row.model_copy(update={"closed": closed, "answered": answered, "head_seq": event.seq})
    return following


def _first(event: ConversationEvent) -> Row:
    """Of a conversation that was not looked at before. What it waited until now counts only when it begins now."""
    head = event.head
    begins = head.waiting_since or head.started_at if isinstance(event, ConversationStarted) else event.at
    answered = head.first_reply_at is not None
    return Row(id=head.id, seen_from=begins, opened_at=begins, answered=answered, closed=head.status == "closed")


def fire(row: Row, until: datetime, now: datetime, tables: Tables) -> Following:
    """What was due, told now. `until`: all that happened before it is known."""
    following = Following(row, now, tables)
    following.fire(until)
    return following


def _settle(following: Following, target: Target, head: Head, policy: Policy | None, in_force: InForce) -> None:
    """It is reached, or nobody waits for it, or it goes on by another policy."""
    response = target.kind != "close"
    if head.spam:
        following.end(target, "spam")
    elif head.status == "closed":
        # Merged into another it is put away, not dealt with.
        following.end(target, "closed") if response or head.merged_into else following.meet(target)
    elif response and head.waiting_since is None:
        following.meet(target)
        following.row = following.row.model_copy(update={"answered": True})
    elif policy is not None and policy.id == target.policy.id:
        return
    elif policy is None or (goal_s := _goal(policy, target.kind)) is None:
        following.end(target, "policy")
    else:
        following.rebase(target, policy, goal_s, calendar_of(policy, in_force))


def _begin(following: Following, head: Head, policy: Policy, in_force: InForce) -> None:
    kinds = {target.kind for target in following.row.targets}
    row, calendar = following.row, calendar_of(policy, in_force)
    if head.waiting_since is not None and kinds.isdisjoint(("first_response", "next_response")):
        kind: SlaKind = "next_response" if row.answered or head.first_reply_at else "first_response"
        if (goal_s := _goal(policy, kind)) is not None:
            following.start(begun(kind, policy, goal_s, max(head.waiting_since, row.seen_from), calendar))
    if "close" not in kinds and policy.close_s is not None:
        following.start(begun("close", policy, policy.close_s, row.opened_at, calendar))


def _stands_still(target: Target, head: Head) -> bool:
    if head.status == "snoozed" and "snoozed" in target.pauses:
        return True
    return target.kind == "close" and head.waiting_since is None and "waiting_on_customer" in target.pauses


def _goal(policy: Policy, kind: SlaKind) -> int | None:
    return {
        "first_response": policy.first_response_s,
        "next_response": policy.next_response_s,
        "close": policy.close_s,
    }[kind]
