"""What keeps somebody who is online from taking a conversation, and how that is said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.routing.assignment.languages import name_of_language, speaks
from services.routing.assignment.people import Candidate, Need

_CALLED = {"email": "emails", "chat": "chats", "phone": "calls", "custom": "messages of custom channels"}


class Says(Protocol):
    """A sentence's part about those whom a requirement keeps out."""

    def __call__(self, need: Need, many: bool) -> str: ...


@dataclass(frozen=True, slots=True)
class Requirement:
    """`met`: whether somebody can take it as far as this goes. `lack`: "lack the skill refunds", of several or of one.
    `nobody`: what nobody does, as "speaks German". `asked`: a rule asked for it, so it is said of who is chosen too."""

    met: Callable[[Candidate, Need], bool]
    lack: Says
    nobody: Callable[[Need], str]
    asked: bool = True


def called(channel: str) -> str:
    """A channel's conversations, as a sentence has them."""
    return _CALLED.get(channel, channel)


def _folded(skills: Sequence[str]) -> set[str]:
    return {one.casefold() for one in skills}


def _skills(need: Need) -> str:
    return f"the skill{'s' if len(need.skills) > 1 else ''} {' and '.join(need.skills)}"


REQUIREMENTS: tuple[Requirement, ...] = (
    Requirement(
        met=lambda one, need: not need.refused or one.known_as not in need.refused,
        lack=lambda _need, many: f"{'were' if many else 'was'} not accepted for it",
        nobody=lambda _: "is accepted for it",
        asked=False,
    ),
    Requirement(
        met=lambda one, need: one.serves(need.brand_id),
        lack=lambda _, many: f"work{'' if many else 's'} on other brands",
        nobody=lambda _: "works on this brand",
        asked=False,
    ),
    Requirement(
        met=lambda one, need: not need.skills or _folded(need.skills) <= _folded(one.skills),
        lack=lambda need, many: f"lack{'' if many else 's'} {_skills(need)}",
        nobody=lambda need: f"has {_skills(need)}",
    ),
    Requirement(
        met=lambda one, need: not need.language or speaks(one.languages, need.language),
        lack=lambda need, many: f"{'do' if many else 'does'} not speak {name_of_language(need.language)}",
        nobody=lambda need: f"speaks {name_of_language(need.language)}",
    ),
    Requirement(
        met=lambda one, need: one.capacity == 0 or one.places(need.channel) > 0,
        lack=lambda need, many: f"take{'' if many else 's'} no {called(need.channel)}",
        nobody=lambda need: f"takes {called(need.channel)}",
        asked=False,
    ),
)
"""In the order in which they are looked at; who fails several is named with the first."""


def keeps_from(one: Candidate, need: Need) -> Requirement | None:
    """What keeps them from it; None when they suit. Being online and having room are asked besides."""
    return next((each for each in REQUIREMENTS if not each.met(one, need)), None)


def suits(one: Candidate, need: Need) -> bool:
    """Whether they may take it, once they have room."""
    return one.online and one.agent_id != need.not_by and keeps_from(one, need) is None
