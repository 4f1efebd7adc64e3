"""What a rule or policy may name, as the directory knows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.routing.rules.compile import Known
from services.routing.rules.schema import RuleField
from shared.contracts.directory import AttributeChanged, MacroChanged, TeamChanged
from shared.directory import Directory


def known(
    directory: Directory,
    policies: Sequence[str] = (),
    calendars: Sequence[str] = (),
    macros: Mapping[str, MacroChanged] | None = None,
) -> Known:
    """What a rule may name. `macros`: None for those that there are."""
    brands = {brand.brand_id: brand.topics for brand in directory.brands.values()}
    attributes = [_own(one) for one in directory.attributes.values() if one.active]
    return Known(
        brands=brands,
        teams=directory.teams,
        agents=directory.agents,
        policies=policies,
        calendars=calendars,
        attributes=attributes,
        macros=directory.macros if macros is None else macros,
        ticket_types=directory.ticket_types,
        skills={team_id: _skills(directory, team) for team_id, team in directory.teams.items()},
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
