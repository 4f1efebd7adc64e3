"""Why a conversation went where it went: decisions with their whole trace (RT6)."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from services.routing.model.conversation import standing
from services.routing.model.plan import Later
from services.routing.rules.evaluate import RuleTrace
from services.routing.store.conversations import Conversations
from services.routing.store.decisions import Decision, Decisions
from services.routing.store.rules import Rules
from shared.access import CurrentViewer, Viewer
from shared.contracts.base import Time
from shared.contracts.common import RuleRef, Spam
from shared.contracts.routing import Action, Trigger
from shared.errors import NotFound
from shared.scope import Standing

MANY = 100


class DecisionView(BaseModel):
    """A decision. `rules` are those that were looked at, in order; what comes after a stop was not.

    Empty `actions` without `waiting`: the rules had nothing to do, or wait: `waits` are those that will be asked again,
    `crowded` those that will not, as too many wait on the conversation already.
    `spam`: what the message scored, with reasons; null where there was none to look at.
    """

    id: str
    conversation_id: str
    at: Time
    trigger: Trigger
    actions: tuple[Action, ...]
    matched: tuple[RuleRef, ...]
    waiting: str | None
    waits: tuple[Later, ...]
    crowded: tuple[RuleRef, ...]
    rules: tuple[RuleTrace, ...]
    spam: Spam | None


class DecisionList(BaseModel):
    items: list[DecisionView]


def routes(decisions: Decisions, conversations: Conversations, rules: Rules) -> APIRouter:
    """Seen by those who see the conversation as it stands now."""
    router = APIRouter(tags=["decisions"])

    async def sees(viewer: Viewer, conversation_id: str, brand_id: str) -> bool:
        row = (await conversations.read([conversation_id])).get(conversation_id)
        return viewer.sees(standing(row) if row else Standing(brand_id))

    @router.get("/conversations/{conversation_id}/decisions")
    async def list_decisions(conversation_id: str, viewer: CurrentViewer) -> DecisionList:
        """The latest hundred, oldest first; none where there are none to see."""
        viewer.need("conversations.read")
        found = await decisions.of(conversation_id, MANY)
        if not found or not await sees(viewer, conversation_id, found[0].brand_id):
            return DecisionList(items=[])
        return DecisionList(items=[await _view(one, rules) for one in found])

    @router.get("/decisions/{decision_id}")
    async def get_decision(decision_id: str, viewer: CurrentViewer) -> DecisionView:
        viewer.need("conversations.read")
        found = await decisions.get(decision_id)
        if not await sees(viewer, found.conversation_id, found.brand_id):
            raise NotFound("decision", "There is no such decision.")
        return await _view(found, rules)

    return router


async def _view(decision: Decision, rules: Rules) -> DecisionView:
    trace: tuple[RuleTrace, ...] = ()
    if decision.looked_at:
        ruleset = await rules.at(decision.revision)
        left_out = decision.left_out
        trace = (
            ruleset.without(left_out).explain_one(decision.rule_id, decision.seen)
            if decision.rule_id
            else ruleset.explain(decision.trigger.event, decision.brand_id, decision.looked_at, decision.seen, left_out)
        )
    decided = decision.decided
    return DecisionView(
        id=decision.id,
        conversation_id=decision.conversation_id,
        at=decision.at,
        trigger=decision.trigger,
        actions=decided.actions if decided else (),
        matched=decided.matched if decided else (),
        waiting=decided.waiting if decided else None,
        waits=decision.waits,
        crowded=decision.crowded,
        rules=trace,
        spam=decision.spam,
    )
