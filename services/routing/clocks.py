"""Rules asked at times of the clock, of the conversations of their brands that have a status that they name.

Emits Decided (key: conversation id). Conversations are asked in pages, each of which is one transaction with how far
the rule has got: who is cut off, or loses the lease, leaves the next one to go on after the last page, and a
conversation remembers at which time the rule acted on it last.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from services.routing.deciding import Beside, Work, beside, save, seat, settle
from services.routing.desk import Desk
from services.routing.horizon import Horizon
from services.routing.later import Asking
from services.routing.model.clock import (
    ClockRow,
    Place,
    has_struck,
    may_be_asked,
    rest,
    set_back,
    still_to_ask,
    strike,
    wanted,
)
from services.routing.model.conversation import Row
from services.routing.model.later import head_of, time_passed
from services.routing.rules.evaluate import RuleSet
from services.routing.rules.schema import CLOCK_STRUCK, Rule
from services.routing.store import Store
from services.routing.store.seats import Seats
from shared import metrics
from shared.clock import Clock
from shared.contracts.conversations import Head
from shared.contracts.routing import Trigger
from shared.errors import Transient
from shared.ids import derived
from shared.log import Cause
from shared.logs import get_logger
from shared.loop import Loop
from shared.mongo import Document, StaleVersion, in_transaction

log = get_logger(__name__)

LOOK_S = 2.0
"""How soon a rule that is new, or the time zone of a brand, is heeded."""
PAGE = 200
"""Conversations that are asked in one transaction."""
LOOK_UPS = 50
"""Brands that are looked through in one transaction, however few conversations they have."""
PAGES_AT_ONCE = 50
"""Of all that was claimed together: far less than the lease takes. No more rules are claimed than that: each gets a
page, and the others are free for whoever comes."""


@dataclass(frozen=True, slots=True)
class Page:
    """What one transaction did. `row` as it is now; None: somebody else has it."""

    row: ClockRow | None
    work: Work
    asked: int = 0
    how: str = ""

    @property
    def more(self) -> bool:
        return self.row is not None and self.row.begun


class ClockHandlers:
    def __init__(
        self, store: Store, desk: Desk, seats: Seats, clock: Clock, horizon: Horizon, nudge: Callable[[], None]
    ) -> None:
        metrics.expect(metrics.clock_struck, ["whole", "missed", "ended"])
        self._store = store
        self._desk = desk
        self._seats = seats
        self._clock = clock
        self._horizon = horizon
        self._nudge = nudge

    async def on_due(self, documents: Sequence[Document]) -> None:
        """Rows of `rule_clocks`, claimed together; each gets a page in turn. Idempotent by what is written."""
        if not await self._desk.knows_all():
            raise Transient("the directory is not read yet")
        claim = documents[0]["lease_by"]
        walking = [one["_id"] for one in documents]
        for _ in range(PAGES_AT_ONCE):
            if not walking:
                return
            id_ = walking.pop(0)
            if (await self._page(id_, claim)).more:
                walking.append(id_)
        await self._store.clocks.release(walking, claim)

    async def _page(self, id_: str, claim: str) -> Page:
        page = await in_transaction(self._store.client, lambda session: self._ask(id_, claim, session))
        await settle(page.work, {one.conversation_id for one in page.work.looked}, self._seats, self._nudge)
        metrics.clock_asked.inc(page.asked)
        metrics.rules_asked_later.labels("clock").inc(len(page.work.looked))
        if page.how and page.row:
            metrics.clock_struck.labels(page.how).inc()
        if page.how in ("missed", "ended") and page.row:
            log.warning("clock was not heeded", rule=page.row.rule_id, how=page.how, next=page.row.due_at.isoformat())
        return page

    async def _ask(self, id_: str, claim: str, session: AsyncClientSession) -> Page:
        nothing = Work({}, {})
        row = await self._store.clocks.claimed(id_, claim, session)
        if row is None:
            return Page(None, nothing)
        now = self._clock()
        # What agents did meanwhile is known up to here.
        at = min(now, self._horizon.known)
        struck = strike(row, at)
        if struck is None:
            how = "ended" if row.begun else "missed"
            return await self._written(Page(rest(row, missed_until=at), nothing, how=how), claim, session)
        revision, rules = await self._store.rules.current()
        brands = _brands([one for one in rules.struck if _is_of(one, struck)])
        zones = {} if brands is None else self._desk.zones()
        places = itertools.islice(still_to_ask(struck, brands or (), zones), LOOK_UPS)
        found, reached = await self._found(list(places), struck.clock.statuses, session)
        walk = Walk(self._desk, rules, struck, at, now)
        work = await walk.over(found, self._store, session)
        seated = await seat(work, self._store, self._desk, now, session)
        await save(work, self._store, revision, seated, now, session)
        after = struck.model_copy(update={"reached": reached}) if reached else rest(struck)
        page = await self._written(Page(after, work, len(found), "" if reached else "whole"), claim, session)
        if not await self._desk.stands(seated):
            raise StaleVersion("Redis was emptied while seats were taken")
        return page

    async def _written(self, page: Page, claim: str, session: AsyncClientSession) -> Page:
        if page.row is None or not await self._store.clocks.write(page.row, claim, session):
            raise StaleVersion("somebody else goes on with it")
        return page

    async def _found(
        self, places: Sequence[Place], statuses: Collection[str], session: AsyncClientSession
    ) -> tuple[list[Row], Place | None]:
        """The next page, and where it ends; None: these were the last."""
        found: list[Row] = []
        for one in places:
            left = PAGE - len(found)
            rows = await self._store.conversations.of_brand(
                one.brand_id, statuses, one.conversation_id or "", left, session
            )
            found += rows
            if len(rows) == left:
                return found, one._replace(conversation_id=rows[-1].id)
        # These are done; there may be others.
        return found, places[-1]._replace(conversation_id=None) if len(places) == LOOK_UPS else None


class Walk:
    """One rule, asked of one page of conversations."""

    def __init__(self, desk: Desk, rules: RuleSet, clock: ClockRow, at: datetime, now: datetime) -> None:
        self._desk = desk
        self._rules = rules
        self._clock = clock
        self._at = at
        self._now = now

    async def over(self, rows: Collection[Row], store: Store, session: AsyncClientSession) -> Work:
        heads = {row.id: head for row in rows if (head := self._head(row)) and may_be_asked(row, head, self._clock)}
        read = await beside(heads.values(), self._rules, store, self._desk, session)
        work = self.ask({row.id: row for row in rows}, heads, read)
        # A clock that was ahead has struck already what is due now.
        done = await store.decisions.among([one.plan.decision_id for one in work.looked]) if work.looked else {}
        work.rows |= {one.conversation_id: work.before[one.conversation_id] for one in done.values()}
        work.looked = [one for one in work.looked if one.plan.decision_id not in done]
        return work

    def ask(self, rows: Mapping[str, Row], heads: Mapping[str, Head], read: Beside) -> Work:
        """Of the rule as each of them has it, at the time that struck; what is done counts from now."""
        work = Work(dict(rows), dict(rows))
        asking = Asking(self._desk, self._rules, work, self._at, self._now, read)
        for id_, head in heads.items():
            try:
                self._ask(asking, rows[id_], head)
            except Exception:
                self._left_out(id_)
        return work

    def _ask(self, asking: Asking, row: Row, head: Head) -> None:
        struck = self._clock.due_at
        rules = self._rules.of(head)
        rule = rules.rule(self._clock.rule_id)
        if rule is None or not _is_of(rule, self._clock):
            return
        cause = Cause(derived("clock struck", row.id, rule.id, struck.isoformat()), row.id)
        trigger = Trigger(event_id=cause.id, event=CLOCK_STRUCK, seq=row.head_seq)
        facts = asking.facts(row, time_passed(head, struck), row.status)
        outcome = rules.one(rule.id, facts)
        if outcome is None or not outcome.matched:
            return
        remembers = has_struck(row, self._clock)
        # No chain: whatever rules did before, the clock would have struck.
        asking.act(remembers, time_passed(head, self._at), outcome, facts, trigger, cause, rule.id, ())
        work = asking.work
        if work.looked[-1].plan.is_nothing and work.rows[row.id] == remembers:
            # What is as the rule wants it already is not written at every stroke.
            work.rows[row.id] = row
            work.looked.pop()

    def _head(self, row: Row) -> Head | None:
        try:
            return head_of(row)
        except ValueError:
            self._left_out(row.id)
            return None

    def _left_out(self, conversation_id: str) -> None:
        """The others are asked: the rule would stand still before this one, at every stroke."""
        log.exception("clock leaves out", conversation=conversation_id, rule=self._clock.rule_id)


class ClockChanges(Loop):
    """A part: a rule that comes into force has a row from then on, and one that goes has none. One that waits for a
    later time than its next, as this machine's clock was ahead, is set back."""

    def __init__(self, store: Store, desk: Desk, clock: Clock) -> None:
        super().__init__("rules.clocks", pause_s=LOOK_S)
        self._store = store
        self._desk = desk
        self._clock = clock

    async def turn(self) -> bool:
        if not await self._desk.knows_all():
            return False
        known = await self._store.clocks.all()
        revision, rules = await self._store.rules.current()
        now, since = self._clock(), rules.since
        rows = wanted(rules.struck, self._desk.zones(), known.values(), revision=revision, now=now, since=since)
        await self._store.clocks.begin([one for id_, one in rows.items() if id_ not in known])
        resting = ((one, set_back(one, now)) for id_, one in known.items() if id_ in rows)
        await self._store.clocks.move([(one, to) for one, to in resting if to is not None])
        await self._store.clocks.end([id_ for id_ in known if id_ not in rows], revision)
        return False


def _is_of(rule: Rule, clock: ClockRow) -> bool:
    return rule.id == clock.rule_id and rule.clock == clock.clock


def _brands(versions: Sequence[Rule]) -> Collection[str] | None:
    """Those of the rule, in any version that is asked now; empty: all, None: none is."""
    if not versions:
        return None
    return () if any(not one.brand_ids for one in versions) else {id_ for one in versions for id_ in one.brand_ids}
