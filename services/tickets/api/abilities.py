"""The languages and skills of agents and of teams, as people write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
"""A tag of BCP 47: `de`, `pt-BR`."""
Languages = Annotated[tuple[Language, ...], Field(max_length=50)]
Skill = Annotated[str, Field(min_length=1, max_length=50)]
Skills = Annotated[tuple[Skill, ...], Field(max_length=50)]


def tidy_languages(languages: Iterable[str]) -> tuple[str, ...]:
    """Each once."""
    return tuple(dict.fromkeys(languages))


def tidy_skills(skills: Iterable[str]) -> tuple[str, ...]:
    """Each once, as it was written first, however it is capitalised; without needless spaces."""
    found: dict[str, str] = {}
    for skill in skills:
        if one := re.sub(r"\s+", " ", skill).strip():
            found.setdefault(one.casefold(), one)
    return tuple(found.values())
