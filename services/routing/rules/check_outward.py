"""What is wrong with a rule's actions that reach beyond the conversation; asked when the rule is saved."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from services.routing.rules.fields import FIELDS
from services.routing.rules.outward import AnswerWith, Call, Emit, Fill, MakeTicket, Notify
from services.routing.rules.schema import RuleDraft
from shared.contracts.deliveries import EndpointChanged
from shared.contracts.directory import MacroChanged, TicketTypeChanged
from shared.errors import FieldError


class Knows(Protocol):
    """Of what is known, what is asked here."""

    @property
    def brands(self) -> Collection[str]: ...
    @property
    def teams(self) -> Collection[str]: ...
    @property
    def agents(self) -> Collection[str]: ...
    @property
    def macros(self) -> Mapping[str, MacroChanged]: ...
    @property
    def ticket_types(self) -> Mapping[str, TicketTypeChanged]: ...
    @property
    def webhooks(self) -> Mapping[str, EndpointChanged]: ...


def check_outward(draft: RuleDraft, known: Knows, own: Collection[str]) -> Iterator[FieldError]:
    """All that is wrong, with its place. `own` are the names of the desk's own attributes."""
    for n, action in enumerate(draft.then):
        place = f"then[{n}]"
        match action:
            case Notify():
                yield from _notify(action, place, known)
            case AnswerWith():
                yield from _macro(action, place, draft, known)
            case MakeTicket():
                yield from _ticket(action, place, known, own)
            case Emit():
                yield from _fills(action.attributes, f"{place}.attributes", own)
            case Call():
                yield from _webhook(action, place, draft, known)
                yield from _fills(action.attributes, f"{place}.attributes", own)


def named(draft: RuleDraft) -> set[str]:
    """The fields that values are taken from."""
    fills = [one for action in draft.then for one in _of(action)]
    return {one.field for one in fills if one.field is not None}


def _of(action: object) -> Sequence[Fill]:
    if isinstance(action, MakeTicket):
        return action.fields
    return action.attributes if isinstance(action, Emit | Call) else ()


def _notify(action: Notify, place: str, known: Knows) -> Iterator[FieldError]:
    if not (action.to or action.agent_ids or action.team_ids):
        yield FieldError(f"{place}.to", "Say who is told.")
    for n, agent_id in enumerate(action.agent_ids):
        if agent_id not in known.agents:
            yield FieldError(f"{place}.agent_ids[{n}]", f'There is no agent "{agent_id}".')
    for n, team_id in enumerate(action.team_ids):
        if team_id not in known.teams:
            yield FieldError(f"{place}.team_ids[{n}]", f'There is no team "{team_id}".')


def _macro(action: AnswerWith, place: str, draft: RuleDraft, known: Knows) -> Iterator[FieldError]:
    macro = known.macros.get(action.macro_id)
    place = f"{place}.macro_id"
    if macro is None or not macro.active:
        yield FieldError(place, f'There is no macro "{action.macro_id}".')
    elif macro.personal:
        yield FieldError(place, f'"{macro.name}" is somebody\'s own. Choose a macro that everybody uses.')
    elif not macro.html.strip():
        yield FieldError(place, f'"{macro.name}" has no text to send.')
    elif macro.brand_ids and set(macro.brand_ids).isdisjoint(draft.brand_ids or known.brands):
        yield FieldError(place, f'"{macro.name}" is for none of the brands of this rule.')


def _ticket(action: MakeTicket, place: str, known: Knows, own: Collection[str]) -> Iterator[FieldError]:
    type_ = known.ticket_types.get(action.type_id)
    if type_ is None or not type_.active or type_.kind != "back_office":
        yield FieldError(f"{place}.type_id", f'There is no ticket type "{action.type_id}".')
        return
    yield from _fills(action.fields, f"{place}.fields", own)
    labels = {one.id: one.label for one in type_.fields}
    given = {one.id for one in action.fields}
    for n, one in enumerate(action.fields):
        if one.id not in labels:
            yield FieldError(f"{place}.fields[{n}].id", f'{type_.name} tickets have no field "{one.id}".')
    for one_ in type_.fields:
        if one_.needed == "to_submit" and one_.id not in given:
            yield FieldError(f"{place}.fields", f"{type_.name} tickets need {one_.label}.")


def _webhook(action: Call, place: str, draft: RuleDraft, known: Knows) -> Iterator[FieldError]:
    """One that is switched off may be named: it may be on again before the rule is asked. What it is called is not
    said: one of other brands is not shown to everybody who writes rules."""
    endpoint = known.webhooks.get(action.endpoint_id)
    place = f"{place}.endpoint_id"
    if endpoint is None:
        yield FieldError(place, f'There is no webhook "{action.endpoint_id}".')
    elif endpoint.brand_ids and set(endpoint.brand_ids).isdisjoint(draft.brand_ids or known.brands):
        yield FieldError(place, "This webhook is for none of the brands of this rule.")


def _fills(fills: Sequence[Fill], place: str, own: Collection[str]) -> Iterator[FieldError]:
    seen: set[str] = set()
    for n, one in enumerate(fills):
        here = f"{place}[{n}]"
        if one.id in seen:
            yield FieldError(f"{here}.id", f'"{one.id}" is named twice.')
        seen.add(one.id)
        if (one.value is None) is (one.field is None):
            yield FieldError(here, "Give a value, or the field that it is taken from.")
        elif one.field is not None and one.field not in FIELDS and one.field not in own:
            yield FieldError(f"{here}.field", f'There is no field "{one.field}".')
