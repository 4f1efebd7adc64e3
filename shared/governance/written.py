"""What a person wrote of an artifact, and an act as others are told of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from shared.contracts.audit import FieldChange
from shared.contracts.common import Actor
from shared.contracts.governance import ActName, ArtifactChanged
from shared.governance.documents import D, K, Noun
from shared.governance.model import Artifact, Terms
from shared.ids import derived

TERMS = "governance"
"""The id under which changes of what a kind asks for are told."""


@dataclass(frozen=True, slots=True)
class Act:
    """What was done, by whom (an agent's id, empty for the desk itself), when and why."""

    name: ActName
    by: str
    at: datetime
    text: str = ""


def content(noun: Noun[D, K], kept: BaseModel) -> dict[str, Any]:
    """What a person wrote of a version, as JSON."""
    written = {name: getattr(kept, name) for name in noun.draft.model_fields}
    return noun.draft(**written).model_dump(mode="json", by_alias=True)


def event_of(noun: Noun[D, K], act: Act, artifact: Artifact, kept: K, before: K | None) -> ArtifactChanged:
    """`before`: the latest version until then; a saved one is told with what it changes."""
    saved = act.name in ("saved", "rolled_back")
    was = content(noun, before) if saved and before else {}
    said = content(noun, kept) if saved else {}
    return ArtifactChanged(
        act_id=derived("act", noun.name, artifact.id, str(artifact.seq)),
        kind=noun.name,
        artifact_id=artifact.id,
        name=str(getattr(kept, "name", artifact.id)),
        seq=artifact.seq,
        at=act.at,
        by=_actor(act.by),
        act=act.name,
        version=artifact.version,
        text=act.text,
        changes=_changes(was, said),
    )


def terms_event(noun: Noun[D, K], seq: int, before: Terms, after: Terms, act: Act) -> ArtifactChanged:
    return ArtifactChanged(
        act_id=derived("act", noun.name, TERMS, str(seq)),
        kind=noun.name,
        artifact_id=TERMS,
        name="Approvals",
        seq=seq,
        at=act.at,
        by=_actor(act.by),
        act=act.name,
        version=seq,
        changes=_changes(before.model_dump(mode="json"), after.model_dump(mode="json")),
    )


def _changes(was: dict[str, Any], said: dict[str, Any]) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(field=name, before=was.get(name), after=value)
        for name, value in said.items()
        if was.get(name) != value
    )


def _actor(by: str) -> Actor:
    return Actor(kind="agent", id=by) if by else Actor(kind="system")
