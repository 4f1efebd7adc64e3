"""Governance over HTTP, the same for every kind of artifact: what it asks for, what was and what happened, and `acts`.

How one is written, listed and read is the kind's own, as its fields are.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from shared.access import CurrentViewer
from shared.contracts.base import Id
from shared.errors import NotFound
from shared.governance import acts
from shared.governance.desk import Kind, unknown
from shared.governance.diff import Difference, diff
from shared.governance.documents import Happened
from shared.governance.model import Terms
from shared.governance.rights import sees
from shared.governance.written import content
from shared.http import Body


class TermsBody(Body):
    """`approvals`: how many are needed. `approver_role_ids`: whose roles may give one, besides who may publish."""

    approvals: Annotated[int, Field(ge=0, le=5)]
    approver_role_ids: Annotated[tuple[Id, ...], Field(max_length=50)] = ()


class DifferenceList(BaseModel):
    items: list[Difference]


class History(BaseModel):
    items: list[Happened]


def governed(router: APIRouter, kind: Kind[Any, Any, Any], *, id_name: str) -> None:
    """Add the routes to a router with the kind's prefix. `id_name` in paths: "rule_id". To be added before the kind's
    own routes with an id, as "governance" is none."""
    _add_terms(router, kind)
    _add_past(router, kind, id_name)
    acts.add_review(router, kind, id_name)
    acts.add_publishing(router, kind, id_name)


def _add_terms(router: APIRouter, kind: Kind[Any, Any, Any]) -> None:
    @router.get("/governance")
    async def get_terms(viewer: CurrentViewer) -> Terms:
        """How many approvals are needed, and who may give one besides those who may publish."""
        viewer.need(kind.rights.read)
        return await kind.governed.terms()

    @router.put("/governance")
    async def put_terms(body: TermsBody, viewer: CurrentViewer) -> Terms:
        """From now on; what is in force stays so."""
        viewer.need_everywhere("directory.manage")
        terms = Terms(approvals=body.approvals, approver_role_ids=body.approver_role_ids)
        for n, role_id in enumerate(terms.approver_role_ids):
            if role_id not in kind.directory.roles:
                raise unknown(f"body.approver_role_ids.{n}", role_id, "role")
        return await kind.governed.set_terms(terms, by=viewer.agent_id, now=kind.clock())


def _add_past(router: APIRouter, kind: Kind[Any, Any, Any], id_name: str) -> None:
    one = f"/{{{id_name}}}"

    @router.get(f"{one}/versions", response_model=kind.listed)
    async def list_versions(viewer: CurrentViewer, artifact_id: str = Path(alias=id_name)) -> Any:
        """Every version that ever was, newest first, each with what became of it."""
        held, terms = await kind.seen(viewer, artifact_id), await kind.governed.terms()
        past = await kind.governed.past(artifact_id)
        return kind.listed(items=[kind.shown_past(held, one, terms) for one in past if sees(viewer, one.kept)])

    @router.get(f"{one}/diff")
    async def get_diff(
        viewer: CurrentViewer,
        artifact_id: str = Path(alias=id_name),
        before: Annotated[int | None, Query(alias="from", ge=1, le=2**31)] = None,
        after: Annotated[int | None, Query(alias="to", ge=1, le=2**31)] = None,
    ) -> DifferenceList:
        """What is different in the version `to` (the latest) from the version `from` (the one in force)."""
        held = await kind.seen(viewer, artifact_id)
        before = before or held.artifact.published
        versions = [(artifact_id, one) for one in (before, after or held.artifact.version) if one]
        found = await kind.governed.kept(versions)
        if any(one not in found or not sees(viewer, found[one]) for one in versions):
            raise NotFound(kind.governed.noun.name, f"There is no such version of this {kind.rights.words}.")
        said = [content(kind.governed.noun, found[one]) for one in versions]
        return DifferenceList(items=list(diff(said[0] if before else {}, said[-1])))

    @router.get(f"{one}/history")
    async def get_history(viewer: CurrentViewer, artifact_id: str = Path(alias=id_name)) -> History:
        """What happened, newest first; the last two hundred."""
        await kind.seen(viewer, artifact_id)
        return History(items=await kind.governed.history(artifact_id))
