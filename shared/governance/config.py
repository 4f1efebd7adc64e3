"""The artifacts of a service as files: what is in force, and what a bundle would make of it. Pure but for `current`.

A bundle names every artifact of a kind that should be in force, in order: what is not in it is to be retired. Artifacts
are the same by their id, in every environment; what they refer to (brands, teams, agents) is named by its id as well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from shared.contracts.base import Id, Value
from shared.errors import FieldError
from shared.governance.diff import Difference, diff
from shared.governance.store import Governed
from shared.governance.written import content

PlanAct = Literal["create", "change", "move", "retire", "same"]


class Entry(Value):
    """One artifact in a bundle; `content` is what a person writes of it."""

    id: Id
    content: dict[str, Any]


Entries = Annotated[tuple[Entry, ...], Field(max_length=2000)]


class Wrong(Value):
    path: str
    message: str


class Step(Value):
    """What would be done to one artifact. `wrong`: why its content can't be saved here. move: its place alone."""

    kind: str
    id: Id
    name: str
    act: PlanAct
    diff: tuple[Difference, ...] = ()
    wrong: tuple[Wrong, ...] = ()


@dataclass(frozen=True, slots=True)
class Now:
    """An artifact as it stands: `version` is its latest, `content` that of the one in force, None: none is."""

    id: str
    version: int
    content: Mapping[str, Any] | None


async def current(governed: Governed[Any, Any, Any]) -> list[Now]:
    """All of a kind in order, the retired ones last."""
    held = await governed.all(retired=True)
    names = [(one.artifact.id, one.artifact.published) for one in held if one.artifact.published]
    kept = await governed.kept(names)
    found = [
        Now(
            one.artifact.id,
            one.artifact.version,
            content(governed.noun, kept[one.artifact.id, one.artifact.published]) if one.artifact.published else None,
        )
        for one in held
    ]
    return sorted(found, key=lambda one: one.content is None)


def exported(now: Sequence[Now]) -> tuple[Entry, ...]:
    """What is in force, in order."""
    return tuple(Entry(id=one.id, content=dict(one.content)) for one in now if one.content is not None)


def plan(
    kind: str, now: Sequence[Now], entries: Sequence[Entry], wrong: Mapping[str, Sequence[FieldError]]
) -> list[Step]:
    """Steps in the bundle's order, those to be retired after them. `wrong`: errors by id."""
    known = {one.id: one for one in now}
    wanted = [one.id for one in entries]
    stays = [one.id for one in now if one.content is not None and one.id in set(wanted)]
    moved = set() if stays == [id_ for id_ in wanted if id_ in set(stays)] else set(stays)
    steps = []
    for entry in entries:
        there = known.get(entry.id)
        before = there.content if there else None
        found = diff(before or {}, entry.content)
        act: PlanAct = "create" if before is None else "change" if found else "move" if entry.id in moved else "same"
        errors = tuple(Wrong(path=one.path, message=one.message) for one in wrong.get(entry.id, ()))
        steps.append(Step(kind=kind, id=entry.id, name=_name(entry.content), act=act, diff=found, wrong=errors))
    gone = [one for one in now if one.content is not None and one.id not in set(wanted)]
    steps += [Step(kind=kind, id=one.id, name=_name(one.content or {}), act="retire") for one in gone]
    return steps


def plan_hash(steps: Sequence[Step], now: Sequence[Now]) -> str:
    """Of what is planned and of what it was planned on: another one when either is different."""
    said = [[one.model_dump(mode="json") for one in steps], [[one.id, one.version] for one in now]]
    return sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def repeated(entries: Sequence[Entry]) -> list[str]:
    """Ids that are there twice."""
    ids = [one.id for one in entries]
    return sorted({id_ for id_ in ids if ids.count(id_) > 1})


def errors_of(error: ValidationError) -> tuple[FieldError, ...]:
    """What is wrong with an entry's shape."""
    return tuple(FieldError(".".join(map(str, one["loc"])), one["msg"]) for one in error.errors()[:20])


def _name(said: Mapping[str, Any]) -> str:
    return str(said.get("name", ""))
