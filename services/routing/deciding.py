"""What a look at conversations leads to: agents are found for those that want one, and all of it is written at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from pymongo.asynchronous.client_session import AsyncClientSession

from services.routing.assignment import Staff
from services.routing.desk import Desk, Seated, somebody_could
from services.routing.model.conversation import Row, frees, held
from services.routing.model.decision import asks, decide
from services.routing.model.later import ALWAYS_CLOSED
from services.routing.model.plan import Plan
from services.routing.rules.evaluate import Outcome, RuleSet
from services.routing.rules.facts import UNKNOWN, Facts
from services.routing.rules.fields import WAITING, WAITING_MOST
from services.routing.sla.hours import OpeningHours
from services.routing.store import Store
from services.routing.store.decisions import Decision
from services.routing.store.seats import Seats
from shared import metrics
from shared.contracts.common import ConversationStatus, Message, Spam
from shared.contracts.contacts import Contact
from shared.contracts.conversations import ConversationEvent, Head
from shared.contracts.routing import Trigger
from shared.log import Cause, Fact
from shared.topics import DECISIONS


@dataclass(frozen=True, slots=True)
class Looked:
    """Rules were asked. `rule_id`: it was this one alone, as its time had come."""

    cause: Cause
    trigger: Trigger
    conversation_id: str
    outcome: Outcome
    plan: Plan
    rule_id: str | None = None
    spam: Spam | None = None


@dataclass
class Work:
    """What is in hand: rows before and now, and what was looked at."""

    before: dict[str, Row]
    rows: dict[str, Row]
    looked: list[Looked] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Beside:
    """What rules are told beside the conversation: the same for all of a batch, and empty where none asks. `staff` is
    None then."""

    contacts: Mapping[str, Contact] = field(default_factory=dict)
    hours: OpeningHours = ALWAYS_CLOSED
    staff: Staff | None = None

    def facts(
        self,
        row: Row | None,
        event: ConversationEvent,
        message: Message | None,
        status_before: ConversationStatus | None,
        zone: str,
    ) -> Facts:
        """All that rules may ask at an event. `row`: the conversation as it was before it, None: it began."""
        return Facts(
            event.head,
            message,
            event,
            status_before,
            zone,
            self.contacts.get(event.head.contact_id),
            row.moments if row else UNKNOWN,
            self.hours.open_at(event.at) if self.hours.tables else (),
            self.hours.teams_open_at(event.at),
            self.staff.of(event.head) if self.staff else None,
        )


async def beside(
    heads: Collection[Head],
    rules: RuleSet,
    store: Store,
    desk: Desk,
    session: AsyncClientSession,
    events: Collection[str] | None = None,
) -> Beside:
    """Looked at before any of these conversations is. `events`: the names of those that rules are asked at; None: any,
    as rules are asked whose time has come."""
    people = {one.contact_id for one in heads} if rules.ask_contacts else set[str]()
    teams = {one.team_id for one in heads if one.team_id}
    staff = None
    if heads and (rules.ask_staff if events is None else any(map(rules.asks_staff_at, events))):
        counted = teams if rules.asks(WAITING) else set[str]()
        staff = await desk.staff(await store.conversations.waiting_of(counted, WAITING_MOST, session), session)
    hours = await store.calendars.hours() if rules.ask_hours else ALWAYS_CLOSED
    if rules.ask_team_hours:
        hours = replace(hours, teams=desk.team_hours())
    return Beside(await store.contacts.read(people, session) if people else {}, hours, staff)


async def seat(work: Work, store: Store, desk: Desk, now: datetime, session: AsyncClientSession) -> Seated:
    """Agents for what is wanted by this work and was not made void by a later event in it. Whoever has waited longer is
    not overtaken: they are given theirs by the waiting room."""
    rows = [
        row
        for looked in work.looked
        if (row := work.rows[looked.conversation_id]).open and asks(row, looked.plan, looked.trigger)
    ]
    if not rows:
        return Seated({})
    wanted = await desk.wanted(rows, now, session)
    asked = [waiting for one in wanted for waiting in one.asked]
    channels, ids = {one.channel for one in wanted}, [one.conversation_id for one in wanted]
    queues = await desk.queues(asked, session)
    board = await desk.board(queues, channels, ids)
    before = await store.conversations.alike(session) if somebody_could(wanted, queues, board) else []
    if before:
        others = [waiting for one in before for waiting in (one.waiting, one.overflow) if waiting]
        queues = await desk.queues([*asked, *others], session)
        board = await desk.board(queues, channels | {one.need.channel for one in before}, ids)
    return await desk.seat(wanted, queues, board, before, now)


async def save(
    work: Work, store: Store, revision: int, seated: Seated, now: datetime, session: AsyncClientSession
) -> None:
    facts: list[Fact] = []
    decisions: list[Decision] = []
    for one in work.looked:
        row = work.rows[one.conversation_id]
        found = seated.seats.get(row.id) if asks(row, one.plan, one.trigger) else None
        row, decided = decide(row, one.plan, found, trigger=one.trigger, now=now)
        work.rows[row.id] = row
        if decided is None and one.plan.want is not None and one.plan.want.late:
            continue  # nobody else can take it still, as was told the first time
        decisions.append(
            Decision(
                id=one.plan.decision_id,
                conversation_id=row.id,
                brand_id=row.brand_id,
                at=now,
                trigger=one.trigger,
                decided=decided,
                revision=revision,
                looked_at=one.outcome.looked_at,
                seen=one.outcome.seen,
                left_out=one.outcome.left_out,
                chain=one.plan.chain,
                waits=one.plan.waits,
                crowded=one.plan.crowded,
                rule_id=one.rule_id,
                spam=one.spam,
            )
        )
        if decided:
            facts.append(Fact.of(0, one.cause, DECISIONS, row.id, row.id, decided.seq, now, decided))
    work.rows = await store.conversations.write(work.before, work.rows, session)
    await store.decisions.add(decisions, session)
    await store.log.append(facts, session)
    metrics.decided.inc(len(facts))
    metrics.assigned.labels("at once").inc(sum(1 for one in seated.seats.values() if one.agent_id))


async def settle(work: Work, ids: Iterable[str], seats: Seats, nudge: Callable[[], None]) -> None:
    """After it is written: the seats say who holds these conversations, and what waits is looked at where one is free
    now."""
    rows = {id_: work.rows[id_] for id_ in ids}
    await seats.settle({id_: held(row) for id_, row in rows.items()})
    if any(frees(work.before.get(id_), row) for id_, row in rows.items()):
        nudge()
