"""`routing.artifacts.v1`: what became of governed artifacts (rules, service level policies), and who did it. Key:
`<kind>:<id>`. Owner: routing. The shapes here are those of every governed artifact, macros among them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.audit import FieldChange
from shared.contracts.base import Event, Id, Time, Value
from shared.contracts.common import Actor

Ids = Annotated[tuple[Id, ...], Field(max_length=200)]

ActName = Literal[
    "saved",
    "submitted",
    "withdrawn",
    "approved",
    "rejected",
    "scheduled",
    "published",
    "not_published",
    "rolled_out",
    "rolled_back",
    "retired",
    "handed_over",
    "terms_changed",
]
"""not_published: its time came, and approvals were missing by then. rolled_out: to more, fewer or other conversations.
handed_over: to another owner. terms_changed: what the kind asks for before one is in force; of no one artifact."""


class Rollout(Value):
    """Who has the new version: so many in a hundred conversations, of these teams and brands (empty: all)."""

    percentage: Annotated[int, Field(ge=1, le=100)] = 100
    team_ids: Ids = ()
    brand_ids: Ids = ()

    @property
    def whole(self) -> bool:
        return self.percentage == 100 and not self.team_ids and not self.brand_ids


class ArtifactChanged(Event):
    """`seq` counts what happened to this artifact, `version` is the one that it happened to, `text` the reason that was
    given. `changes`: fields of a saved version against the one before it."""

    act_id: Id
    kind: str
    artifact_id: Id
    name: str
    seq: int
    at: Time
    by: Actor
    act: ActName
    version: int
    text: str = ""
    changes: tuple[FieldChange, ...] = ()
