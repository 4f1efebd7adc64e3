"""Which rules are asked at which times of the clock, and how far each has got with the conversations that it is asked
of since it struck. Pure.

A rule has a place of its own for each time zone and for each version that is asked at other times. Who edits anything
else of it keeps the place; what was under way at times that are gone is over.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from services.routing.model.conversation import Row
from services.routing.model.wait import Fired, fired_with
from services.routing.rules.clock import ClockTimes, last_until, next_after
from services.routing.rules.schema import Rule
from shared.contracts.base import Id, Time, Value
from shared.contracts.conversations import Head
from shared.ids import derived

A_MOMENT = timedelta(milliseconds=1)
CLOCKS_DIFFER = timedelta(minutes=1)
LATE_MOST = timedelta(hours=12)
"""What struck longer ago is not made up for: what was for the morning is done in the afternoon, not a day later."""


class Place(NamedTuple):
    """The last conversation that was asked: they are asked by brand and id, all statuses of a rule together, as neither
    is ever another. So each is met once, where its status says whether it is asked: one that wakes, or is opened anew,
    in the middle of a walk is not behind it. Empty: none of the brand yet, None: all of it."""

    brand_id: str
    conversation_id: str | None = ""


class ClockRow(Value):
    """A rule at its times in one zone. `due_at`: when it strikes next or, `begun`, when it struck: its conversations
    after `reached` are still to be asked. `revision`: of the rules by which the row was made."""

    id: Id
    rule_id: Id
    clock: ClockTimes
    zone: str
    revision: int
    due_at: Time
    begun: bool = False
    reached: Place = Place("")


def wanted(
    rules: Iterable[Rule],
    zones: Mapping[str, str],
    known: Iterable[ClockRow] = (),
    *,
    revision: int,
    now: datetime,
    since: Callable[[Rule], datetime | None] = lambda _: None,
) -> dict[str, ClockRow]:
    """The rows that there are to be, by id, as they begin. `zones`: of brands, by id. `since`: when a rule came into
    force. From then on it strikes where nothing is `known` of it at these times, however much later it is seen; in a
    zone that is new to it from now on."""
    begun = {(one.rule_id, one.clock) for one in known}
    rows: dict[str, ClockRow] = {}
    for rule in rules:
        if rule.clock is None:
            continue
        brands = [one for one in zones if not rule.brand_ids or one in rule.brand_ids]
        for zone in {rule.clock.zone or zones[one] for one in brands}:
            id_ = derived("rule clock", rule.id, rule.clock.model_dump_json(), zone)
            in_force = None if (rule.id, rule.clock) in begun else since(rule)
            due_at = next_after(rule.clock, zone, in_force - A_MOMENT if in_force else now)
            rows[id_] = ClockRow(id=id_, rule_id=rule.id, clock=rule.clock, zone=zone, revision=revision, due_at=due_at)
    return rows


def strike(row: ClockRow, at: datetime) -> ClockRow | None:
    """The row as it goes on at that time; None: too much time has passed, it goes on at its next time (`rest`). Of
    several times that were missed the last one counts."""
    struck = row.due_at if row.begun else max(row.due_at, last_until(row.clock, row.zone, at))
    if at - struck > LATE_MOST:
        return None
    return row if row.begun else row.model_copy(update={"due_at": struck, "begun": True, "reached": Place("")})


def rest(row: ClockRow, *, missed_until: datetime | None = None) -> ClockRow:
    """Until it strikes next. `missed_until`: what struck up to then is not made up for."""
    after = max(row.due_at, missed_until - LATE_MOST) if missed_until else row.due_at
    due_at = next_after(row.clock, row.zone, after)
    return row.model_copy(update={"due_at": due_at, "begun": False, "reached": Place("")})


def set_back(row: ClockRow, now: datetime) -> ClockRow | None:
    """What rests beyond its next time, as a clock that was ahead has struck it, at that time; None: it does not. Other
    machines' clocks may be some seconds ahead of ours."""
    if row.begun or row.due_at <= next_after(row.clock, row.zone, now + CLOCKS_DIFFER):
        return None
    return row.model_copy(update={"due_at": next_after(row.clock, row.zone, now)})


def still_to_ask(row: ClockRow, brands: Collection[str], zones: Mapping[str, str]) -> Iterator[Place]:
    """From where it stands on: the brands, each from its first conversation but the first of them. `brands`: those of
    the rule, empty: all."""
    of_it = (one for one in zones if (not brands or one in brands) and (row.clock.zone or zones[one]) == row.zone)
    for brand_id in sorted(of_it):
        if brand_id == row.reached.brand_id and row.reached.conversation_id is not None:
            yield row.reached
        elif brand_id > row.reached.brand_id:
            yield Place(brand_id)


def is_among(head: Head, clock: ClockTimes) -> bool:
    """Whether such times are for the conversation: it has the status, and is neither spam nor merged."""
    return head.status in clock.statuses and not head.spam and head.merged_into is None


def may_be_asked(row: Row, head: Head, clock: ClockRow) -> bool:
    """Not when it began after it struck; each once, also when a clock that was ahead is set back and it strikes
    again."""
    return is_among(head, clock.clock) and head.started_at <= clock.due_at and _fired(clock) not in row.fired


def has_struck(row: Row, clock: ClockRow) -> Row:
    """The conversation, which remembers that the rule acted."""
    return row.model_copy(update={"fired": fired_with(row.fired, _fired(clock))})


def _fired(clock: ClockRow) -> Fired:
    return Fired(rule_id=clock.rule_id, moments=f"struck={clock.due_at.isoformat()}")
