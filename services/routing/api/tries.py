"""A draft tried on what happened lately, while somebody writes it (RT7). Nothing is saved and nothing applied.

One at times of the clock is tried on the conversations to which something happened lately, as if it struck now.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from fastapi import APIRouter
from pydantic import BaseModel

from services.routing.api.drafts import DraftBody, Drafts
from services.routing.model.clock import is_among
from services.routing.model.conversation import standing
from services.routing.model.later import head_of, time_passed
from services.routing.model.plan import may_trigger
from services.routing.recent import Happened, Recent
from services.routing.rules.clock import ClockTimes
from services.routing.rules.evaluate import RuleTrace
from services.routing.rules.facts import Facts, Moments, message_of, with_score
from services.routing.rules.schema import EventName, Rule
from services.routing.simulate.attempt import Attempt
from services.routing.sla.hours import OpeningHours
from services.routing.store import Store
from shared.access import CurrentViewer, Viewer
from shared.clock import Clock
from shared.contracts.base import Time
from shared.contracts.conversations import ConversationEvent
from shared.contracts.routing import Action
from shared.ids import derived

SHOWN = 20
LOOKED_AT = 60
"""More than are shown: some may stand elsewhere by now, out of the viewer's sight."""
ANY = get_args(EventName)


class TriedEvent(BaseModel):
    """A conversation's newest event that the draft is for; now, of a draft at times of the clock. `actions`: what the
    draft alone would do; what is so already is left out. `did`: what was decided at the time, by all rules."""

    conversation_id: str
    brand_id: str
    title: str
    customer: str
    event: str
    at: Time
    matched: bool
    trace: RuleTrace
    actions: tuple[Action, ...]
    did: tuple[Action, ...]


class TriedList(BaseModel):
    items: list[TriedEvent]


def routes(store: Store, drafts: Drafts, recent: Recent, clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/rules", tags=["simulate"])

    async def in_sight(viewer: Viewer, happened: Sequence[Happened]) -> list[tuple[Happened, Moments]]:
        """Those that are seen by who sees the conversation as it stands now, with the moments of then."""
        rows = await store.conversations.read([one.event.conversation_id for one in happened])
        known = [(one, rows.get(one.event.conversation_id)) for one in happened]
        return [
            (one, row.moments.then(one.event.at, one.moments) if row else one.moments)
            for one, row in known
            if viewer.sees(standing(row) if row else one.event.head)
        ]

    async def struck(rule: Rule, times: ClockTimes, viewer: Viewer) -> list[tuple[Happened, Moments]]:
        """Those of lately that it would be asked of if it struck now, as they are now."""

        def wanted(event: ConversationEvent) -> bool:
            return (not rule.brand_ids or event.head.brand_id in rule.brand_ids) and viewer.sees(event.head)

        happened = await recent.newest(ANY, wanted, LOOKED_AT)
        rows = await store.conversations.read([one.event.conversation_id for one in happened])
        now, found = clock(), []
        for one in happened:
            row = rows.get(one.event.conversation_id)
            head = head_of(row) if row else None
            if row is None or head is None or not viewer.sees(standing(row)) or not is_among(head, times):
                continue
            id_ = derived("clock tried", one.event_id)
            found.append((Happened(id_, time_passed(head, now), row.status, row.moments), row.moments))
        return found

    @router.post("/try")
    async def try_rule(body: DraftBody, viewer: CurrentViewer) -> TriedList:
        """On the newest 20 conversations that the viewer may see and to which one of the draft's events happened;
        history brought in from elsewhere, on which rules never act, is as good to try on. Of a draft at times of
        the clock: on those of which it would be asked now, as they are."""
        viewer.need("rules.read")
        viewer.need("conversations.read")
        (rule,) = await drafts.made([body], viewer)
        attempt, world = Attempt(rule), await drafts.world()
        hours = world.hours() if attempt.ask_hours else OpeningHours()

        def wanted(event: ConversationEvent) -> bool:
            for_it = not rule.brand_ids or event.head.brand_id in rule.brand_ids
            return for_it and may_trigger(event) and viewer.sees(event.head)

        if rule.clock is not None:
            shown = (await struck(rule, rule.clock, viewer))[:SHOWN]
        else:
            shown = (await in_sight(viewer, await recent.newest(rule.when, wanted, LOOKED_AT)))[:SHOWN]
        happened = [one for one, _ in shown]
        asked = {one.event.head.contact_id for one in happened} if attempt.ask_contacts else ()
        contacts = await store.contacts.read(asked) if asked else {}
        decisions = await store.decisions.among([derived("decision", one.event_id) for one in happened])
        messages = {one.event_id: message for one in happened if (message := message_of(one.event))}
        scores = await store.spam.scores([one.entry_id for one in messages.values()])
        items = []
        for one, moments in shown:
            event, head = one.event, one.event.head
            message = messages.get(one.event_id)
            seen = with_score(message, scores.get(message.entry_id) if message else None)
            contact, zone = contacts.get(head.contact_id), world.zone(head.brand_id)
            opened, teams = hours.open_at(event.at), hours.teams_open_at(event.at)
            facts = Facts(head, seen, event, one.status_before, zone, contact, moments, opened, teams)
            tried = attempt.run(one.event_id, event, facts, world)
            if tried is None:
                continue
            decision = decisions.get(derived("decision", one.event_id))
            items.append(
                TriedEvent(
                    conversation_id=head.id,
                    brand_id=head.brand_id,
                    title=head.subject or head.description,
                    customer=head.contact_name,
                    event=attempt.name_of(event),
                    at=event.at,
                    matched=tried.trace.matched,
                    trace=tried.trace,
                    actions=tried.actions,
                    did=decision.decided.actions if decision and decision.decided else (),
                )
            )
        return TriedList(items=items)

    return router
