"""What is wrong with how a rule assigns, and with whom it lets follow; asked when the rule is saved."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from services.routing.rules.durations import read_duration
from services.routing.rules.schema import Assign, AssignTo, Follow, RuleAction, RuleDraft, TakeFrom
from shared.errors import FieldError


class Knows(Protocol):
    """Of what the directory knows, what is asked here. `skills`: by team, those that somebody of it has."""

    @property
    def teams(self) -> Collection[str]: ...
    @property
    def agents(self) -> Collection[str]: ...
    @property
    def skills(self) -> Mapping[str, Collection[str]]: ...


def check_assign(draft: RuleDraft, known: Knows) -> Iterator[FieldError]:
    """All that is wrong, with its place."""
    for n, action in enumerate(draft.then):
        if isinstance(action, Assign):
            yield from _assign(action, f"then[{n}]", known)
        elif isinstance(action, AssignTo) and action.agent_id not in known.agents:
            yield FieldError(f"then[{n}].agent_id", f'There is no agent "{action.agent_id}".')
        elif isinstance(action, TakeFrom) and any(_seeks(one, action) for one in draft.then[n + 1 :]):
            words = "What the rule assigns after this wins: nothing would be taken. Assign the team alone here, and let"
            yield FieldError(f"then[{n}].what", f'{words} another rule, for "Assigned", find somebody.')
        elif isinstance(action, Follow):
            for at, agent_id in enumerate(action.agent_ids):
                if agent_id not in known.agents:
                    yield FieldError(f"then[{n}].agent_ids[{at}]", f'There is no agent "{agent_id}".')


def _seeks(action: RuleAction, before: TakeFrom) -> bool:
    """Whether it looks for an agent and leaves nothing of what is taken before it: who is named gets it from whoever
    has it, and a team is another's place. A team can be asked for somebody else than its agent."""
    if isinstance(action, Assign):
        return action.strategy != "none" and before.what == "team"
    return isinstance(action, AssignTo)


def _assign(action: Assign, place: str, known: Knows) -> Iterator[FieldError]:
    if action.team_id not in known.teams:
        yield FieldError(f"{place}.team_id", f'There is no team "{action.team_id}".')
        return
    if action.strategy == "none":
        for name in ("skills", "speaks", "sticky", "overflow", "answer_within"):
            if getattr(action, name):
                yield FieldError(f"{place}.{name}", "This goes by who of the team gets it; here the team alone does.")
        return
    yield from _length(action.answer_within, f"{place}.answer_within")
    able = {one.casefold() for one in known.skills.get(action.team_id, ())}
    if action.overflow is not None:
        other = action.overflow.team_id
        yield from _length(action.overflow.after, f"{place}.overflow.after")
        if other not in known.teams:
            yield FieldError(f"{place}.overflow.team_id", f'There is no team "{other}".')
        elif other == action.team_id:
            yield FieldError(f"{place}.overflow.team_id", "It waits for this team already: name another one.")
        able |= {one.casefold() for one in known.skills.get(other, ())}
    for n, skill in enumerate(action.skills):
        if skill.casefold() not in able:
            yield FieldError(f"{place}.skills[{n}]", f'Nobody whom it can go to has the skill "{skill}".')


def _length(written: str | None, place: str) -> Iterator[FieldError]:
    if written is None:
        return
    try:
        read_duration(written)
    except ValueError as error:
        yield FieldError(place, str(error))
