"""Why a conversation went where it went: decisions with their whole trace (RT6)."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from services.routing.rules.evaluate import RuleTrace
from services.routing.store.decisions import Decision, Decisions
from services.routing.store.rules import Rules
from shared.access import CurrentViewer, Viewer
from shared.contracts.base import Time
from shared.contracts.common import RuleRef
from shared.contracts.routing import Action, Trigger
from shared.errors import NotFound

MANY = 100


class DecisionView(BaseModel):
    """A decision. `rules` are those that were looked at, in order; what comes after a stop was not.

    Empty `actions` without `waiting`: the rules had nothing to do.
    """

    id: str
    conversation_id: str
    at: Time
    trigger: Trigger
    actions: tuple[Action, ...]
    matched: tuple[RuleRef, ...]
    waiting: str | None
    rules: tuple[RuleTrace, ...]


class DecisionList(BaseModel):
    items: list[DecisionView]


def routes(decisions: Decisions, rules: Rules) -> APIRouter:
    router = APIRouter(tags=["decisions"])

    @router.get("/conversations/{conversation_id}/decisions")
    async def list_decisions(conversation_id: str, viewer: CurrentViewer) -> DecisionList:
        """The latest hundred, oldest first."""
        viewer.need("conversations.read")
        found = await decisions.of(conversation_id, MANY)
        return DecisionList(items=[await _view(one, rules) for one in found if viewer.sees_brand(one.brand_id)])

    @router.get("/decisions/{decision_id}")
    async def get_decision(decision_id: str, viewer: CurrentViewer) -> DecisionView:
        viewer.need("conversations.read")
        return await _view(_seen(viewer, await decisions.get(decision_id)), rules)

    return router


def _seen(viewer: Viewer, decision: Decision) -> Decision:
    if not viewer.sees_brand(decision.brand_id):
        raise NotFound("decision", "There is no such decision.")
    return decision


async def _view(decision: Decision, rules: Rules) -> DecisionView:
    trace: tuple[RuleTrace, ...] = ()
    if decision.looked_at:
        ruleset = await rules.at(decision.revision)
        trace = ruleset.explain(decision.trigger.event, decision.brand_id, decision.looked_at, decision.seen)
    decided = decision.decided
    return DecisionView(
        id=decision.id,
        conversation_id=decision.conversation_id,
        at=decision.at,
        trigger=decision.trigger,
        actions=decided.actions if decided else (),
        matched=decided.matched if decided else (),
        waiting=decided.waiting if decided else None,
        rules=trace,
    )
