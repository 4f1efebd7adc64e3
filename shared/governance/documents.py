"""How governed artifacts lie in MongoDB, and what they are when read. Shapes only.

For a noun "rule" with the plural "rules": `rules` (where each stands), `rule_versions` (what each version says, for
ever), `rule_history` (what happened), `rulesets` (revisions: what was in force, in order), and one row of `governance`
(what the kind asks for).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel

from shared.contracts.base import Time, Value
from shared.contracts.governance import ActName, Rollout
from shared.governance.model import IN_HAND, Approval, Artifact, Kept, KeptForBrands, State, Terms
from shared.mongo import Document

D = TypeVar("D", bound=BaseModel)
"""What a person writes."""
K = TypeVar("K", bound=Kept)
"""It as it is kept: a model with all of D's fields besides."""


@dataclass(frozen=True, slots=True)
class Noun(Generic[D, K]):
    """`name` in ids and collections ("rule"), `plural` ("rules"), `words` in sentences ("rule"), `most` of them."""

    name: str
    plural: str
    words: str
    draft: type[D]
    kept: type[K]
    most: int


@dataclass(frozen=True, slots=True)
class Held(Generic[K]):
    """One as it stands: the latest version, and its way."""

    kept: K
    artifact: Artifact


class Ending(Value):
    """What a version came to: its approvals, why, and when it came into force."""

    approvals: tuple[Approval, ...] = ()
    rationale: str = ""
    published_at: Time | None = None


@dataclass(frozen=True, slots=True)
class Past(Generic[K]):
    """One version with what it came to."""

    kept: K
    ending: Ending


class Happened(Value):
    """A line of an artifact's history. `by`: an agent's id, empty for the desk itself."""

    at: Time
    by: str
    act: ActName
    version: int
    text: str = ""


class Standing(Value):
    """An artifact's way as people see it, at one version. `state` "replaced": that version was in force once. `before`:
    the version in force for whom the rollout leaves out. `authors` may not approve."""

    state: State | Literal["replaced"]
    owner_id: str
    authors: tuple[str, ...]
    published: int | None
    before: int | None
    rollout: Rollout | None
    publish_at: Time | None
    approvals: tuple[Approval, ...]
    approvals_needed: int
    rationale: str


class Shown(KeptForBrands):
    """An artifact as it is answered: a kept model with its standing."""

    standing: Standing


def standing(artifact: Artifact, terms: Terms) -> Standing:
    """Of the latest version."""
    return Standing(
        state=artifact.state,
        owner_id=artifact.owner_id,
        authors=artifact.authors,
        published=artifact.published,
        before=artifact.before,
        rollout=artifact.rollout,
        publish_at=artifact.schedule.at if artifact.schedule else None,
        approvals=artifact.approvals,
        approvals_needed=terms.approvals,
        rationale=artifact.rationale,
    )


def past_standing(artifact: Artifact, past: Past[K], terms: Terms) -> Standing:
    """Of any version."""
    now = standing(artifact, terms)
    version = past.kept.version
    if version == artifact.version and artifact.state in (*IN_HAND, "retired"):
        return now
    state: State | Literal["replaced"] = "draft"
    if version in artifact.in_force:
        state = "published"
    elif past.ending.published_at is not None:
        state = "replaced"
    ending = {"approvals": past.ending.approvals, "rationale": past.ending.rationale, "publish_at": None}
    return now.model_copy(update={"state": state, **ending})


def version_name(id_: str, version: int) -> str:
    """The `_id` of a version's document."""
    return f"{id_}:{version}"


def row_of(artifact: Artifact, order: int) -> Document:
    """`due_at`: when its schedule is to be looked at (`shared.timers`); a claim of the row ends as it is written."""
    row = artifact.model_dump()
    row["_id"] = row.pop("id")
    return {**row, "order": order, "due_at": artifact.schedule.at if artifact.schedule else None}


def artifact_of(row: Document) -> Artifact:
    fields = {name: value for name, value in row.items() if name in Artifact.model_fields}
    return Artifact.model_validate({**fields, "id": row["_id"]})


def member_of(artifact: Artifact, last: Document | None, now: datetime) -> Document:
    """In a revision; `last` is how it stood in the one before, since when it may be so."""
    rollout = artifact.rollout.model_dump(mode="json") if artifact.rollout else None
    member = {"id": artifact.id, "version": artifact.published, "before": artifact.before, "rollout": rollout}
    as_before = last is not None and member == {name: last[name] for name in member}
    return {**member, "since": last.get("since") if last and as_before else now}
