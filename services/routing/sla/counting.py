"""What every target is, of a conversation or of a ticket, and the steps it takes. Pure.

A target counts the working time of its runs: those that ended by a pause (`runs`) and the one in hand (`since`). So it
can be counted anew, from its beginning, by another policy's calendar. It keeps the versions of the policy and the
calendar that it was started with; another policy applies at once, a new version to the targets that begin after it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime
from typing import Generic, TypeVar

from services.routing.sla.schema import Pause, Policy
from services.routing.sla.timetable import Timetable
from shared.contracts.base import Event, Id, Time, Value
from shared.contracts.sla import CalendarRef, EndedBy, PolicyRef, SlaChange, SlaKind, SlaState, SlaTarget

RUNS_KEPT = 50
"""More pauses than that are counted together, by the calendar of then."""

Tables = Callable[[CalendarRef | None], Timetable]
"""The working time of a version of a calendar. None: all time counts."""
InForce = Callable[[str], CalendarRef | None]
"""A calendar's id → its version in force; None when it is gone."""


class Target(Value):
    """`spent_ms` is what runs before those in `runs` came to. Without `since` it stands still. `warned_of`: the due
    time of which somebody was warned last; policies that change to and fro may give it back."""

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
    warned_of: Time | None = None
    breached: bool = False
    due_at: Time | None = None
    warn_at: Time | None = None


class TargetRow(Value):
    """What a conversation or a ticket has of targets. `seq` is this row's version, `head_seq` the conversation's or the
    ticket's at the last change, `told` how many events were made. `due_at` is when the next thing is to happen."""

    id: Id
    seq: int = 0
    head_seq: int = 0
    told: int = 0
    targets: tuple[Target, ...] = ()
    due_at: Time | None = None


R = TypeVar("R", bound=TargetRow)
E = TypeVar("E", bound=Event)


class Counting(ABC, Generic[R, E]):
    """Makes events in a row, each from the targets that the one before it left."""

    def __init__(self, row: R, at: datetime, tables: Tables) -> None:
        self.row = row
        self.events: list[E] = []
        self._at = at
        self._tables = tables

    @abstractmethod
    def _event(
        self, change: SlaChange, target: Target, targets: tuple[Target, ...], late: bool, reason: EndedBy | None
    ) -> E:
        """What is told of a change; `targets` are all that stand after it. `late` of one that is met, `reason` of one
        that ended."""

    # ── steps ────────────────────────────────────────────────────────────────────────────────────
    def start(self, target: Target) -> None:
        """It begins, as it is."""
        target = self._timed(target)
        self._tell("started", target, (*self.row.targets, target))

    def pause(self, target: Target) -> None:
        """It stands still from now on."""
        since = target.since or self._at
        spent_ms, runs = target.spent_ms, (*target.runs, (since, max(since, self._at)))
        if len(runs) > RUNS_KEPT:
            spent_ms += self._tables(target.calendar).worked(*runs[0])
            runs = runs[1:]
        changes = {"since": None, "runs": runs, "spent_ms": spent_ms, "due_at": None, "warn_at": None}
        after = target.model_copy(update=changes)
        self._change(target, after, "paused")

    def resume(self, target: Target) -> None:
        after = self._timed(target.model_copy(update={"since": self._at}))
        self._change(target, after, "resumed")

    def rebase(
        self,
        target: Target,
        policy: Policy,
        goal_s: int,
        calendar: CalendarRef | None,
        *,
        counted: Target | None = None,
    ) -> None:
        """Counted anew from its beginning by another policy. What was missed stays missed. `counted`: the target with
        the runs that it has by that policy's pauses, where they are others."""
        changes = {"policy": ref(policy), "calendar": calendar, "goal_s": goal_s, "warn_percent": policy.warn_percent}
        after = self._timed((counted or target).model_copy(update={**changes, "pauses": policy.pauses}))
        self._change(target, after, "policy")

    def meet(self, target: Target) -> None:
        self._tell("met", target, self._without(target), late=target.breached)

    def end(self, target: Target, reason: EndedBy) -> None:
        self._tell("ended", target, self._without(target), reason=reason)

    def fire(self, until: datetime) -> None:
        """Warnings and breaches that were due. Of a target that is over, only the breach is told."""
        for target in self.row.targets:
            if target.breached or target.since is None or target.due_at is None or target.warn_at is None:
                continue
            if target.due_at <= until:
                self._change(target, target.model_copy(update={"breached": True, "warned": True}), "breached")
            elif target.warn_at <= until and not target.warned:
                after = target.model_copy(update={"warned": True, "warned_of": target.due_at})
                self._change(target, after, "warned")

    # ── parts ────────────────────────────────────────────────────────────────────────────────────
    def _timed(self, target: Target) -> Target:
        """With the times that follow from what was spent."""
        if target.breached:
            return target
        if target.since is None:
            return target.model_copy(update={"due_at": None, "warn_at": None})
        table, left_ms = self._tables(target.calendar), self._left_ms(target)
        early_ms = target.goal_s * 10 * target.warn_percent
        warn_at = table.after(target.since, left_ms - early_ms)
        due_at = table.after(target.since, left_ms)
        warned = due_at == target.warned_of or (target.warned and warn_at <= self._at)
        return target.model_copy(update={"due_at": due_at, "warn_at": warn_at, "warned": warned})

    def _left_ms(self, target: Target) -> int:
        """Of the goal, when the run in hand began."""
        table = self._tables(target.calendar)
        return target.goal_s * 1000 - target.spent_ms - sum(table.worked(*one) for one in target.runs)

    def _change(self, target: Target, after: Target, change: SlaChange) -> None:
        self._tell(change, after, tuple(after if one is target else one for one in self.row.targets))

    def _tell(
        self,
        change: SlaChange,
        target: Target,
        targets: tuple[Target, ...],
        *,
        late: bool = False,
        reason: EndedBy | None = None,
    ) -> None:
        self.row = self.row.model_copy(update={"targets": targets, "told": self.row.told + 1, "due_at": _next(targets)})
        self.events.append(self._event(change, target, targets, late, reason))

    def _without(self, target: Target) -> tuple[Target, ...]:
        return tuple(one for one in self.row.targets if one is not target)

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


def ref(policy: Policy) -> PolicyRef:
    return PolicyRef(id=policy.id, name=policy.name, version=policy.version)


def calendar_of(policy: Policy, in_force: InForce) -> CalendarRef | None:
    return in_force(policy.calendar_id) if policy.calendar_id else None


def begun(kind: SlaKind, policy: Policy, goal_s: int, started_at: datetime, calendar: CalendarRef | None) -> Target:
    """A target of a policy; its time runs since it started."""
    return Target(
        kind=kind,
        policy=ref(policy),
        calendar=calendar,
        goal_s=goal_s,
        warn_percent=policy.warn_percent,
        pauses=policy.pauses,
        started_at=started_at,
        since=started_at,
    )


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
