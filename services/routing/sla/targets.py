"""What becomes of a conversation's targets: `follow` an event, `fire` at a time. Pure.

A target counts the working time of its runs: those that ended by a pause (`runs`) and the one in hand (`since`). So it
can be counted anew, from its beginning, by another policy's calendar. It keeps the versions of the policy and the
calendar that it was started with; another policy applies at once, a new version to the targets that begin after it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from services.routing.sla.schema import Pause, Policy
from services.routing.sla.timetable import MS, Timetable
from shared.contracts.base import Id, Time, Value
from shared.contracts.conversations import ConversationEvent, ConversationStarted, Head
from shared.contracts.sla import (
    CalendarRef,
    EndedBy,
    PolicyRef,
    SlaBreached,
    SlaEnded,
    SlaEvent,
    SlaKind,
    SlaMet,
    SlaMoved,
    SlaStarted,
    SlaState,
    SlaTarget,
    SlaWarned,
)

RUNS_KEPT = 50
"""More pauses than that are counted together, by the calendar of then."""

Tables = Callable[[CalendarRef | None], Timetable]
"""The working time of a version of a calendar. None: all time counts."""
InForce = Callable[[str], CalendarRef | None]
"""A calendar's id → its version in force; None when it is gone."""


class Target(Value):
    """`spent_ms` is what runs before those in `runs` came to. Without `since` it stands still."""

    kind: SlaKind
    policy: PolicyRef
    calendar: CalendarRef | None
    goal_s: int
    warn_percent: int
    pauses: tuple[Pause, ...]
    started_at: Time
    since: Time | None
    runs: tuple[tuple[Time, Time], ...] = ()
    spent_ms: int = 0
    warned: bool = False
    breached: bool = False
    due_at: Time | None = None
    warn_at: Time | None = None


class Row(Value):
    """A conversation's targets. `seq` is this row's version, `head_seq` the conversation's at the last change,
    `told` how many events were made. `seen_from`: nothing counts before it. `opened_at`: since when the time to close
    counts. `closed`, `answered`: as the last event left it. `due_at` is when the next thing is to happen."""

    id: Id
    seq: int = 0
    head_seq: int = 0
    told: int = 0
    seen_from: Time
    opened_at: Time
    closed: bool = False
    answered: bool = False
    targets: tuple[Target, ...] = ()
    due_at: Time | None = None


class Following:
    """Makes events in a row, each from the targets that the one before it left."""

    def __init__(self, row: Row, at: datetime, tables: Tables) -> None:
        self.row = row
        self.events: list[SlaEvent] = []
        self._at = at
        self._tables = tables

    # ── steps ────────────────────────────────────────────────────────────────────────────────────
    def start(self, kind: SlaKind, policy: Policy, goal_s: int, since: datetime, calendar: CalendarRef | None) -> None:
        """A target begins; one that is paused from the beginning is stopped after it."""
        target = Target(
            kind=kind,
            policy=_ref(policy),
            calendar=calendar,
            goal_s=goal_s,
            warn_percent=policy.warn_percent,
            pauses=policy.pauses,
            started_at=since,
            since=since,
        )
        target = self._timed(target)
        self._tell(SlaStarted, target, (*self.row.targets, target))

    def pause(self, target: Target) -> None:
        """It stands still from now on."""
        since = target.since or self._at
        spent_ms, runs = target.spent_ms, (*target.runs, (since, max(since, self._at)))
        if len(runs) > RUNS_KEPT:
            spent_ms += self._tables(target.calendar).worked(*runs[0])
            runs = runs[1:]
        changes = {"since": None, "runs": runs, "spent_ms": spent_ms, "due_at": None, "warn_at": None}
        after = target.model_copy(update=changes)
        self._change(target, after, SlaMoved, reason="paused")

    def resume(self, target: Target) -> None:
        after = self._timed(target.model_copy(update={"since": self._at}))
        self._change(target, after, SlaMoved, reason="resumed")

    def rebase(self, target: Target, policy: Policy, goal_s: int, calendar: CalendarRef | None) -> None:
        """Counted anew from its beginning by another policy. What was missed stays missed."""
        changes = {"policy": _ref(policy), "calendar": calendar, "goal_s": goal_s, "warn_percent": policy.warn_percent}
        after = self._timed(target.model_copy(update={**changes, "pauses": policy.pauses}))
        self._change(target, after, SlaMoved, reason="policy")

    def meet(self, target: Target) -> None:
        self._tell(SlaMet, target, _without(self.row, target), late=target.breached)

    def end(self, target: Target, reason: EndedBy) -> None:
        self._tell(SlaEnded, target, _without(self.row, target), reason=reason)

    def fire(self, until: datetime) -> None:
        """Warnings and breaches that were due. Of a target that is over, only the breach is told."""
        for target in self.row.targets:
            if target.breached or target.since is None or target.due_at is None or target.warn_at is None:
                continue
            if target.due_at <= until:
                self._change(target, target.model_copy(update={"breached": True, "warned": True}), SlaBreached)
            elif target.warn_at <= until and not target.warned:
                self._change(target, target.model_copy(update={"warned": True}), SlaWarned)

    # ── parts ────────────────────────────────────────────────────────────────────────────────────
    def _timed(self, target: Target) -> Target:
        """With the times that follow from what was spent."""
        if target.breached or target.since is None:
            return target
        table, left_ms = self._tables(target.calendar), self._left_ms(target)
        early_ms = target.goal_s * 10 * target.warn_percent
        warn_at = table.after(target.since, left_ms - early_ms)
        times = {"due_at": table.after(target.since, left_ms), "warn_at": warn_at}
        return target.model_copy(update=times | {"warned": target.warned and warn_at <= self._at})

    def _left_ms(self, target: Target) -> int:
        """Of the goal, when the run in hand began."""
        table = self._tables(target.calendar)
        return target.goal_s * 1000 - target.spent_ms - sum(table.worked(*one) for one in target.runs)

    def _change(self, target: Target, after: Target, kind: type[SlaEvent], **more: object) -> None:
        self._tell(kind, after, tuple(after if one is target else one for one in self.row.targets), **more)

    def _tell(self, kind: type[SlaEvent], target: Target, targets: tuple[Target, ...], **more: object) -> None:
        self.row = self.row.model_copy(update={"targets": targets, "told": self.row.told + 1, "due_at": _next(targets)})
        fields = {
            "conversation_id": self.row.id,
            "seq": self.row.told,
            "at": self._at,
            "target": self.seen(target),
            "targets": tuple(self.seen(one) for one in targets),
        }
        self.events.append(kind.model_validate(fields | more))

    def seen(self, target: Target) -> SlaTarget:
        """As others are told of it."""
        still = target.since is None and not target.breached
        return SlaTarget(
            kind=target.kind,
            state=_state(target),
            policy=target.policy,
            calendar=target.calendar,
            goal_s=target.goal_s,
            started_at=target.started_at,
            due_at=target.due_at,
            warn_at=target.warn_at,
            left_s=max(0, self._left_ms(target) // 1000) if still else None,
        )


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
        following.rebase(target, policy, goal_s, _calendar(policy, in_force))


def _begin(following: Following, head: Head, policy: Policy, in_force: InForce) -> None:
    kinds = {target.kind for target in following.row.targets}
    row, calendar = following.row, _calendar(policy, in_force)
    if head.waiting_since is not None and kinds.isdisjoint(("first_response", "next_response")):
        kind: SlaKind = "next_response" if row.answered or head.first_reply_at else "first_response"
        if (goal_s := _goal(policy, kind)) is not None:
            following.start(kind, policy, goal_s, max(head.waiting_since, row.seen_from), calendar)
    if "close" not in kinds and policy.close_s is not None:
        following.start("close", policy, policy.close_s, row.opened_at, calendar)


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


def _calendar(policy: Policy, in_force: InForce) -> CalendarRef | None:
    return in_force(policy.calendar_id) if policy.calendar_id else None


def _ref(policy: Policy) -> PolicyRef:
    return PolicyRef(id=policy.id, name=policy.name, version=policy.version)


def _without(row: Row, target: Target) -> tuple[Target, ...]:
    return tuple(one for one in row.targets if one is not target)


def _state(target: Target) -> SlaState:
    if target.breached:
        return "breached"
    if target.since is None:
        return "paused"
    return "warned" if target.warned else "running"


def _next(targets: tuple[Target, ...]) -> datetime | None:
    """When the next warning or breach is due."""
    times = [
        one.due_at if one.warned or one.warn_at is None else one.warn_at
        for one in targets
        if one.due_at is not None and not one.breached
    ]
    return min(times) if times else None
