"""How an agent wants to be told (AG5): where each kind of notice goes, and when nothing may disturb. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from pydantic import Field

from shared.contracts.base import Value
from shared.contracts.notices import NoticeKind

KINDS: tuple[NoticeKind, ...] = get_args(NoticeKind)

OLD = timedelta(days=14)
"""What happened so long ago is told to nobody any more."""
STALE_MAIL = timedelta(days=1)
STALE_DESKTOP = timedelta(minutes=15)
"""A notice that comes late, after an outage say, waits on the desk and disturbs nobody."""


class Ways(Value):
    """Where something is told: on the desk, by the browser's own notice, by mail when it stays unread."""

    in_app: bool = True
    desktop: bool = True
    email: bool = True

    @property
    def any(self) -> bool:
        return self.in_app or self.desktop or self.email


NOWHERE = Ways(in_app=False, desktop=False, email=False)
DEFAULTS: dict[NoticeKind, Ways] = {
    "mention": Ways(),
    "team_mention": Ways(),
    "assigned": Ways(),
    "reply": Ways(email=False),
    "ticket": Ways(desktop=False, email=False),
    "call_missed": Ways(),
    "alert": Ways(),
}


class QuietHours(Value):
    """From `start` to `end` each day, on the clock of `time_zone` (an IANA name). `end` before `start`: overnight."""

    start: time
    end: time
    time_zone: str

    def until(self, now: datetime) -> datetime | None:
        """When the quiet that holds at `now` ends, in UTC; None when it is not quiet."""
        zone = ZoneInfo(self.time_zone)
        local = now.astimezone(zone)
        clock = local.time()
        overnight = self.end <= self.start
        if not (self.start <= clock or clock < self.end if overnight else self.start <= clock < self.end):
            return None
        day = local.date() + timedelta(days=1 if overnight and clock >= self.start else 0)
        # Where the clocks go forward over it, the time that is not there becomes the one an hour later.
        return datetime.combine(day, self.end, zone).astimezone(UTC)


class Preferences(Value):
    """An agent's. `ways` has the kinds that they changed; `seq` is 0 before they changed anything.

    What was not read is mailed `email_after_minutes` after it happened, everything else that is unread with it.
    """

    seq: int = 0
    ways: Mapping[NoticeKind, Ways] = Field(default_factory=dict)
    quiet: QuietHours | None = None
    email_after_minutes: int = 15

    def of(self, kind: NoticeKind) -> Ways:
        return self.ways.get(kind, DEFAULTS[kind])

    @property
    def mailed_kinds(self) -> tuple[NoticeKind, ...]:
        return tuple(kind for kind in KINDS if self.of(kind).email)

    def quiet_until(self, now: datetime) -> datetime | None:
        return self.quiet.until(now) if self.quiet else None

    def mail_due(self, made_at: datetime, now: datetime) -> datetime:
        """When a notice that was made then may be mailed, as far as can be said now."""
        due = max(made_at + timedelta(minutes=self.email_after_minutes), now)
        return self.quiet_until(due) or due


def ways_for(preferences: Preferences, kind: NoticeKind, *, at: datetime, now: datetime, again: bool) -> Ways:
    """Where this agent is told of what happened `at`. `again`: it is published once more, after a restore."""
    age = now - at
    if age > OLD:
        return NOWHERE
    wanted = preferences.of(kind)
    disturbs = age <= STALE_DESKTOP and not again and preferences.quiet_until(now) is None
    mails = age <= STALE_MAIL and not again
    return Ways(in_app=wanted.in_app, desktop=wanted.desktop and disturbs, email=wanted.email and mails)
