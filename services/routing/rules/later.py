"""What is wrong with a rule that is asked later: one that waits (`after`), one about time (TimePassed), or one at times
of the clock (ClockStruck)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zoneinfo import available_timezones

from services.routing.rules.clock import ClockTimes
from services.routing.rules.durations import read_duration
from services.routing.rules.facts import TICKET_FIELD
from services.routing.rules.fields import TEAM_HOURS, Field
from services.routing.rules.outward import AnswerWith
from services.routing.rules.schema import CLOCK_STRUCK, TIME_PASSED, Condition, Group, RuleDraft
from shared.contracts.directory import TicketTypeChanged
from shared.errors import FieldError

TURN_BY_TIME = ("longer_ago", "within_last", "within_next", "further_ahead")
OF_AN_EVENT = (
    *("message.", "sender.", "sla.", "ticket.", TICKET_FIELD, "activity.", "note.", "side."),
    *("event.by", "event.agent", "event.changed", "event.status_before", "event.team_before", "event.assignee_before"),
)
OF_ONE_EVENT = ("conversation.tags_added", "conversation.tags_removed")
OF_THE_CLOCK = ("event.hour", "event.weekday", "event.date", *TEAM_HOURS)
BY_THE_DAY = ("today", "yesterday")
CHANGED = ("changed", "changed_to")
UNLINKED = "LinkRemoved"


def check_later(draft: RuleDraft) -> Iterator[FieldError]:
    """All that is wrong, with its place."""
    timed = TIME_PASSED in draft.when
    if CLOCK_STRUCK in draft.when or draft.clock is not None:
        yield from _check_clock(draft)
    if draft.after is not None:
        yield from _check_after(draft.after, timed)
    if draft.stop and draft.after is not None:
        yield FieldError("stop", "A rule that waits can't stop those after it: they are asked before it acts.")
    if not timed:
        return
    if draft.stop:
        yield FieldError("stop", "A rule about time stops no others: each is asked when its own time has come.")
    if len(draft.when) > 1:
        yield FieldError("when", "A rule about time is for nothing else: make another rule for the events.")
    conditions = list(_conditions(draft.conditions, "if")) if draft.conditions else []
    if not any(one.operator in TURN_BY_TIME for _, one in conditions):
        yield FieldError("if", 'Say how long: a rule about time asks for a time that is "longer ago than".')
    for place, one in conditions:
        if one.field in OF_THE_CLOCK or one.operator in BY_THE_DAY:
            what = "operator" if one.operator in BY_THE_DAY else "field"
            yield FieldError(f"{place}.{what}", "A rule about time goes by working hours: ask for those of a calendar.")
        yield from _of_an_event(place, one)


def _of_an_event(place: str, one: Condition) -> Iterator[FieldError]:
    if one.field.startswith(OF_AN_EVENT) or one.field in OF_ONE_EVENT:
        yield FieldError(f"{place}.field", "There is no event when time passes: ask about the conversation.")
    elif one.operator in CHANGED:
        yield FieldError(f"{place}.operator", "Nothing changes when time passes: ask how things are.")


def _check_clock(draft: RuleDraft) -> Iterator[FieldError]:
    if CLOCK_STRUCK not in draft.when:
        yield FieldError("clock", "Only a rule that is asked at times of the clock has any.")
        return
    if len(draft.when) > 1:
        yield FieldError("when", "A rule at times of the clock is for nothing else: make another rule for the events.")
    if draft.clock is None:
        yield FieldError("clock", "Say on which days and at which times.")
    else:
        yield from check_times(draft.clock)
    if draft.after is not None:
        yield FieldError("after", "A rule at times of the clock does not wait: name the time at which it is to act.")
    if draft.stop:
        yield FieldError("stop", "A rule at times of the clock stops no others: each is asked at its own times.")
    if draft.conditions is None and any(isinstance(one, AnswerWith) for one in draft.then):
        yield FieldError("if", "Say which conversations: without conditions every customer would be written to.")
    for place, one in _conditions(draft.conditions, "if") if draft.conditions else ():
        yield from _of_an_event(place, one)


def check_times(clock: ClockTimes) -> Iterator[FieldError]:
    """All that is wrong with times of the clock, with its place in the rule."""
    if bool(clock.weekdays) == bool(clock.month_days):
        sentence = (
            "Name days of the week or days of the month." if not clock.weekdays else "Name one kind of days only."
        )
        yield FieldError("clock.weekdays" if not clock.month_days else "clock.month_days", sentence)
    for n, day in enumerate(clock.month_days):
        if day == 0:
            yield FieldError(f"clock.month_days[{n}]", "Days of a month are 1 to 31, or -1 for the last one.")
    if bool(clock.times) == (clock.every is not None):
        sentence = "Name a time." if not clock.times else "Name times, or every so many hours: not both."
        yield FieldError("clock.times", sentence)
    if clock.every is not None and clock.every.ends < clock.every.begins:
        yield FieldError("clock.every.to", "The last time is before the first: both are of one day.")
    if clock.zone is not None and clock.zone not in available_timezones():
        yield FieldError("clock.zone", f'There is no time zone "{clock.zone}"; one is Europe/Berlin.')


def check_forgotten(
    draft: RuleDraft, fields: Mapping[str, Field], types: Mapping[str, TicketTypeChanged]
) -> Iterator[FieldError]:
    """The conditions of a rule that waits which no ticket can meet by then: conversations do not hear what becomes of a
    tracker itself, nor of a ticket that is unlinked. `fields`: all that there are, by name."""
    if draft.after is None or draft.conditions is None:
        return
    trackers = {id_ for id_, one in types.items() if one.kind == "tracker"}
    wanted = list(_needed(draft.conditions))
    of_trackers = any(_is_of(one, "ticket.kind", {"tracker"}) or _is_of(one, "ticket.type", trackers) for one in wanted)
    for place, one in _conditions(draft.conditions, "if"):
        if (field := fields.get(one.field)) is None or not field.of_ticket:
            continue
        if of_trackers or _type_of(one.field) in trackers:
            what = "a tracker"
        elif set(draft.when) == {UNLINKED}:
            what = "an unlinked ticket"
        else:
            continue
        message = f"Of {what} a rule that waits knows the kind, type, state and title alone: this would never match."
        yield FieldError(f"{place}.field", message)


def _needed(group: Group) -> Iterator[Condition]:
    """The conditions without which it never holds."""
    for node in group.all or ():
        if isinstance(node, Group):
            yield from _needed(node)
        else:
            yield node


def _is_of(condition: Condition, field: str, values: set[str]) -> bool:
    """Whether it says that the field is one of these."""
    if condition.field != field or condition.operator not in ("is", "in"):
        return False
    named = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    return all(one in values for one in named)


def _type_of(field: str) -> str:
    """The ticket type whose form has the field; empty for another field."""
    return field.removeprefix(TICKET_FIELD).partition(".")[0] if field.startswith(TICKET_FIELD) else ""


def _check_after(after: str, timed: bool) -> Iterator[FieldError]:
    try:
        read_duration(after)
    except ValueError as error:
        yield FieldError("after", str(error))
    if timed:
        yield FieldError("after", 'A rule about time does not wait: ask for a time that is "longer ago than".')


def _conditions(group: Group, place: str) -> Iterator[tuple[str, Condition]]:
    for word in ("all", "any", "none"):
        for n, node in enumerate(getattr(group, word) or ()):
            inside = f"{place}.{word}[{n}]"
            if isinstance(node, Group):
                yield from _conditions(node, inside)
            else:
                yield inside, node
