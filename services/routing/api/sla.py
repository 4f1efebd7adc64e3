"""Service level policies over HTTP, and when something would be due by one.

Who is limited to some brands sees the policies that concern those, and changes the ones that concern no other.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from services.routing.api.known import known
from services.routing.api.rules import FieldInfo, OperatorInfo, OrderBody, field_infos, operator_infos
from services.routing.rules.fields import Type
from services.routing.rules.operators import OPERATORS
from services.routing.sla.check import asks_an_event, check_calendar, check_policy, is_of_a_ticket, is_of_an_event
from services.routing.sla.schema import CalendarDraft, GoalSeconds, Pause, Policy, PolicyDraft
from services.routing.sla.timetable import RoundTheClock, Timetable, WorkingHours
from services.routing.store import Store
from services.routing.store.sla import Calendars, Policies
from shared.access import CurrentViewer
from shared.clock import Clock
from shared.contracts.base import Time
from shared.directory import Directory
from shared.errors import FieldError, Invalid
from shared.governance.desk import Kind
from shared.governance.documents import Shown
from shared.governance.requests import CurrentAsked, Publish, Rationale
from shared.governance.rights import Rights
from shared.governance.routes import governed
from shared.http import WHOLE, Body

Sent = Annotated[PolicyDraft, WHOLE]
RIGHTS = Rights("rules.read", "rules.write", "rules.publish", "policy")
NEAR = timedelta(days=3660)
"""How far from now a preview may begin."""


class PolicyView(Policy, Shown):
    """A policy with its standing: which version is in force, for whom, and what is to be done before the latest is."""


class PolicyList(BaseModel):
    items: list[PolicyView]


class PolicySchema(BaseModel):
    """What conditions may ask about: `fields` of conversations, `ticket_fields` of tickets."""

    fields: list[FieldInfo]
    ticket_fields: list[FieldInfo]
    operators: dict[Type, list[OperatorInfo]]
    pauses: tuple[str, ...]


class PreviewBody(Body):
    """`calendar`: as it is being written; else the kept one of `calendar_id`; neither: all time counts. `started_at`
    empty: now."""

    goals: Annotated[list[GoalSeconds], Field(min_length=1, max_length=10)]
    warn_percent: Annotated[int, Field(ge=1, le=90)] = 20
    calendar: CalendarDraft | None = None
    calendar_id: str | None = None
    started_at: Time | None = None


class PreviewedGoal(BaseModel):
    goal_s: int
    warn_at: Time
    due_at: Time


class Preview(BaseModel):
    """`open`: whether it is working time when it starts."""

    started_at: Time
    open: bool
    goals: list[PreviewedGoal]


OPERATOR_INFOS: dict[Type, list[OperatorInfo]] = {
    type_: operator_infos(one for one in operators.values() if not asks_an_event(one))
    for type_, operators in OPERATORS.items()
}


def routes(store: Store, directory: Directory, clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/sla", tags=["service levels"])
    policies, calendars = store.policies, store.calendars

    @router.get("/schema")
    async def policy_schema(viewer: CurrentViewer) -> PolicySchema:
        """The fields that a policy can ask about, the desk's own attributes after them."""
        viewer.need("rules.read")
        every = field_infos(directory)
        return PolicySchema(
            fields=[one for one in every if not is_of_an_event(one.name)],
            ticket_fields=[one for one in every if is_of_a_ticket(one.name)],
            operators=OPERATOR_INFOS,
            pauses=get_args(Pause),
        )

    @router.post("/preview")
    async def preview(body: PreviewBody, viewer: CurrentViewer) -> Preview:
        """Started then, due when?"""
        viewer.need("rules.read")
        now = clock()
        at = body.started_at or now
        if abs(at - now) > NEAR:
            field = FieldError("body.started_at", "is not within ten years")
            raise Invalid("too_far", "Choose a start within ten years.", (field,))
        calendar = body.calendar
        if calendar is None and body.calendar_id is not None:
            calendar = await calendars.one(body.calendar_id)
        elif calendar is not None:
            check_calendar(calendar)
        table: Timetable = WorkingHours(calendar) if calendar else RoundTheClock()
        goals = [
            PreviewedGoal(
                goal_s=goal,
                warn_at=table.after(at, goal * (1000 - 10 * body.warn_percent)),
                due_at=table.after(at, goal * 1000),
            )
            for goal in body.goals
        ]
        return Preview(started_at=at, open=not isinstance(table, WorkingHours) or table.is_open(at), goals=goals)

    router.include_router(_policies(policies, calendars, directory, clock))
    return router


def _policies(policies: Policies, calendars: Calendars, directory: Directory, clock: Clock) -> APIRouter:
    async def checked(draft: PolicyDraft) -> tuple[PolicyDraft, dict[str, Any]]:
        there = {one.id for one in await calendars.there()}
        return draft, {"fields": check_policy(draft, known(directory), there)}

    kind = Kind(policies, RIGHTS, PolicyView, PolicyList, directory, clock)
    router = APIRouter(prefix="/policies")

    @router.get("")
    async def list_policies(viewer: CurrentViewer, retired: bool = False) -> PolicyList:
        return PolicyList(items=await kind.list(viewer, retired=retired))

    @router.put("/order")
    async def order_policies(body: OrderBody, viewer: CurrentViewer) -> PolicyList:
        """At once in force."""
        return PolicyList(items=await kind.reorder(viewer, body.ids))

    @router.post("", status_code=201)
    async def create_policy(
        draft: Sent, asked: CurrentAsked, publish: Publish = False, rationale: Rationale = ""
    ) -> PolicyView:
        """A draft; in force at once with `publish`, where no approval is needed."""
        return await kind.create(asked, draft, checked, publish=publish, rationale=rationale)

    governed(router, kind, id_name="policy_id")

    @router.get("/{policy_id}")
    async def get_policy(policy_id: str, viewer: CurrentViewer, response: Response) -> PolicyView:
        """The latest version; `standing.published` says which one is in force."""
        return await kind.one(viewer, policy_id, response)

    @router.put("/{policy_id}")
    async def replace_policy(
        policy_id: str, draft: Sent, asked: CurrentAsked, publish: Publish = False, rationale: Rationale = ""
    ) -> PolicyView:
        """A draft of the next version; what is in force stays so until it is published."""
        return await kind.replace(asked, policy_id, draft, checked, publish=publish, rationale=rationale)

    return router
