"""What a draft set would have done to conversations of the past (RT7): begun, looked at, cancelled; one's own alone."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.routing.api.drafts import DraftBody, Drafts
from services.routing.api.rules import RIGHTS
from services.routing.simulate.drafts import instead
from services.routing.simulate.job import Job
from services.routing.simulate.report import Example, NotSimulated, RuleCount
from services.routing.simulator.part import Simulator
from services.routing.store import Store
from services.routing.store.simulations import State
from shared.access import CurrentViewer, Viewer
from shared.clock import Clock
from shared.errors import FieldError, Invalid
from shared.governance.requests import IdempotencyKey, command_of
from shared.http import Body
from shared.ids import derived

DRAFTS_MAX = 50
RETIRED_MAX = 200
MOST = 100_000
USUALLY = 10_000


class SimulationBody(Body):
    """`drafts` instead of, or beside, the rules in force, and without those that are in `retire`; over so many
    conversations, the newest."""

    drafts: Annotated[tuple[DraftBody, ...], Field(max_length=DRAFTS_MAX)] = ()
    retire: Annotated[tuple[str, ...], Field(max_length=RETIRED_MAX)] = ()
    conversations: Annotated[int, Field(ge=1, le=MOST)] = USUALLY


class Begun(BaseModel):
    id: str


class SimulationView(BaseModel):
    """`read` of `total` conversations are through, of which `differ` would have gone otherwise; `total` is 0 until the
    newest are found. `by_rule`, `examples` and `not_simulated` come with the end. `error` is a sentence, of one that
    failed."""

    id: str
    state: State
    read: int
    total: int
    differ: int
    by_rule: tuple[RuleCount, ...]
    examples: tuple[Example, ...]
    not_simulated: tuple[NotSimulated, ...]
    error: str | None


def routes(store: Store, drafts: Drafts, simulator: Simulator, clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/rules/simulations", tags=["simulate"])

    def may(viewer: Viewer) -> None:
        viewer.need("rules.write")
        viewer.need("conversations.read")

    async def job_of(body: SimulationBody, viewer: Viewer) -> Job:
        changed = await drafts.made(body.drafts, viewer, place="drafts[{n}].")
        ids = [one.id for one in body.drafts if one.id is not None]
        if len(set(ids)) < len(ids) or set(ids) & set(body.retire):
            raise Invalid("twice", "Name each rule once.", (FieldError("body.drafts", "names a rule twice"),))
        RIGHTS.to_write(viewer, [*changed, *[await drafts.seen(id_, viewer) for id_ in (*ids, *body.retire)]])
        if not changed and not body.retire:
            raise Invalid("nothing_drafted", "Change, add or retire a rule, so that there is something to compare.")
        members = await store.rules.in_force()
        in_force = tuple(member.now for member in members if member.now.enabled)
        order = [one.artifact.id for one in await store.rules.all()]
        return Job(
            before=in_force,
            after=tuple(instead(in_force, changed, body.retire, order)),
            named=(*(one.id for one in changed), *body.retire),
            rolled_out=tuple(member.now.id for member in members if member.rollout),
            brand_ids=tuple(sorted(viewer.brand_ids)),
            conversations=body.conversations,
            world=await drafts.world(),
        )

    @router.post("", status_code=202)
    async def begin_simulation(
        body: SimulationBody, viewer: CurrentViewer, idempotency_key: IdempotencyKey = None
    ) -> Begun:
        """One at a time for each agent; what came of it is kept for a day."""
        may(viewer)
        job = await job_of(body, viewer)
        id_ = derived("simulation", command_of(viewer, idempotency_key))
        if await store.simulations.begin(id_, viewer.agent_id, clock()):
            simulator.begin(id_, job)
        return Begun(id=id_)

    @router.get("/{simulation_id}")
    async def get_simulation(simulation_id: str, viewer: CurrentViewer) -> SimulationView:
        may(viewer)
        found = await store.simulations.get(simulation_id, viewer.agent_id, clock())
        return SimulationView(
            id=found.id,
            state=found.state,
            read=found.read,
            total=found.total,
            differ=found.differ,
            by_rule=found.report.by_rule,
            examples=tuple(one for one in found.report.examples if viewer.sees_brand(one.brand_id)),
            not_simulated=found.report.not_simulated,
            error=found.error,
        )

    @router.delete("/{simulation_id}", status_code=204)
    async def cancel_simulation(simulation_id: str, viewer: CurrentViewer) -> None:
        """One that has ended stays as it is."""
        may(viewer)
        await store.simulations.get(simulation_id, viewer.agent_id, clock())
        await store.simulations.cancel(simulation_id, viewer.agent_id)

    return router
