"""What a rule or policy may name: what the directory knows, and what routing itself keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from services.routing.rules.compile import Known
from services.routing.rules.schema import RuleField
from shared.contracts.deliveries import EndpointChanged
from shared.contracts.directory import AttributeChanged, MacroChanged, TeamChanged, TicketTypeChanged
from shared.directory import Directory


def known(
    directory: Directory,
    policies: Sequence[str] = (),
    calendars: Sequence[str] = (),
    webhooks: Mapping[str, EndpointChanged] | None = None,
    macros: Mapping[str, MacroChanged] | None = None,
) -> Known:
    """What a rule may name. `macros`: None for those that there are."""
    brands = {brand.brand_id: brand.topics for brand in directory.brands.values()}
    attributes = [_own(one) for one in directory.attributes.values() if one.active]
    forms = [one for type_ in directory.ticket_types.values() if type_.active for one in _form(type_)]
    return Known(
        brands=brands,
        teams=directory.teams,
        agents=directory.agents,
        policies=policies,
        calendars=calendars,
        attributes=(*attributes, *forms),
        macros=directory.macros if macros is None else macros,
        ticket_types=directory.ticket_types,
        skills={team_id: _skills(directory, team) for team_id, team in directory.teams.items()},
        webhooks=webhooks or {},
    )


def _skills(directory: Directory, team: TeamChanged) -> frozenset[str]:
    """What the team's members can do, by themselves and by any team of theirs."""
    members = directory.members(team.team_id)
    teams = {id_ for one in members for id_ in one.team_ids} & directory.teams.keys()
    skills = [team.skills, *(one.skills for one in members), *(directory.teams[id_].skills for id_ in teams)]
    return frozenset().union(*skills)


def _own(attribute: AttributeChanged) -> RuleField:
    return RuleField(
        id=attribute.attribute_id,
        applies_to=attribute.applies_to,
        label=attribute.label,
        type=attribute.type,
        options=attribute.options,
    )


def _form(type_: TicketTypeChanged) -> Iterator[RuleField]:
    """The fields of a ticket type, named by it: two types may each have an order."""
    for one in type_.fields:
        id_, label = f"{type_.type_id}.{one.id}", f"{type_.name}: {one.label}"
        yield RuleField(id=id_, applies_to="ticket", label=label, type=one.type, options=one.options)
