"""What is wrong with a calendar or a policy; asked when it is saved, so that what was saved can always be read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo, available_timezones

import holidays

from services.routing.rules import compile as rules
from services.routing.rules.compile import Known
from services.routing.rules.facts import TICKET_FIELD
from services.routing.rules.fields import FIELDS, Field
from services.routing.rules.operators import OPERATORS, Operator
from services.routing.rules.schema import Condition, Group, RuleDraft, RuleField
from services.routing.rules.values import ASKS
from services.routing.sla.schema import CalendarDraft, Hours, PolicyDraft
from services.routing.sla.timetable import minute_of
from shared.errors import FieldError, Invalid

OF_AN_EVENT = (
    *("event.", "message.", "sender.", "sla.", "ticket.", TICKET_FIELD, "activity."),
    *("conversation.tags_added", "conversation.tags_removed"),
)
"""Fields that only some events have: asked of every event, they would move a conversation to and fro."""
NOT_FOLLOWED = ("conversation.customer_replied_at", "conversation.agent_replied_at", "conversation.state_changed_at")
"""What only the routing of a conversation keeps."""
OUR_OWN = "conversation.next_sla_at"
"""What a policy leads to: it would be under it because it is under it."""

EVENT = "ConversationStarted"
"""The one event that policies, read as rules, are asked at."""


def countries() -> dict[str, tuple[str, ...]]:
    """Country → its regions, as far as their holidays are known."""
    return {code: tuple(regions) for code, regions in holidays.list_supported_countries(include_aliases=False).items()}


def check_calendar(draft: CalendarDraft) -> None:
    """Raises Invalid("invalid_calendar") with a FieldError for everything that is wrong."""
    errors: list[FieldError] = []
    if draft.time_zone not in available_timezones():
        errors.append(FieldError("time_zone", f'There is no time zone "{draft.time_zone}"; one is Europe/Berlin.'))
    else:
        ZoneInfo(draft.time_zone)
    for day in dict.fromkeys(one.day for one in draft.hours):
        places = [(n, one) for n, one in enumerate(draft.hours) if one.day == day]
        errors += _hours(places, "hours")
    if draft.country:
        regions = countries().get(draft.country)
        if regions is None:
            errors.append(FieldError("country", f'The holidays of "{draft.country}" are not known.'))
        elif draft.region and draft.region not in regions:
            errors.append(FieldError("region", f'"{draft.region}" is no region of {draft.country}.'))
    elif draft.region:
        errors.append(FieldError("region", "A region needs its country."))
    seen: set[date] = set()
    for n, own in enumerate(draft.days):
        if own.date in seen:
            errors.append(FieldError(f"days[{n}].date", f"{own.date} is named twice."))
        seen.add(own.date)
        errors += _hours(list(enumerate(own.hours)), f"days[{n}].hours")
    _refuse("invalid_calendar", "calendar", errors)


def _hours(places: Sequence[tuple[int, Hours]], where: str) -> Iterator[FieldError]:
    """Each ends after it begins, and none begins before the one before it ends."""
    ends = -1
    for n, one in sorted(places, key=lambda place: minute_of(place[1].opens)):
        opens, closes = minute_of(one.opens), minute_of(one.closes)
        if closes <= opens:
            message = "It closes after it opens. Hours over midnight are two: up to 24:00, and from 00:00."
            yield FieldError(f"{where}[{n}].closes", message)
        elif opens < ends:
            yield FieldError(f"{where}[{n}].opens", "These hours overlap with others of the same day.")
        ends = max(ends, closes)


def is_of_an_event(field: str) -> bool:
    """Whether a policy can't ask about the field."""
    return field.startswith(OF_AN_EVENT) or field == OUR_OWN or field in NOT_FOLLOWED


def asks_an_event(operator: Operator) -> bool:
    """Whether it compares with an event: with what was before it, or with its time."""
    return operator.form in ASKS


def check_policy(draft: PolicyDraft, known: Known, calendars: Collection[str]) -> tuple[RuleField, ...]:
    """The desk's own attributes that the draft asks about, to be kept with it. Raises Invalid("invalid_policy") with a
    FieldError for everything that is wrong."""
    errors: list[FieldError] = []
    asked: tuple[RuleField, ...] = ()
    try:
        asked = rules.check(as_rule(draft), known)
    except Invalid as error:
        errors += error.fields
    if draft.conditions:
        errors += _conditions(draft.conditions, "if", FIELDS | rules.own_fields(known.attributes))
    if draft.calendar_id is not None and draft.calendar_id not in calendars:
        errors.append(FieldError("calendar_id", f'There is no calendar "{draft.calendar_id}".'))
    if draft.first_response_s is None and draft.next_response_s is None and draft.close_s is None:
        errors.append(FieldError("first_response_s", "Give the policy at least one target."))
    _refuse("invalid_policy", "policy", errors)
    return asked


def as_rule(draft: PolicyDraft) -> RuleDraft:
    """A policy's conditions are a rule's: one that stops where it matches."""
    return RuleDraft(
        name=draft.name,
        enabled=draft.enabled,
        brand_ids=draft.brand_ids,
        when=(EVENT,),
        conditions=draft.conditions,
        stop=True,
    )


def _conditions(group: Group, place: str, known: Mapping[str, Field]) -> Iterator[FieldError]:
    for word in ("all", "any", "none"):
        for n, node in enumerate(getattr(group, word) or ()):
            inside = f"{place}.{word}[{n}]"
            if isinstance(node, Group):
                yield from _conditions(node, inside, known)
            elif is_of_an_event(node.field):
                message = "A policy asks about the conversation, the contact or the call, not about one event."
                yield FieldError(f"{inside}.field", message)
            elif (field := known.get(node.field)) and _compares_with_an_event(field, node):
                message = "A policy is not asked at one event: it can't compare with what was before or with its time."
                yield FieldError(f"{inside}.operator", message)


def _compares_with_an_event(field: Field, condition: Condition) -> bool:
    operator = OPERATORS[field.type].get(condition.operator)
    return operator is not None and asks_an_event(operator)


def _refuse(code: str, noun: str, errors: Sequence[FieldError]) -> None:
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        sentence = f"The {noun} can't be saved: {errors[0].path}: {errors[0].message}{more}"
        raise Invalid(code, sentence, tuple(errors))
