"""What is done to an artifact over HTTP, the same for every kind.

Every act names the version that its author saw in If-Match, is done once per Idempotency-Key, and answers the artifact
as it stands after it.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import Field

from shared.contracts.base import Id, Time
from shared.contracts.governance import Rollout
from shared.directory import Directory
from shared.governance import model
from shared.governance.desk import Kind, unknown
from shared.governance.requests import CurrentAsked
from shared.governance.written import Act
from shared.http import Body

Text = Annotated[str, Field(max_length=2000)]


class Reason(Body):
    rationale: Text = ""


class Comment(Body):
    comment: Text = ""


class PublishBody(Reason):
    """`at`: then instead of now. `rollout` null: for everybody."""

    at: Time | None = None
    rollout: Rollout | None = None


class RollBackBody(Reason):
    """`version` was in force once."""

    version: Annotated[int, Field(ge=1, le=2**31)]


class OwnerBody(Body):
    agent_id: Id


def add_review(router: APIRouter, kind: Kind[Any, Any, Any], id_name: str) -> None:
    """A draft's way to being approved."""
    one = f"/{{{id_name}}}"

    @router.post(f"{one}/submit", response_model=kind.view)
    async def submit(body: Reason, asked: CurrentAsked, artifact_id: str = Path(alias=id_name)) -> Any:
        """A draft is to be reviewed."""
        held = await kind.to_write(asked.viewer, artifact_id)
        why = body.rationale
        return await kind.act(asked, held, "submitted", lambda one, _: model.submit(one, why), why)

    @router.post(f"{one}/withdraw", response_model=kind.view)
    async def withdraw(asked: CurrentAsked, artifact_id: str = Path(alias=id_name)) -> Any:
        """Out of the review, or off the schedule: a draft again."""
        held = await kind.to_write(asked.viewer, artifact_id)
        return await kind.act(asked, held, "withdrawn", lambda one, _: model.withdraw(one))

    @router.post(f"{one}/approve", response_model=kind.view)
    async def approve(body: Comment, asked: CurrentAsked, artifact_id: str = Path(alias=id_name)) -> Any:
        """Of this version alone. Nobody approves what they wrote, or a part of it."""
        held = await kind.to_review(asked.viewer, artifact_id)
        by, now, said = asked.viewer.agent_id, kind.clock(), body.comment
        return await kind.act(
            asked, held, "approved", lambda one, terms: model.approve(one, terms, by=by, now=now, comment=said), said
        )

    @router.post(f"{one}/reject", response_model=kind.view)
    async def reject(body: Comment, asked: CurrentAsked, artifact_id: str = Path(alias=id_name)) -> Any:
        """A draft again; the comment says what is to be changed."""
        held = await kind.to_review(asked.viewer, artifact_id)
        return await kind.act(asked, held, "rejected", lambda one, _: model.reject(one), body.comment)

    @router.post(f"{one}/owner", response_model=kind.view)
    async def hand_over(body: OwnerBody, asked: CurrentAsked, artifact_id: str = Path(alias=id_name)) -> Any:
        """Somebody else answers for it from now on."""
        held = await kind.to_write(asked.viewer, artifact_id)
        agent = kind.directory.agents.get(body.agent_id)
        if agent is None or not agent.active:
            raise unknown("body.agent_id", body.agent_id, "agent")
        return await kind.act(
            asked, held, "handed_over", lambda one, _: model.hand_over(one, body.agent_id), agent.name
        )


def add_publishing(router: APIRouter, kind: Kind[Any, Any, Any], id_name: str) -> None:
    """What is in force, and for whom."""
    one = f"/{{{id_name}}}"

    @router.post(f"{one}/publish", response_model=kind.view)
    async def publish(body: PublishBody, asked: CurrentAsked, artifact_id: str = Path(alias=id_name)) -> Any:
        """The latest version is in force from now on, or from `at`; for everybody, or for whom `rollout` names."""
        held = await kind.to_publish(asked.viewer, artifact_id)
        _check(body.rollout, kind.directory, "body.rollout.")
        by, now, why = asked.viewer.agent_id, kind.clock(), body.rationale

        def step(one: model.Artifact, terms: model.Terms) -> model.Artifact:
            return model.publish(one, terms, by=by, now=now, rationale=why, at=body.at, rollout=body.rollout)

        return await kind.act(asked, held, "published", step, why)

    @router.post(f"{one}/rollout", response_model=kind.view)
    async def roll_out(body: Rollout, asked: CurrentAsked, artifact_id: str = Path(alias=id_name)) -> Any:
        """To more, fewer or other conversations; 100 without teams and brands: to everybody."""
        held = await kind.to_publish(asked.viewer, artifact_id)
        _check(body, kind.directory, "body.")
        return await kind.act(asked, held, "rolled_out", lambda one, _: model.roll_out(one, body), _words(body))

    @router.post(f"{one}/retire", response_model=kind.view)
    async def retire(body: Reason, asked: CurrentAsked, artifact_id: str = Path(alias=id_name)) -> Any:
        """Out of force for everybody. Nothing is deleted: a new version, or an old one, brings it back. Who may write
        retires what is not in force."""
        held = await kind.to_retire(asked.viewer, artifact_id)
        why = body.rationale
        return await kind.act(asked, held, "retired", lambda one, _: model.retire(one, why), why)

    @router.post(f"{one}/rollback", response_model=kind.view)
    async def roll_back(body: RollBackBody, asked: CurrentAsked, artifact_id: str = Path(alias=id_name)) -> Any:
        """What was in force once is in force again for everybody, as a new version."""
        held = await kind.to_publish(asked.viewer, artifact_id)
        kind.rights.to_publish(asked.viewer, [await kind.governed.version(artifact_id, body.version)])
        act = Act("rolled_back", asked.viewer.agent_id, kind.clock(), body.rationale)
        done = await kind.governed.roll_back(
            held.artifact.id, body.version, act, version=asked.version, command_id=asked.command_id
        )
        return await kind.answer(done, asked.response)


def _check(rollout: Rollout | None, directory: Directory, place: str) -> None:
    """Raises Invalid for a team or brand that there is not."""
    for n, team_id in enumerate(rollout.team_ids if rollout else ()):
        if team_id not in directory.teams:
            raise unknown(f"{place}team_ids.{n}", team_id, "team")
    for n, brand_id in enumerate(rollout.brand_ids if rollout else ()):
        if brand_id not in directory.brands:
            raise unknown(f"{place}brand_ids.{n}", brand_id, "brand")


def _words(rollout: Rollout) -> str:
    """As the history tells it: "20 %, 1 team"."""
    limits = ((len(rollout.team_ids), "team"), (len(rollout.brand_ids), "brand"))
    return ", ".join([f"{rollout.percentage} %", *(f"{n} {word}{'s' * (n > 1)}" for n, word in limits if n)])
