"""What is wrong with a calendar or a policy; asked when it is saved, so that what was saved can always be read."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo, available_timezones

from services.routing.rules import compile as rules
from services.routing.rules.compile import Known
from services.routing.rules.facts import ATTRIBUTE, CONTACT_ATTRIBUTE, TICKET_FIELD
from services.routing.rules.fields import FIELDS, Field
from services.routing.rules.operators import OPERATORS, Operator
from services.routing.rules.schema import Condition, Group, RuleDraft, RuleField
from services.routing.rules.values import ASKS
from services.routing.sla.schema import CalendarDraft, Hours, PolicyDraft
from services.routing.sla.timetable import minute_of
from shared.errors import FieldError, Invalid

MAY_ASK = ("conversation.", "contact.", "call.", ATTRIBUTE, CONTACT_ATTRIBUTE)
"""What a policy asks about. Any other field is one that only some events have, or that is not the conversation's own:
asked of every event, it would move a conversation to and fro."""
OF_ONE_EVENT = ("conversation.tags_added", "conversation.tags_removed")
NOT_FOLLOWED = ("conversation.customer_replied_at", "conversation.agent_replied_at", "conversation.state_changed_at")
"""What only the routing of a conversation keeps."""
OUR_OWN = "conversation.next_sla_at"
"""What a policy leads to: it would be under it because it is under it."""

OF_A_TICKET = (
    *("ticket.kind", "ticket.type", "ticket.title", "ticket.team", "ticket.assignee", "ticket.created_by"),
    "ticket.created_at",
)
"""What a policy can ask about a ticket beside its form: not how it stands, which would move it to and fro."""

EVENT = "ConversationStarted"
"""The one event that policies, read as rules, are asked at."""


def countries() -> dict[str, tuple[str, ...]]:
    """Country → its regions, as far as their holidays are known."""
    import holidays  # here, as it is in `timetable`

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
    return not field.startswith(MAY_ASK) or field in (*OF_ONE_EVENT, OUR_OWN, *NOT_FOLLOWED)


def is_of_a_ticket(field: str) -> bool:
    """Whether a policy can ask about the field of a ticket."""
    return field in OF_A_TICKET or field.startswith(TICKET_FIELD)


def asks_an_event(operator: Operator) -> bool:
    """Whether it compares with an event: with what was before it, or with its time."""
    return operator.form in ASKS


def check_policy(draft: PolicyDraft, known: Known, calendars: Collection[str]) -> tuple[RuleField, ...]:
    """The desk's own attributes that the draft asks about, to be kept with it. Raises Invalid("invalid_policy") with a
    FieldError for everything that is wrong."""
    errors: list[FieldError] = []
    asked = _asked(as_rule(draft), known, "if", errors)
    of_ticket = _asked(as_ticket_rule(draft), known, "ticket_if", errors)
    fields = FIELDS | rules.own_fields(known.attributes)
    if draft.conditions:
        message = "A policy asks about the conversation, the contact or the call, not about one event."
        errors += _conditions(draft.conditions, "if", fields, lambda one: not is_of_an_event(one), message)
    if draft.ticket_conditions:
        message = "Of a ticket a policy asks about its type, its title, its team, its people and its form."
        errors += _conditions(draft.ticket_conditions, "ticket_if", fields, is_of_a_ticket, message)
    if draft.calendar_id is not None and draft.calendar_id not in calendars:
        errors.append(FieldError("calendar_id", f'There is no calendar "{draft.calendar_id}".'))
    errors += _goals(draft)
    _refuse("invalid_policy", "policy", errors)
    return tuple({one.name: one for one in (*asked, *of_ticket)}.values())


def _asked(draft: RuleDraft, known: Known, place: str, errors: list[FieldError]) -> tuple[RuleField, ...]:
    """The desk's own attributes that the conditions at `place` ask about; what is wrong goes into `errors`, once."""
    try:
        return rules.check(draft, known)
    except Invalid as error:
        found = [FieldError(re.sub(r"^if\b", place, one.path), one.message) for one in error.fields]
        errors += [one for one in found if one not in errors]
        return ()


def _goals(draft: PolicyDraft) -> Iterator[FieldError]:
    if not draft.for_conversations and draft.resolution_s is None:
        yield FieldError("first_response_s", "Give the policy at least one target.")
    elif draft.conditions and not draft.for_conversations:
        yield FieldError("if", "These conditions are on conversations: give a target for them, or remove these.")
    elif draft.ticket_conditions and draft.resolution_s is None:
        yield FieldError("ticket_if", "Say how long a ticket may take to be resolved, or remove these conditions.")


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


def as_ticket_rule(draft: PolicyDraft) -> RuleDraft:
    """The same for its conditions on tickets."""
    return as_rule(draft).model_copy(update={"conditions": draft.ticket_conditions})


def _conditions(
    group: Group, place: str, known: Mapping[str, Field], may_ask: Callable[[str], bool], message: str
) -> Iterator[FieldError]:
    for word in ("all", "any", "none"):
        for n, node in enumerate(getattr(group, word) or ()):
            inside = f"{place}.{word}[{n}]"
            if isinstance(node, Group):
                yield from _conditions(node, inside, known, may_ask, message)
            elif not may_ask(node.field):
                yield FieldError(f"{inside}.field", message)
            elif (field := known.get(node.field)) and _compares_with_an_event(field, node):
                words = "A policy is not asked at one event: it can't compare with what was before or with its time."
                yield FieldError(f"{inside}.operator", words)


def _compares_with_an_event(field: Field, condition: Condition) -> bool:
    operator = OPERATORS[field.type].get(condition.operator)
    return operator is not None and asks_an_event(operator)


def _refuse(code: str, noun: str, errors: Sequence[FieldError]) -> None:
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        sentence = f"The {noun} can't be saved: {errors[0].path}: {errors[0].message}{more}"
        raise Invalid(code, sentence, tuple(errors))
