"""Weeks of a busy desk in seconds: thousands of conversations, and people who come, go, and do not always answer.

What every single assignment must keep is looked at when it is made, with the desk as it was just before.
"""

from __future__ import annotations

import asyncio
import heapq
import random
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest

from services.routing.assignment.languages import speaks
from services.routing.deciding import Looked, Work
from services.routing.deciding import seat as seat_at_once
from services.routing.model.conversation import Row, held
from services.routing.model.decision import Seat, decide, decide_waiting
from services.routing.model.offer import ask_others
from services.routing.model.plan import Plan
from services.routing.model.want import HEAD_START, Want, turn_at
from services.routing.rules.evaluate import Outcome
from services.routing.settings import RoutingSettings
from shared.contracts.directory import AgentChanged, TeamChanged
from shared.contracts.routing import Trigger
from shared.log import Cause
from tests.unit.routing.desk_in_memory import InMemory

SETTINGS = RoutingSettings(
    kafka="127.0.0.1:1",
    mongo="mongodb://127.0.0.1:1/?replicaSet=none",
    redis="redis://127.0.0.1:1/0",
    secret="a secret of at least thirty-two characters",
    prefix="t-",
)
HOUR = 3600.0
ARRIVALS = 800
ANSWER_S, OVERFLOW_S = 900, 1200
EQUALS = ("e1", "e2", "e3", "e4")


def agent(id_: str, capacity: int = 5, *teams: str, **more: Any) -> AgentChanged:
    of = teams or ("mail",)
    return AgentChanged(agent_id=id_, seq=1, name=id_, email=id_, role_id="r", team_ids=of, capacity=capacity, **more)


TEAMS = (
    TeamChanged(team_id="mail", seq=1, name="Mail", languages=("en",)),
    TeamChanged(team_id="phone", seq=1, name="Phone", languages=("en",)),
    TeamChanged(team_id="refunds", seq=1, name="Refunds", skills=("refunds",)),
)
AGENTS = (
    *(agent(one) for one in EQUALS),
    agent("german", 4, languages=("de",), skills=("refunds",), capacities={"chat": 1}),
    agent("brazil", 4, "mail", "refunds", languages=("pt-BR",)),
    agent("refunder", 3, "mail", "refunds", capacities={"chat": 2, "email": 2}),
    agent("narrow", 4, "mail", "phone", brand_ids=("a",), skills=("refunds",)),
    agent("caller", 2, "phone", capacities={"phone": 1}),
    agent("both", 3, "phone", "mail", languages=("de", "fr"), capacities={"phone": 1, "chat": 0}),
)


BY_ID = {one.agent_id: one for one in AGENTS}


class Simulation:
    """Runs one seed. `given`: how often each agent was given something."""

    def __init__(self, settings: RoutingSettings, seed: int, arrivals: int) -> None:
        self.dice = random.Random(seed)
        self.desk = InMemory(settings, TEAMS, AGENTS)
        self.rows: dict[str, Row] = self.desk.conversations.rows
        self.todo: list[tuple[float, int, str, str]] = []
        self.arrivals = arrivals
        self.contacts: dict[str, str] = {}
        self.count = 0
        self.given: Counter[str] = Counter()
        self.counted: Counter[str] = Counter()
        self.waited: list[timedelta] = []
        self.has: dict[str, Counter[str]] = {one.agent_id: Counter() for one in AGENTS}

    # ── what happens ─────────────────────────────────────────────────────────────────────────────
    async def run(self) -> None:
        at = 0.0
        for n in range(self.arrivals):
            # Rushes, in which more comes than anybody could take, and quiet hours in which that is worked off.
            at += self.dice.expovariate(1 / (40 if (at // HOUR) % 8 < 3 else 240))
            self._at(at, "arrive", f"c{n:05}")
        for one in AGENTS:
            self._at(0, "come", one.agent_id)
            for day in range(int(at // (24 * HOUR)) + 1) if one.agent_id not in EQUALS else ():
                begins = day * 24 * HOUR + self.dice.uniform(0, 10 * HOUR)
                self._at(begins, "go", one.agent_id)
                self._at(begins + self.dice.uniform(HOUR, 9 * HOUR), "come", one.agent_id)
        while self.todo:
            at, _, what, id_ = heapq.heappop(self.todo)
            self.desk.move(at)
            await getattr(self, f"_{what}")(id_, at)
            await self._fill(at)

    def _at(self, at: float, what: str, id_: str) -> None:
        self.count += 1
        heapq.heappush(self.todo, (at, self.count, what, id_))

    async def _come(self, agent_id: str, _: float) -> None:
        self.desk.online_now.add(agent_id)

    async def _go(self, agent_id: str, _: float) -> None:
        self.desk.online_now.discard(agent_id)

    async def _arrive(self, id_: str, at: float) -> None:
        """One to three that come in one batch."""
        ids = [id_] if self.dice.random() < 0.8 else [id_, f"{id_}x", f"{id_}y"]
        made = [self._arrived(one) for one in ids]
        await self._at_once([row for row, _ in made], [plan for _, plan in made], at)

    def _arrived(self, id_: str) -> tuple[Row, Plan]:
        dice, now = self.dice, self.desk.now
        vip = dice.random() < 0.05
        team = dice.choices(["mail", "phone"], [5, 1])[0]
        channel = "phone" if team == "phone" else dice.choice(["email", "email", "chat"])
        want = Want(
            decision_id=f"d {id_}",
            queue=team,
            strategy="balanced" if team == "phone" else "round_robin",
            since=now,
            turn_at=turn_at(now, priority=vip),
            correlation_id=id_,
            ready=True,
            skills=("Refunds",) if team == "mail" and dice.random() < 0.1 else (),
            language=dice.choices(["", "en-GB", "de", "pt"], [12, 6, 1, 1])[0] if team == "mail" else "",
            sticky=dice.random() < 0.3,
            contact_id=f"k{dice.randrange(60)}",
            overflow_team="mail" if team == "phone" else None,
            overflow_at=now + timedelta(seconds=OVERFLOW_S) if team == "phone" else None,
            answer_within=f"PT{ANSWER_S // 60}M" if dice.random() < 0.3 else None,
        )
        last = Trigger(event_id=id_, event="ConversationStarted", seq=1)
        self.contacts[id_] = want.contact_id
        row = Row(id=id_, seq=1, brand_id=dice.choice("ab"), channel=channel, last=last, want=want)
        self.rows[id_] = row
        return row, Plan(want.decision_id, (), want, ())

    async def _at_once(self, rows: list[Row], plans: list[Plan], at: float) -> None:
        looked = [
            Looked(Cause(row.id, row.id), row.last, row.id, Outcome((), 0, {}), plan)
            for row, plan in zip(rows, plans, strict=True)
        ]
        work = Work({}, {row.id: row for row in rows}, looked)
        # What comes in a batch is not there yet for who looks for what waits.
        before, self.desk.conversations.rows = self.rows, {k: v for k, v in self.rows.items() if k not in work.rows}
        desk: Any = self.desk
        seated = await seat_at_once(work, desk, self.desk.desk, self.desk.now, desk)
        self.desk.conversations.rows = before
        for row, plan in sorted(zip(rows, plans, strict=True), key=lambda pair: _turn(pair[0])):
            found = seated.seats[row.id]
            self._look(row, found)
            self.rows[row.id], _ = decide(row, plan, found, trigger=row.last, now=self.desk.now)
            self._counts(row, self.rows[row.id])
            await self._settled(row.id, found, at)

    async def _fill(self, at: float) -> None:
        """As the waiting room: until nobody gets anything more."""
        session: Any = None
        while True:
            rows, seated = await self.desk.room._choose(set(), session)
            given = [(row, found) for row in rows if (found := seated.seats[row.id]).agent_id]
            for row, found in given:
                self._look(row, found)
                self.waited.append(self.desk.now - _want(row).since)
                self.rows[row.id], _ = decide_waiting(row, found, decision_id=f"w {row.id}", now=self.desk.now)
                self._counts(row, self.rows[row.id])
                await self._settled(row.id, found, at)
            if not given:
                return

    async def _settled(self, id_: str, found: Seat, at: float) -> None:
        row = self.rows[id_]
        await self.desk.seats.settle({id_: held(row)})
        if found.agent_id is None:
            return
        self.given[found.agent_id] += 1
        answers_after = self.dice.expovariate(1 / 500)
        if row.offer is not None:
            due_at = self.desk.now + timedelta(seconds=ANSWER_S)
            self.rows[id_] = row.model_copy(update={"offer": row.offer.model_copy(update={"due_at": due_at})})
        if row.offer is not None and self.dice.random() < 0.2:
            self._at(at + ANSWER_S, "unanswered", id_)
        else:
            self._at(at + answers_after, "answer", id_)

    async def _answer(self, id_: str, at: float) -> None:
        row = self.rows[id_]
        if row.agent_id is None:
            return
        self.desk.last_answers[self.contacts[id_]] = row.agent_id
        self.rows[id_] = row.model_copy(update={"offer": None})
        self._at(at + self.dice.expovariate(1 / 600), "finish", id_)

    async def _unanswered(self, id_: str, at: float) -> None:
        row = self.rows[id_]
        assert row.offer is not None
        row, made = ask_others(row, row.offer, decision_id=f"l {id_} {at}", now=self.desk.now)
        self.rows[id_] = row
        before = row.agent_id
        await self._at_once([row], [made], at)
        if (now := self.rows[id_]).agent_id == before:
            self.counted["stayed"] += 1
            assert now.offer is not None
            assert now.offer.due_at == self.desk.now + timedelta(seconds=ANSWER_S)
            self._at(at + 60, "answer", id_)
        else:
            self.counted["to others"] += 1

    async def _finish(self, id_: str, _: float) -> None:
        self._counts(self.rows.pop(id_), None)
        await self.desk.seats.settle({id_: None})

    # ── what must be so ──────────────────────────────────────────────────────────────────────────
    def _able(self, row: Row, teams: Sequence[str]) -> set[str]:
        """Who of these teams could have taken it just before, told without the code that is tried."""
        want = _want(row)
        fit = fitting(tuple(teams), row.brand_id, want.skills, want.language)
        there = fit & self.desk.online_now - {want.instead_of}
        return {one for one in there if self._room(BY_ID[one], row.channel)}

    def _room(self, one: AgentChanged, channel: str) -> int:
        mine, most = self.has[one.agent_id], getattr(one.capacities, channel)
        of_channel = (one.capacity if most is None else most) - mine[channel]
        return max(min(one.capacity - mine.total(), of_channel), 0)

    def _counts(self, before: Row, after: Row | None) -> None:
        """What everybody has, by the rows alone."""
        if before.agent_id:
            self.has[before.agent_id][before.channel] -= 1
        if after is not None and after.agent_id:
            self.has[after.agent_id][after.channel] += 1

    def _look(self, row: Row, found: Seat) -> None:
        """Just before `row` is given to whom it found, or is left waiting."""
        want, now = _want(row), self.desk.now
        own = self._able(row, [want.queue])
        due = want.overflow_team is not None and want.overflow_at is not None and want.overflow_at <= now
        other = self._able(row, [want.overflow_team]) if due and want.overflow_team else set()
        if found.agent_id is None:
            assert found.reason
            longer = "Others have waited longer" in found.reason
            assert longer or not (own | other), f"{row.id} waits though {own | other} could take it"
            return
        assert found.agent_id in own | other, "over capacity, away, or without what was asked for"
        if found.team_id != want.queue:
            self.counted["overflowed"] += 1
            assert due, "before its time"
            assert not own, "somebody of its own team had room"
        first = self.desk.last_answers.get(want.contact_id) if want.sticky else None
        late = set(want.last)
        if first in own and first not in late and not self._is_claimed(row, first):
            self.counted["sticky"] += 1
            assert found.agent_id == first, "who answered last had room"
        assert found.agent_id not in late or not (own - late), "who did not answer in time goes last"
        for one in self.desk.conversations.waiting:
            if one.id != row.id and found.agent_id in self._able(one, _asked(one, now)):
                assert _turn(row) <= _turn(one), f"{row.id} overtook {one.id}"
                assert want.since <= _want(one).since + HEAD_START, "and nobody is, by what came so much later"

    def _is_claimed(self, row: Row, agent_id: str) -> bool:
        """By somebody whose turn is earlier: also of what waits because its agent was just taken from under it."""
        return any(
            one.id != row.id and _turn(one) < _turn(row) and agent_id in self._able(one, ["mail", "phone"])
            for one in self.desk.conversations.waiting
        )


@cache
def fitting(teams: tuple[str, ...], brand_id: str, skills: tuple[str, ...], language: str) -> set[str]:
    """Who could take such a conversation if they were there and had room."""
    found = set()
    for one in AGENTS:
        of = [team for team in TEAMS if team.team_id in one.team_ids]
        able = {word for team in of for word in team.skills} | set(one.skills)
        tongues = [word for team in of for word in team.languages] + list(one.languages)
        if (
            set(teams) & set(one.team_ids)
            and brand_id in (one.brand_ids or "ab")
            and {word.lower() for word in skills} <= able
            and (not language or speaks(tongues, language))
        ):
            found.add(one.agent_id)
    return found


def _want(row: Row) -> Want:
    assert row.want is not None
    return row.want


def _asked(row: Row, now: datetime) -> list[str]:
    want = _want(row)
    return [want.queue, want.overflow_team] if want.overflows(now) and want.overflow_team else [want.queue]


def _turn(row: Row) -> datetime:
    return _want(row).turn_at or _want(row).since


@pytest.mark.parametrize("seed", [1, 2])
def test_a_busy_desk_is_fair_and_forgets_nobody(seed: int) -> None:
    simulation = Simulation(SETTINGS, seed, ARRIVALS)
    asyncio.run(simulation.run())
    assert simulation.rows == {}, "everything was given out, answered and finished"
    shares = [simulation.given[one] for one in EQUALS]
    assert max(shares) - min(shares) <= 0.25 * sum(shares) / len(shares), f"of equal people: {shares}"
    seen = simulation.counted
    assert min(seen[one] for one in ("overflowed", "sticky", "stayed", "to others")) >= 10, seen
    assert len(simulation.waited) > 300, "it was busy"
