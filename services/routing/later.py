"""Rules asked when their time has come: those that waited since an event, and those about time. And others asked for
what was given to somebody who did not answer it in time.

Emits Decided (key: conversation id). A row is written only as it was read, and what was due is taken out of it in the
same transaction, so that replays, two replicas and clocks that jump do it once; late if we were down, never lost.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from services.routing.deciding import Beside, Looked, Work, beside, save, seat, settle
from services.routing.desk import Desk
from services.routing.horizon import Horizon
from services.routing.model.conversation import Row
from services.routing.model.later import (
    acts,
    answers,
    due_waits,
    event_of,
    happened_since,
    has_acted,
    head_of,
    scheduled,
    time_passed,
)
from services.routing.model.offer import NOT_ANSWERED, ask_others, unanswered
from services.routing.model.plan import Chain, plan
from services.routing.model.wait import Wait
from services.routing.rules.evaluate import Outcome, RuleSet, Timed
from services.routing.rules.facts import Facts, message_of
from services.routing.rules.schema import TIME_PASSED
from services.routing.store import Store
from services.routing.store.seats import Seats
from shared import metrics
from shared.clock import Clock
from shared.contracts.common import ConversationStatus
from shared.contracts.conversations import ConversationEvent, Head
from shared.contracts.routing import Trigger
from shared.errors import Transient
from shared.ids import derived
from shared.log import Cause
from shared.loop import Loop
from shared.mongo import Document, StaleVersion, in_transaction

LOOK_S = 2.0
"""How soon a change of the rules reaches what waits by them."""


class LaterHandlers:
    def __init__(
        self, store: Store, desk: Desk, seats: Seats, clock: Clock, horizon: Horizon, nudge: Callable[[], None]
    ) -> None:
        metrics.expect(metrics.rules_asked_later, ["waited", "waited in vain", "time", "so before", "clock"])
        self._store = store
        self._desk = desk
        self._seats = seats
        self._clock = clock
        self._horizon = horizon
        self._nudge = nudge

    async def on_due(self, documents: Sequence[Document]) -> None:
        """Rows of `conversations`, claimed. Idempotent by what is written."""
        if not await self._desk.knows_all():
            raise Transient("the directory is not read yet")
        ids = [one["_id"] for one in documents]
        work = await in_transaction(self._store.client, lambda session: self._ask(ids, session))
        await settle(work, work.rows, self._seats, self._nudge)

    async def _ask(self, ids: Sequence[str], session: AsyncClientSession) -> Work:
        number = await self._store.conversations.asking(session)
        revision, rules = await self._store.rules.current()
        before = await self._store.conversations.read(ids, session)
        now = self._clock()
        # What agents did meanwhile is known up to here.
        until = min(now, self._horizon.known)
        heads = {id_: head for id_, row in before.items() if (head := head_of(row))}
        read = await beside(heads.values(), rules, self._store, self._desk, session)
        asking = Asking(self._desk, rules, Work(before, dict(before)), until, now, read, number=number)
        for id_ in before:
            asking.ask(id_, heads.get(id_))
        seated = await seat(asking.work, self._store, self._desk, now, session)
        await save(asking.work, self._store, revision, seated, now, session)
        if not await self._desk.stands(seated):
            raise StaleVersion("Redis was emptied while seats were taken")
        return asking.work


class Asking:
    """One batch of due conversations in hand. `number`: of the last asking (`store.conversations.asking`)."""

    def __init__(
        self,
        desk: Desk,
        rules: RuleSet,
        work: Work,
        at: datetime,
        now: datetime,
        read: Beside,
        *,
        number: int = 0,
    ) -> None:
        self._read = read
        self._number = number
        self._desk = desk
        self._rules = rules
        self.work = work
        self._at = at
        self._now = now

    def ask(self, id_: str, head: Head | None) -> None:
        row = self.work.rows[id_]
        if head is None or head.merged_into is not None:
            self.work.rows[id_] = row.model_copy(update={"waits": (), "due_at": None, "asked": self._number})
            return
        rules = self._rules.of(head)
        row, due = due_waits(row, rules, self._at)
        self.work.rows[id_] = row
        for wait in due:
            self._waited(wait, rules, head)
        passed = self.facts(self.work.rows[id_], time_passed(head, self._at), row.status)
        timed = list(rules.timed(passed)) if TIME_PASSED in rules.events else []
        for one in timed:
            if not acts(row, one):
                continue
            if self._was_so_before(one, rules, head):
                self.work.rows[id_] = has_acted(self.work.rows[id_], one)
                metrics.rules_asked_later.labels("so before").inc()
            else:
                self._timed(one, passed, head)
        self._unanswered(self.work.rows[id_], head)
        # The write that ends the claim, whatever came of it.
        row = scheduled(self.work.rows[id_], rules, passed, self._read.hours, asking=self._number)
        self.work.rows[id_] = row.model_copy()

    def _was_so_before(self, one: Timed, rules: RuleSet, head: Head) -> bool:
        """Whether it would mail a customer for what was so already when it came into force: a new rule that thousands
        of old conversations fit must not write to all of them at once."""
        row = self.work.rows[head.id]
        if one.since is None or not answers(one.rule) or happened_since(row, one.since):
            return False
        then = rules.one(one.rule.id, self.facts(row, time_passed(head, one.since), row.status))
        return bool(then and then.matched)

    def _waited(self, wait: Wait, rules: RuleSet, head: Head) -> None:
        row = self.work.rows[head.id]
        event = event_of(wait, head, self._at)
        facts = self.facts(row, event, wait.status_before)
        outcome = rules.one(wait.rule_id, facts)
        metrics.rules_asked_later.labels("waited" if outcome and outcome.matched else "waited in vain").inc()
        if outcome is None:
            return
        rule = rules.rule(wait.rule_id)
        trigger = Trigger(
            event_id=wait.event_id, event=wait.event, seq=row.head_seq, after=(rule.after if rule else "") or ""
        )
        cause = Cause(derived("rule waited", wait.event_id, wait.rule_id), wait.correlation_id)
        self.act(row, event, outcome, facts, trigger, cause, wait.rule_id, wait.chain)

    def _timed(self, one: Timed, passed: Facts, head: Head) -> None:
        row = has_acted(self.work.rows[head.id], one)
        cause = Cause(derived("rule timed", head.id, one.rule.id, one.moments), head.id)
        trigger = Trigger(event_id=cause.id, event=TIME_PASSED, seq=row.head_seq)
        metrics.rules_asked_later.labels("time").inc()
        if passed.event is not None:
            self.act(row, passed.event, one.outcome, passed, trigger, cause, one.rule.id, row.chain)

    def _unanswered(self, row: Row, head: Head) -> None:
        """Others are asked when it was given to somebody by itself who did not answer in time."""
        if row.offer is None or row.offer.due_at is None or not unanswered(row, self._at):
            return
        asked = row.offer.want
        cause = Cause(derived("not answered", head.id, row.offer.due_at.isoformat()), asked.correlation_id)
        row, made = ask_others(row, row.offer, decision_id=derived("decision", cause.id), now=self._now)
        trigger = Trigger(event_id=cause.id, event=NOT_ANSWERED, seq=row.head_seq)
        self.work.rows[row.id] = row
        self.work.looked.append(Looked(cause, trigger, row.id, Outcome(), made))

    def act(
        self,
        row: Row,
        event: ConversationEvent,
        outcome: Outcome,
        facts: Facts,
        trigger: Trigger,
        cause: Cause,
        rule_id: str,
        chain: Chain,
    ) -> None:
        row, made = plan(
            row,
            event,
            outcome.matched,
            decision_id=derived("decision", cause.id),
            correlation_id=cause.correlation_id,
            is_member=self._desk.is_member,
            why_gone=self._desk.why_gone,
            now=self._now,
            chain=chain,
            waited=True,
            facts=facts,
        )
        metrics.rule_loops.inc(len(made.cut))
        self.work.rows[row.id] = row
        self.work.looked.append(Looked(cause, trigger, row.id, outcome, made, rule_id))

    def facts(self, row: Row, event: ConversationEvent, status_before: ConversationStatus | None) -> Facts:
        return self._read.facts(row, event, message_of(event), status_before, self._desk.zone(event.head.brand_id))


class RuleChanges(Loop):
    """A part: when rules that are asked later are others than they were, every conversation that they may concern is
    looked at again, so that a new one reaches the old ones and one that waits longer is asked later."""

    def __init__(self, store: Store, clock: Clock) -> None:
        super().__init__("rules.changes", pause_s=LOOK_S)
        self._store = store
        self._clock = clock

    async def turn(self) -> bool:
        _, rules = await self._store.rules.current()
        later = rules.later
        if rules.ask_hours:
            _, calendars = await self._store.calendars.current()
            later += tuple((one.id, one.version) for one in calendars.values())
        await self._store.conversations.ask_again(later, timed=TIME_PASSED in rules.events, now=self._clock())
        return False
