"""Why a conversation went where it went: decisions with their whole trace (RT6)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from services.routing.model.conversation import Row, standing
from services.routing.model.plan import Later
from services.routing.rules.evaluate import RuleTrace
from services.routing.store.conversations import Conversations
from services.routing.store.decisions import Decision, Decisions
from services.routing.store.rules import Rules
from shared.access import CurrentViewer, Viewer
from shared.contracts.base import Time
from shared.contracts.common import RuleRef, Spam
from shared.contracts.routing import Action, AssignTeam, Trigger, Unassign
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


class WaitingView(BaseModel):
    """Why nobody has it yet: a sentence, as it was `since`, by this decision."""

    decision_id: str
    reason: str
    since: Time


class WaitingOf(WaitingView):
    conversation_id: str


class WaitingList(BaseModel):
    """Of those that were asked for, the ones that nobody has yet although somebody was asked for; no others."""

    items: list[WaitingOf]


class DecisionList(BaseModel):
    """`waiting` is null where somebody has it, where nobody was asked for, and of what is not open."""

    items: list[DecisionView]
    waiting: WaitingView | None


def routes(decisions: Decisions, conversations: Conversations, rules: Rules) -> APIRouter:
    """Seen by those who see the conversation as it stands now."""
    router = APIRouter(tags=["decisions"])

    async def row_of(conversation_id: str) -> Row | None:
        return (await conversations.read([conversation_id])).get(conversation_id)

    @router.get("/conversations/{conversation_id}/decisions")
    async def list_decisions(
        conversation_id: str, viewer: CurrentViewer, limit: Annotated[int, Query(ge=1, le=MANY)] = MANY
    ) -> DecisionList:
        """The latest ones, oldest first; none where there are none to see."""
        viewer.need("conversations.read")
        found = await decisions.of(conversation_id, limit)
        row = await row_of(conversation_id)
        if not found or not _sees(viewer, row, found[0]):
            return DecisionList(items=[], waiting=None)
        waiting = (await _waiting_now([row], decisions)).get(row.id) if row else None
        return DecisionList(items=[await _view(one, rules) for one in found], waiting=waiting)

    @router.get("/waiting")
    async def list_waiting(
        viewer: CurrentViewer,
        conversation_id: Annotated[list[str], Query(min_length=1, max_length=MANY, description="Up to 100 of them")],
    ) -> WaitingList:
        """Why nobody has these conversations yet, for a list that shows them."""
        viewer.need("conversations.read")
        rows = [row for row in (await conversations.read(conversation_id)).values() if viewer.sees(standing(row))]
        waiting = await _waiting_now(rows, decisions)
        return WaitingList(items=[WaitingOf(conversation_id=id_, **dict(one)) for id_, one in waiting.items()])

    @router.get("/decisions/{decision_id}")
    async def get_decision(decision_id: str, viewer: CurrentViewer) -> DecisionView:
        viewer.need("conversations.read")
        found = await decisions.get(decision_id)
        if not _sees(viewer, await row_of(found.conversation_id), found):
            raise NotFound("decision", "There is no such decision.")
        return await _view(found, rules)

    return router


def _sees(viewer: Viewer, row: Row | None, decision: Decision) -> bool:
    return viewer.sees(standing(row) if row else Standing(decision.brand_id))


async def _waiting_now(rows: Collection[Row], decisions: Decisions) -> dict[str, WaitingView]:
    """By conversation; without those that somebody has, that nobody was asked for, or that are not open."""
    wanted = {row.id: row.want.decision_id for row in rows if row.open and row.want}
    made = await decisions.among(wanted.values()) if wanted else {}
    last = {id_: made[decision_id] for id_, decision_id in wanted.items() if decision_id in made}
    if left := [row.id for row in rows if row.open and row.want is None and row.agent_id is None]:
        last |= await decisions.who_is_to_have(left)
    found = ((row.id, _waiting(row, last[row.id])) for row in rows if row.id in last)
    return {id_: one for id_, one in found if one is not None}


def _waiting(row: Row, last: Decision) -> WaitingView | None:
    """By the latest decision about who is to have it. Where nobody is wanted any more, as who a rule named has left, it
    stands until somebody else has assigned it."""
    if last.decided is None or (reason := last.decided.waiting) is None:
        return None
    if row.want is not None:
        since = row.want.since if row.want.decision_id == last.id else None
    else:
        by_it = _put_there(row, last.decided.actions)
        since = last.at if by_it or row.assigned_seq <= last.trigger.seq else None
    return WaitingView(decision_id=last.id, reason=reason, since=since) if since else None


def _put_there(row: Row, actions: Collection[Action]) -> bool:
    """Whether these gave it to the team that has it, or took it from who has it no more."""
    if teams := {one.team_id for one in actions if isinstance(one, AssignTeam)}:
        return row.team_id in teams
    taken = {one.what for one in actions if isinstance(one, Unassign)}
    return bool(taken) and (row.team_id is None or taken == {"agent"})


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
