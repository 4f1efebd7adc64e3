"""An artifact's way from draft to retired: its states, and what may be done to it, by whom. Pure.

    draft ──submit──► in_review ──approve──► approved ──publish──► published ──retire──► retired
      ▲                   │ withdraw, reject     │ withdraw, reject     │ roll back: an old version again
      └───────────────────┴──────────────────────┴── a new save ◄───────┘

The state is that of the latest version; another one may be in force meanwhile. Publishing asks for as many approvals as
the kind needs, by people who wrote nothing of what is new; with a time it is scheduled until then.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.base import Id, Time, Value
from shared.contracts.governance import Rollout
from shared.errors import Conflict, Forbidden

State = Literal["draft", "in_review", "approved", "scheduled", "published", "retired"]

IN_HAND: tuple[State, ...] = ("draft", "in_review", "approved", "scheduled")
"""The latest version is not in force yet."""


class Kept(Value):
    """What is kept with all its versions has: `version` counts its saves from 1; every version is kept for ever.

    `order` is its place among the others from 0 and no part of a version: moving it does not change it. `saved_by` is
    an agent's id, empty for the demo.
    """

    id: Id
    version: int = Field(ge=1)
    order: int = 0
    saved_at: Time
    saved_by: str = ""


class KeptForBrands(Kept):
    """It concerns some brands, or every one when it names none."""

    brand_ids: tuple[Id, ...] = ()


class Approval(Value):
    by: Id
    at: Time
    comment: str = ""


class Schedule(Value):
    """To be published at that time, as `by` asked."""

    at: Time
    by: str
    rollout: Rollout | None = None


class Terms(Value):
    """What a kind of artifact asks for before one is in force. `approver_role_ids`: who may approve, besides those who
    may publish."""

    approvals: Annotated[int, Field(ge=0, le=5)] = 0
    approver_role_ids: Annotated[tuple[Id, ...], Field(max_length=50)] = ()


class Artifact(Value):
    """Where one stands. `version` is its latest, `seq` counts what happened to it. `authors` saved a version since the
    last one that came into force. `published` is the version in force, None: none is; while it is rolled out, `before`
    is the one of all others, None: they have none. `rationale`: why, as the last one said who submitted or published.
    """

    id: Id
    seq: int = 1
    version: int = 1
    state: State = "draft"
    owner_id: str
    authors: tuple[str, ...]
    published: int | None = None
    before: int | None = None
    rollout: Rollout | None = None
    schedule: Schedule | None = None
    approvals: tuple[Approval, ...] = ()
    rationale: str = ""

    @property
    def in_force(self) -> tuple[int, ...]:
        """The version in force, and the one before it while not everybody has the new one."""
        return tuple(one for one in (self.published, self.before) if one is not None)


def made(id_: str, by: str) -> Artifact:
    return Artifact(id=id_, owner_id=by, authors=(by,))


def save(artifact: Artifact, by: str) -> Artifact:
    """The next version, a draft; approvals and a schedule were for the one before."""
    authors = tuple(dict.fromkeys((*artifact.authors, by)))
    return _to(artifact, "draft", version=artifact.version + 1, authors=authors, approvals=(), schedule=None)


def submit(artifact: Artifact, rationale: str) -> Artifact:
    _only(artifact, ("draft",), "Only a draft can be submitted.")
    return _to(artifact, "in_review", rationale=rationale, approvals=())


def withdraw(artifact: Artifact) -> Artifact:
    """Back to a draft, out of the review or off the schedule."""
    _only(artifact, ("in_review", "approved", "scheduled"), "Nothing is to be withdrawn: it is in no review.")
    return _to(artifact, "draft", approvals=(), schedule=None)


def approve(artifact: Artifact, terms: Terms, *, by: str, now: datetime, comment: str = "") -> Artifact:
    """One approval more; the last one that is needed makes it approved."""
    _only(artifact, ("in_review", "approved"), "Only what is in review can be approved.")
    if by in artifact.authors:
        raise Forbidden("own_work", "You wrote this, or a part of it. Somebody else has to approve it.")
    if any(one.by == by for one in artifact.approvals):
        raise Conflict("approved_already", "You approved this version before.")
    approvals = (*artifact.approvals, Approval(by=by, at=now, comment=comment))
    return _to(artifact, "approved" if len(approvals) >= terms.approvals else "in_review", approvals=approvals)


def reject(artifact: Artifact) -> Artifact:
    _only(artifact, ("in_review", "approved"), "Only what is in review can be rejected.")
    return _to(artifact, "draft", approvals=())


def publish(
    artifact: Artifact,
    terms: Terms,
    *,
    by: str,
    now: datetime,
    rationale: str = "",
    at: datetime | None = None,
    rollout: Rollout | None = None,
) -> Artifact:
    """In force from now on, or from `at`. Those whom the rollout leaves out keep what everybody had last.

    Raises Conflict("needs_approval") while approvals are missing."""
    _only(artifact, IN_HAND, "The latest version is published already, or it was retired: save a new one first.")
    if missing := missing_approvals(artifact, terms):
        raise Conflict("needs_approval", f"{_approvals(missing)} by others first: submit it for review.")
    rationale = rationale or artifact.rationale
    rollout = None if rollout is None or rollout.whole else rollout
    if at is not None and at > now:
        schedule = Schedule(at=at, by=by, rollout=rollout)
        return _to(artifact, "scheduled", schedule=schedule, rationale=rationale)
    everybodys = artifact.before if artifact.rollout else artifact.published
    return _to(
        artifact,
        "published",
        published=artifact.version,
        before=everybodys if rollout else None,
        rollout=rollout,
        schedule=None,
        authors=(),
        rationale=rationale,
    )


def come_due(artifact: Artifact, terms: Terms, now: datetime) -> Artifact | None:
    """Its time came: in force, or in review again when more approvals are needed than when it was scheduled. None: it
    was done before, or is not to be done yet."""
    schedule = artifact.schedule
    if artifact.state != "scheduled" or schedule is None or schedule.at > now:
        return None
    if missing_approvals(artifact, terms):
        return _to(artifact, "in_review", schedule=None)
    return publish(artifact, terms, by=schedule.by, now=now, rollout=schedule.rollout)


def roll_out(artifact: Artifact, rollout: Rollout) -> Artifact:
    """To more, fewer or other conversations; to all of them when it is whole."""
    if artifact.rollout is None:
        raise Conflict("not_staged", "Everybody has this version, or nobody. Publish a new one with a rollout instead.")
    if rollout.whole:
        return _step(artifact, before=None, rollout=None)
    return _step(artifact, rollout=rollout)


def roll_back(artifact: Artifact, rationale: str = "") -> Artifact:
    """A version that was in force once is in force again for everybody, as a new one; what it says was approved then.
    A draft in hand is left behind as a version that never was in force."""
    return _to(
        artifact,
        "published",
        version=artifact.version + 1,
        published=artifact.version + 1,
        before=None,
        rollout=None,
        schedule=None,
        approvals=(),
        authors=(),
        rationale=rationale,
    )


def retire(artifact: Artifact, rationale: str = "") -> Artifact:
    """Out of force for everybody; nothing of it is deleted."""
    if artifact.state == "retired":
        raise Conflict("retired_already", "This is retired already.")
    return _to(
        artifact,
        "retired",
        published=None,
        before=None,
        rollout=None,
        schedule=None,
        approvals=(),
        rationale=rationale,
    )


def hand_over(artifact: Artifact, owner_id: str) -> Artifact:
    return _step(artifact, owner_id=owner_id)


def missing_approvals(artifact: Artifact, terms: Terms) -> int:
    return max(0, terms.approvals - len(artifact.approvals))


def _approvals(count: int) -> str:
    return "It needs an approval" if count == 1 else f"It needs {count} more approvals"


def _only(artifact: Artifact, states: tuple[State, ...], sentence: str) -> None:
    if artifact.state not in states:
        raise Conflict("wrong_state", sentence, about={"state": artifact.state})


def _to(artifact: Artifact, state: State, **changes: object) -> Artifact:
    return _step(artifact, state=state, **changes)


def _step(artifact: Artifact, **changes: object) -> Artifact:
    return artifact.model_copy(update={"seq": artifact.seq + 1, **changes})
