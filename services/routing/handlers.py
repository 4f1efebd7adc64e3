"""What happens on `tickets.conversations.v1`: rows follow their conversations, rules are asked, agents found.

Emits Decided (key: conversation id). Idempotent by event id. A batch is one transaction; loads in Redis are
settled after it, on a second delivery too, so that a crash between the two is mended by the redelivery.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from services.routing.deciding import Beside, Looked, Work, beside, save, seat, settle
from services.routing.desk import Desk
from services.routing.judge import Judge, Verdict
from services.routing.model.conversation import Row, follow
from services.routing.model.handover import hand_over, may_hand_over
from services.routing.model.later import (
    about_its_ticket,
    begin,
    cancelled,
    head_of,
    led_by,
    scheduled,
    since_a_person,
    time_passed,
)
from services.routing.model.plan import Chain, is_trigger, plan
from services.routing.model.refused import refused
from services.routing.rules.evaluate import Outcome, RuleSet
from services.routing.rules.facts import Facts, message_of, with_score
from services.routing.rules.names import name_of
from services.routing.rules.schema import TIME_PASSED
from services.routing.store import Store
from services.routing.store.answers import Answer
from services.routing.store.seats import Seats
from shared import metrics
from shared.clock import Clock
from shared.cloudevents import Received
from shared.consume import Batch
from shared.contracts.base import Event
from shared.contracts.conversations import ConversationEvent, ReplySent
from shared.errors import Transient
from shared.ids import derived
from shared.log import Cause
from shared.mongo import StaleVersion, in_transaction


class ConversationHandlers:
    def __init__(self, store: Store, desk: Desk, seats: Seats, clock: Clock, nudge: Callable[[], None]) -> None:
        self._store = store
        self._desk = desk
        self._seats = seats
        self._clock = clock
        self._nudge = nudge
        self._judge = Judge(store.spam, desk.brand)

    async def on_conversation_events(self, batch: Batch) -> None:
        """Consumes every event of a conversation, emits Decided. Idempotent by event id."""
        if not await self._desk.knows_all():
            raise Transient("the directory is not read yet")
        work = await in_transaction(self._store.client, lambda session: self._apply(batch, session))
        await settle(work, work.rows, self._seats, self._nudge)

    async def _apply(self, batch: Batch, session: AsyncClientSession) -> Work:
        asking = await self._store.conversations.asking(session)
        revision, rules = await self._store.rules.current()
        events = _conversation_events(batch)
        known = await self._store.log.already_applied([one.id for one, _ in events], session)
        fresh = {one.id: (one, event) for one, event in events if one.id not in known}
        heads = [event.head for _, event in fresh.values()]
        asked = {name_of(event) for _, event in fresh.values() if is_trigger(event)}
        read = await beside(heads, rules, self._store, self._desk, session, asked)
        causes = {
            event.decision_id
            for _, event in fresh.values()
            if event.decision_id and (rules.later or rules.is_for(name_of(event)))
        }
        chains = await self._store.decisions.chains(causes, session) if causes else {}
        before = await self._store.conversations.read({event.conversation_id for _, event in events}, session)
        work = Work(before, dict(before))
        now = self._clock()
        verdicts = await self._judge.judge({id_: event for id_, (_, event) in fresh.items()}, now, session)
        away = await self._desk.handing_over([event for _, event in fresh.values()], session)
        for received, event in fresh.values():
            verdict = verdicts.get(received.id)
            row = work.rows.get(event.conversation_id)
            facts = self._facts(row, event, read, verdict)
            chain = chains.get(event.decision_id or "", ())
            self._look(work, received, event, facts, chain, rules, now, verdict)
            self._refused(work, received, event, row)
            self._hand_over(work, received, event, chain, away, now)
        for id_, head in {event.conversation_id: event.head for _, event in fresh.values()}.items():
            work.rows[id_] = self._scheduled(work.rows[id_], read, rules.of(head), now, asking)
        await self._store.answers.note(_answers([event for _, event in fresh.values()]), session)
        seated = await seat(work, self._store, self._desk, now, session)
        await save(work, self._store, revision, seated, now, session)
        await self._store.log.remember(list(fresh), session)
        if not await self._desk.stands(seated):
            raise StaleVersion("Redis was emptied while seats were taken")
        return work

    def _facts(self, row: Row | None, event: ConversationEvent, read: Beside, verdict: Verdict | None = None) -> Facts:
        message = with_score(message_of(event), verdict.spam if verdict else None)
        return read.facts(row, event, message, row.status if row else None, self._desk.zone(event.head.brand_id))

    def _scheduled(self, row: Row, read: Beside, rules: RuleSet, now: datetime, asking: int) -> Row:
        """With the time when a rule is to be asked of it next."""
        head = head_of(row) if rules.later and TIME_PASSED in rules.events else None
        facts = self._facts(row, time_passed(head, now), read) if head and not head.merged_into else None
        return scheduled(row, rules, facts, read.hours, asking=asking)

    def _look(
        self,
        work: Work,
        received: Received[Event],
        event: ConversationEvent,
        facts: Facts,
        chain: Chain,
        rules: RuleSet,
        now: datetime,
        verdict: Verdict | None,
    ) -> None:
        row = follow(work.rows.get(event.conversation_id), received.id, event)
        new = row.last.event_id == received.id
        if new:
            row = about_its_ticket(since_a_person(row, event, chain), event, rules.of(event.head))
            row = cancelled(row, event, rules.of(event.head))
        work.rows[row.id] = row
        if not new or not is_trigger(event):
            return
        facts, chain = replace(facts, moments=row.moments), led_by(row, event, chain)
        started = time.perf_counter()
        outcome = rules.run(row.last.event, facts)
        metrics.rules_seconds.observe(time.perf_counter() - started)
        spam = verdict.words if verdict and verdict.marks else None
        if not outcome.looked_at and spam is None:
            return
        row, made = plan(
            row,
            event,
            outcome.matched,
            decision_id=derived("decision", received.id),
            correlation_id=received.correlation_id,
            is_member=self._desk.is_member,
            why_gone=self._desk.why_gone,
            now=now,
            chain=chain,
            facts=facts,
            spam=spam,
        )
        metrics.rule_loops.inc(len(made.cut))
        work.rows[row.id], made = begin(
            row,
            event,
            outcome.matched,
            made,
            event_id=received.id,
            status_before=facts.status_before,
            correlation_id=received.correlation_id,
            chain=chain,
        )
        found = verdict.spam if verdict else None
        work.looked.append(Looked(Cause.of(received), row.last, row.id, outcome, made, spam=found))

    def _refused(self, work: Work, received: Received[Event], event: ConversationEvent, before: Row | None) -> None:
        """Somebody else is wanted when tickets did not accept the agent; or it is said why nobody is."""
        row = work.rows[event.conversation_id]
        found = refused(before, row, event, derived("decision", received.id)) if before else None
        if found is not None:
            work.rows[row.id], made = found
            work.looked.append(Looked(Cause.of(received), row.last, row.id, Outcome(), made))

    def _hand_over(
        self,
        work: Work,
        received: Received[Event],
        event: ConversationEvent,
        chain: Chain,
        away: frozenset[str],
        now: datetime,
    ) -> None:
        """What a customer wrote to an agent who is away and wants it so goes to somebody else of the team."""
        row = work.rows[event.conversation_id]
        if row.last.event_id != received.id or not is_trigger(event) or event.head.assignee_id not in away:
            return
        looked = work.looked[-1] if work.looked and work.looked[-1].trigger.event_id == received.id else None
        if not may_hand_over(row, event, looked.plan if looked else None):
            return
        decision_id = derived("decision", received.id)
        work.rows[row.id], made = hand_over(
            row,
            event,
            looked.plan if looked else None,
            decision_id=decision_id,
            correlation_id=received.correlation_id,
            now=now,
            chain=chain,
        )
        if looked:
            work.looked.remove(looked)
        outcome = looked.outcome if looked else Outcome()
        work.looked.append(Looked(Cause.of(received), row.last, row.id, outcome, made))


def _answers(events: Sequence[ConversationEvent]) -> list[Answer]:
    """What agents said to customers in these events."""
    said = [one for one in events if isinstance(one, ReplySent) and one.by.kind == "agent" and one.by.id]
    return [Answer(one.head.contact_id, one.by.id, one.at) for one in said if one.by.id]


def _conversation_events(batch: Batch) -> Sequence[tuple[Received[Event], ConversationEvent]]:
    return [(one, one.data) for one in batch if isinstance(one.data, ConversationEvent)]
