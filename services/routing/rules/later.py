"""What is wrong with a rule that is asked later: one that waits (`after`), or one about time (TimePassed)."""

from __future__ import annotations

from collections.abc import Iterator

from services.routing.rules.durations import read_duration
from services.routing.rules.facts import TICKET_FIELD
from services.routing.rules.schema import TIME_PASSED, Condition, Group, RuleDraft
from shared.errors import FieldError

TURN_BY_TIME = ("longer_ago", "within_last", "within_next", "further_ahead")
OF_AN_EVENT = (
    *("message.", "sender.", "sla.", "ticket.", TICKET_FIELD, "activity."),
    *("event.by", "event.agent", "event.changed"),
)
OF_ONE_EVENT = ("conversation.tags_added", "conversation.tags_removed")
OF_THE_CLOCK = ("event.hour", "event.weekday", "event.date")
BY_THE_DAY = ("today", "yesterday")
CHANGED = ("changed", "changed_to")


def check_later(draft: RuleDraft) -> Iterator[FieldError]:
    """All that is wrong, with its place."""
    timed = TIME_PASSED in draft.when
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
        if one.field.startswith(OF_AN_EVENT) or one.field in OF_ONE_EVENT:
            yield FieldError(f"{place}.field", "There is no event when time passes: ask about the conversation.")
        elif one.field in OF_THE_CLOCK or one.operator in BY_THE_DAY:
            what = "operator" if one.operator in BY_THE_DAY else "field"
            yield FieldError(f"{place}.{what}", "A rule about time goes by working hours: ask for those of a calendar.")
        elif one.operator in CHANGED:
            yield FieldError(f"{place}.operator", "Nothing changes when time passes: ask how things are.")


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
