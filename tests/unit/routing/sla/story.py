"""A conversation under a policy, told event by event."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.routing.sla.schema import Policy
from services.routing.sla.targets import Following, Row, fire, follow
from services.routing.sla.timetable import RoundTheClock, WorkingHours
from shared.contracts.conversations import ConversationEvent, PriorityChanged, ReplySent
from shared.contracts.sla import CalendarRef
from tests.unit.routing.examples import AGENT, AT, head, message, replied
from tests.unit.routing.sla.test_timetable import calendar

OFFICE = calendar("UTC")
TABLES = {("office", 1): WorkingHours(OFFICE)}
MINUTE = timedelta(minutes=1)


def table(ref: CalendarRef | None) -> Any:
    return TABLES[ref.id, ref.version] if ref else RoundTheClock()


def in_force(id_: str) -> CalendarRef | None:
    return CalendarRef(id=id_, version=1)


def policy(id_: str = "all", version: int = 1, **changes: Any) -> Policy:
    written = {"name": id_, "if": None, "first_response_s": 3600, "next_response_s": 7200, "close_s": None, **changes}
    return Policy.model_validate({**written, "id": id_, "version": version, "saved_at": AT})


class Story:
    """A conversation's events in order, each some minutes after AT."""

    def __init__(self, under: Policy | None) -> None:
        self.under = under
        self.row: Row | None = None
        self.told: list[tuple[str, str]] = []
        self._seq = 0

    def go(self, make: Any, minute: float, **more: Any) -> Following | None:
        self._seq += 1
        event: ConversationEvent = make(self._seq, **more)
        event = event.model_copy(update={"at": AT + minute * MINUTE})
        return self._took(follow(self.row, event, self.under, table, in_force))

    def due(self, minute: float) -> None:
        assert self.row
        at = AT + minute * MINUTE
        self._took(fire(self.row, at, at, table))

    def _took(self, following: Following | None) -> Following | None:
        if following:
            self.row = following.row
            self.told += [(type(one).__name__[3:], one.target.kind) for one in following.events]
            assert [one.seq for one in following.events] == list(
                range(self.row.told - len(following.events) + 1, self.row.told + 1)
            )
        return following

    @property
    def due_in(self) -> list[float | None]:
        """Minutes from AT, of each target."""
        assert self.row
        return [(one.due_at - AT) / MINUTE if one.due_at else None for one in self.row.targets]


def answered(seq: int, **on_head: Any) -> Any:
    on_head = {"waiting_since": None, "first_reply_at": AT} | on_head
    now = head(seq=seq, activity="ReplySent", **on_head)
    return ReplySent(conversation_id=now.id, seq=seq, at=AT, by=AGENT, head=now, message=message(direction="out"))


def again(seq: int, waits: float = 0, **on_head: Any) -> Any:
    return replied(seq, **{"waiting_since": AT + waits * MINUTE, "first_reply_at": AT} | on_head)


def prioritised(seq: int, **on_head: Any) -> Any:
    now = head(seq=seq, activity="PriorityChanged", priority=True, **on_head)
    return PriorityChanged(conversation_id=now.id, seq=seq, at=AT, by=AGENT, head=now, priority=True)
