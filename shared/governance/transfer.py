"""The configuration of a service as one document, over HTTP: taken out, held against what is there, and put in.

What would happen is shown first; what is carried out is that plan and nothing else. Each artifact is one transaction:
what a crash leaves undone is in the next plan.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field, ValidationError

from shared.access import CurrentViewer, Viewer
from shared.clock import Clock
from shared.errors import Conflict, FieldError, Invalid
from shared.governance import config, model, store
from shared.governance.config import Entries, Entry, Now, Step
from shared.governance.rights import Rights
from shared.governance.store import Governed
from shared.governance.written import Act, content
from shared.http import Body
from shared.ids import derived

Offered = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""What a bundle brings, and what comes beside it, by kind and id: it may refer to that."""
Check = Callable[[Any, Offered], Awaitable[Mapping[str, Any]]]
"""What is kept with a draft besides; raises Invalid for one that can't be saved here."""


@dataclass(frozen=True)
class Part:
    """A kind in bundles. `at_once`: in force as it is saved, so that no review is asked for. `may_go` raises Conflict
    for one that others need."""

    governed: Governed[Any, Any, Any]
    rights: Rights
    check: Check
    at_once: bool = False
    may_go: store.Check | None = None

    @property
    def kind(self) -> str:
        return self.governed.noun.name


class Bundle(Body):
    """By kind ("rule"), in order. A kind that is not named stays as it is; of one that is, what is not in it goes."""

    kinds: dict[str, Entries]


class PlanBody(Body):
    """`beside`: what is put into other services with it, which it may refer to; nothing is done to it here."""

    bundle: Bundle
    beside: Annotated[dict[str, Entries], Field(default_factory=dict)]


class ApplyBody(PlanBody):
    """`plan_hash`: of the plan that was looked at. Without `publish` drafts are saved, and nothing retired or moved."""

    plan_hash: Annotated[str, Field(min_length=64, max_length=64)]
    publish: bool = False
    rationale: Annotated[str, Field(max_length=2000)] = ""


class PlanAnswer(BaseModel):
    items: list[Step]
    plan_hash: str


@dataclass(frozen=True, slots=True)
class _Planned:
    part: Part
    now: Sequence[Now]
    entries: Sequence[Entry]
    steps: Sequence[Step]
    also: Mapping[str, Mapping[str, Any]]


def routes(parts: Sequence[Part], clock: Clock) -> APIRouter:
    """`parts` in the order in which they are put in: what others refer to first."""
    router = APIRouter(prefix="/config", tags=["configuration"])

    @router.get("")
    async def export_configuration(viewer: CurrentViewer) -> Bundle:
        """What is in force, in an order that stays the same."""
        _need(viewer, parts, "read")
        return Bundle(kinds={one.kind: config.exported(await config.current(one.governed)) for one in parts})

    @router.post("/plan")
    async def plan_configuration(body: PlanBody, viewer: CurrentViewer) -> PlanAnswer:
        """What would be made, changed, moved and retired, and what can't be; nothing is done."""
        _need(viewer, parts, "read")
        planned = await _plan(parts, body)
        return _answer(planned)

    @router.post("/apply")
    async def apply_configuration(body: ApplyBody, viewer: CurrentViewer) -> PlanAnswer:
        """Carry out the plan that was looked at: 409 `plan_changed` when it would be another one by now."""
        _need(viewer, parts, "write")
        if body.publish:
            _need(viewer, parts, "publish")
        planned = await _plan(parts, body)
        answer = _answer(planned)
        if answer.plan_hash != body.plan_hash:
            raise Conflict("plan_changed", "Something was changed since this plan was made. Look at the new one first.")
        await _check(planned, publish=body.publish)
        for one in planned:
            await _save(one, body, viewer, clock)
        for one in reversed(planned):
            if body.publish:
                await _retire(one, body, viewer, clock)
        return answer

    return router


def _need(viewer: Viewer, parts: Sequence[Part], what: str) -> None:
    for one in parts:
        viewer.need_everywhere(getattr(one.rights, what))


def _answer(planned: Sequence[_Planned]) -> PlanAnswer:
    steps = [step for one in planned for step in one.steps]
    return PlanAnswer(items=steps, plan_hash=config.plan_hash(steps, [now for one in planned for now in one.now]))


async def _plan(parts: Sequence[Part], body: PlanBody) -> list[_Planned]:
    bundle = body.bundle
    known = {one.kind for one in parts}
    if strange := sorted(set(bundle.kinds) - known):
        raise Invalid("unknown_kind", f'There is no kind "{strange[0]}" here; there are {", ".join(sorted(known))}.')
    brought = {**body.beside, **bundle.kinds}
    offered = {kind: {one.id: one.content for one in entries} for kind, entries in brought.items()}
    return [await _plan_one(one, bundle.kinds[one.kind], offered) for one in parts if one.kind in bundle.kinds]


async def _plan_one(part: Part, entries: Sequence[Entry], offered: Offered) -> _Planned:
    if twice := config.repeated(entries):
        raise Invalid("repeated", f'"{twice[0]}" is in the bundle twice.')
    wrong: dict[str, tuple[FieldError, ...]] = {}
    also: dict[str, Mapping[str, Any]] = {}
    whole = []
    for entry in entries:
        said = entry.content
        try:
            draft = part.governed.noun.draft.model_validate(said)
            said = content(part.governed.noun, draft)
            also[entry.id] = await part.check(draft, offered)
        except ValidationError as error:
            wrong[entry.id] = config.errors_of(error)
        except Invalid as error:
            wrong[entry.id] = error.fields or (FieldError("", error.message),)
        whole.append(Entry(id=entry.id, content=said))
    now = await config.current(part.governed)
    return _Planned(part, now, whole, config.plan(part.kind, now, whole, wrong), also)


async def _check(planned: Sequence[_Planned], *, publish: bool) -> None:
    """Raises before anything is done."""
    if bad := next((step for one in planned for step in one.steps if step.wrong), None):
        told = f'"{bad.name or bad.id}" can\'t be saved: {bad.wrong[0].path} {bad.wrong[0].message}'
        raise Invalid("invalid_bundle", told)
    for one in planned:
        terms = await one.part.governed.terms()
        if publish and terms.approvals and any(step.act != "same" for step in one.steps):
            raise Conflict("needs_approval", "Approvals are asked for here: save drafts, and have them reviewed.")


async def _save(planned: _Planned, body: ApplyBody, viewer: Viewer, clock: Clock) -> None:
    governed, publish = planned.part.governed, body.publish or planned.part.at_once
    versions = {one.id: one.version for one in planned.now}
    acts = {one.id: one.act for one in planned.steps}
    by, now, why = viewer.agent_id, clock(), body.rationale
    for entry in planned.entries:
        if acts[entry.id] not in ("create", "change"):
            continue
        draft, also = governed.noun.draft.model_validate(entry.content), planned.also[entry.id]
        if version := versions.get(entry.id):
            await governed.replace(
                entry.id,
                draft,
                also,
                version=version,
                command_id=derived("apply", body.plan_hash, planned.part.kind, entry.id),
                by=by,
                now=now,
                publish=publish,
                rationale=why,
            )
        else:
            await governed.create(entry.id, draft, also, by=by, now=now, publish=publish, rationale=why)


async def _retire(planned: _Planned, body: ApplyBody, viewer: Viewer, clock: Clock) -> None:
    """What is not in the bundle; then the rest in the bundle's order, drafts that were never in force last."""
    governed = planned.part.governed
    versions = {one.id: one.version for one in planned.now}
    for step in planned.steps:
        if step.act == "retire":
            act = Act("retired", viewer.agent_id, clock(), body.rationale)
            command_id = derived("apply", body.plan_hash, governed.noun.name, step.id)
            await governed.act(
                step.id,
                lambda one, _: model.retire(one, body.rationale),
                act,
                version=versions[step.id],
                command_id=command_id,
                check=planned.part.may_go,
            )
    there = [one.artifact.id for one in await governed.all()]
    named = [one.id for one in planned.entries]
    order = [*named, *(id_ for id_ in there if id_ not in set(named))]
    if order != there:
        await governed.reorder(order, by=viewer.agent_id, now=clock())
