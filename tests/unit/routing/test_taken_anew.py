"""Rules that give a conversation to a team or an agent and take it away, while people, refusals, departures and earlier
decisions come in between: whatever comes first, routing and tickets end with the same, the later word wins, nothing
waits for ever, and nobody has it only where a rule or people wanted that or it is said why."""

from __future__ import annotations

import random
from collections import deque
from typing import Any

import pytest

from services.routing.model.conversation import Row, follow
from services.routing.model.decision import Seat, asks, decide, decide_waiting
from services.routing.model.plan import Plan, plan
from services.routing.model.refused import refused
from services.routing.model.taking import settled
from services.routing.rules.schema import Assign, TakeFrom
from services.tickets.model import changes
from services.tickets.model.decisions import decide_decision
from services.tickets.model.departure import decide_departed
from services.tickets.model.evolve import Unfolding, evolve
from services.tickets.model.state import SYSTEM, Context, Desk
from shared.contracts.automation import ActionRefused
from shared.contracts.common import RuleRef
from shared.contracts.conversations import Assigned, Closed, NoteAdded, Reopened
from shared.contracts.directory import AgentChanged, TeamChanged
from shared.contracts.routing import Decided, Trigger, Unassign
from tests.unit.routing.examples import AGENT, AT, rule, started

MEMBERS = {"email-support": ("maya", "jonas"), "phone-support": ("jonas", "lena")}
AGENTS = ("maya", "jonas", "lena")
TEAMS = tuple(MEMBERS)
AGENT_OFF, TEAM_OFF, BOTH_OFF = ({"kind": "unassign", "what": what} for what in ("agent", "team", "both"))
SEEK = [{"kind": "assign", "team_id": team} for team in TEAMS]
ALONE = [{**one, "strategy": "none"} for one in SEEK]
TO = [{"kind": "assign_to", "agent_id": one} for one in AGENTS]
WORDS = [
    *([one] for one in (*SEEK, *SEEK, *ALONE, *TO, AGENT_OFF, AGENT_OFF, TEAM_OFF, BOTH_OFF)),
    *([AGENT_OFF, one] for one in (*SEEK, *ALONE)),
]
"""What one rule says."""
ANY_TEAM = "any"
RULE_REF = RuleRef(id="r", name="R", version=1)


class Tickets:
    """tickets' own model, on a directory that may know better than routing's who is gone."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._people_seq = 1
        head = {"team_id": dice.choice((*TEAMS, None)), "assignee_id": dice.choice((*AGENTS, None)), "assigned_seq": 1}
        self.events: deque[Any] = deque([started(**head)])
        self.state = evolve(None, self.events[0])
        self.gone_now = 0.2

    @property
    def team(self) -> str | None:
        return self.state.head.team_id

    @property
    def agent(self) -> str | None:
        return self.state.head.assignee_id

    def people(self) -> None:
        to = {
            "team_id": self._dice.choice((*TEAMS, None)),
            "assignee_id": self._dice.choice((*AGENTS, None, self.agent)),
        }
        events = changes.decide_assign(self.state, self._by(), self._desk(), **to, may_assign_others=True)
        self._people_seq = events[-1].seq if events else self._people_seq
        self._happened(events)

    def left(self) -> None:
        """Who has it leaves."""
        if self.agent is not None:
            self._happened(decide_departed(self.state, self._by(SYSTEM), self.agent))

    def noted(self) -> None:
        unfolding = Unfolding(self.state)
        unfolding.add(NoteAdded, self._by(), entry_id="n", text="t", html="t")
        self._happened(unfolding.events)

    def put_away(self, *, now: bool) -> None:
        """Closed; or opened again, where nothing is on its way `now`: what was decided before it was closed is done or
        not, as it happens."""
        if self.state.head.status != "closed":
            self._happened(changes.decide_close(self.state, self._by()))
        elif now:
            self._happened(changes.decide_reopen(self.state, self._by()))

    def apply(self, heard: Decided) -> None:
        outcome = decide_decision(self.state, heard, self._by(SYSTEM), self._desk(self.gone_now))
        assert "assigned_since" not in outcome.ignored or self._people_seq > heard.trigger.seq, (
            "people alone are yielded to"
        )
        self._happened(outcome.events)

    def _happened(self, events: Any) -> None:
        for event in events:
            self.state = evolve(self.state, event)
            self.events.append(event)

    def _by(self, actor: Any = AGENT) -> Context:
        return Context(AT, actor)

    def _desk(self, gone: float = 0.0) -> Desk:
        def there(often: float) -> bool:
            return self._dice.random() >= often

        agents = {
            one: AgentChanged(
                agent_id=one, seq=1, name=one, email=f"{one}@x.example", role_id="agent", active=there(gone)
            )
            for one in AGENTS
        }
        return Desk(agents, {one: TeamChanged(team_id=one, seq=1, name=one) for one in TEAMS if there(gone / 4)})


class Routing:
    """Follows in batches, asks rules, and gives out what waits. `sought`: somebody is to be found, as a rule's word was
    and nothing came after it that ends that; or the agent who keeps it all the same. `team`: where the last word put
    it."""

    def __init__(self, dice: random.Random, first: Any) -> None:
        self._dice = dice
        self.row: Row | None = None
        self.decided: deque[Decided] = deque()
        self.sought: bool | str = False
        self.team: str | None = first.head.team_id
        self._n = 0
        self.known = 1
        self.busy = 0.5
        self.asks_rules = True

    def hear(self, events: list[Any]) -> None:
        """As `ConversationHandlers`: all of a batch is followed, and then decided."""
        looked: list[tuple[Plan, Trigger]] = []
        for event in events:
            before = self.row
            self.row = row = follow(before, f"e{event.seq}", event)
            self._happened(row, event)
            made = None
            if isinstance(event, NoteAdded | Reopened | Assigned) and self.asks_rules and self._dice.random() < 0.5:
                made = self._asked(row, event)
            if before is not None and (found := refused(before, self.row, event, f"r{event.seq}")) is not None:
                self.row, made = found
                self.sought = self.sought if made.want else False
            looked += [(made, row.last)] if made else []
        self.decide(looked)

    def decide(self, looked: list[tuple[Plan, Trigger]]) -> None:
        for made, trigger in looked:
            assert self.row is not None
            seat = self._seat(self.row) if asks(self.row, made, trigger) and self.row.open else None
            self.row, decided = decide(self.row, made, seat, trigger=trigger, now=AT)
            self._tell(decided)

    def give(self) -> None:
        if self.row is None or self.row.want is None or not self.row.want.ready or not self.row.open:
            return
        seat = self._seat(self.row)
        if seat.agent_id is not None:
            self._n += 1
            self.row, decided = decide_waiting(self.row, seat, decision_id=f"w{self._n}", now=AT)
            self._tell(decided)

    def _asked(self, row: Row, event: Any) -> Plan:
        words = [self._dice.choice(WORDS) for _ in range(self._dice.choice((1, 1, 2)))]
        return self.planned(row, event, words)

    def planned(self, row: Row, event: Any, words: list[Any]) -> Plan:
        asked = {"decision_id": f"d{event.seq}", "correlation_id": "k", "is_member": self._is_member, "now": AT}
        self.row, made = plan(row, event, [rule(f"r{n}", then=then) for n, then in enumerate(words)], **asked)
        self._spoken(words, made, in_hand=event.head.status == "open")
        return made

    def _spoken(self, words: list[Any], made: Plan, *, in_hand: bool) -> None:
        assert self.row is not None
        said = [(one, RULE_REF) for n, then in enumerate(words) for one in rule(f"r{n}", then=then).then]
        giving, _ = settled([one for one in said if in_hand or isinstance(one[0], TakeFrom)])
        taken = [one.what for one in made.actions if isinstance(one, Unassign)]
        if giving is None:
            self.team = None if {"team", "both"} & set(taken) else self.team
            self.sought = False if taken or made.gone else self.sought
            return
        action, _ = giving
        self.team = action.team_id if isinstance(action, Assign) else self.team
        if isinstance(action, Assign) and action.strategy == "none":
            self.sought = False
        else:
            self.sought = True if self.row.want or self.row.pending_decision else self.row.agent_id or True

    def _happened(self, row: Row, event: Any) -> None:
        """What ends that somebody is sought: people, and what tickets does not accept; who was found, and leaves."""
        people = isinstance(event, Assigned) and event.by == AGENT
        if people:
            self.sought, self.team = False, event.team_id
        if isinstance(event, Closed):
            self.sought, self.team = False, ANY_TEAM
        if isinstance(event, ActionRefused) and event.action == "assign_team":
            self.team = ANY_TEAM
        if isinstance(event, Assigned) and event.by == SYSTEM and self.sought == event.previous_assignee_id:
            self.sought = False
        if self.sought is True and row.agent_id and not row.want and not row.pending_decision:
            self.sought = row.agent_id

    def _tell(self, decided: Decided | None) -> None:
        self.decided.extend([decided] if decided else [])

    def _seat(self, row: Row) -> Seat:
        assert row.want is not None
        asked = (row.want.queue,) if row.want.one_agent else MEMBERS[row.want.queue]
        barred = (row.want.need(row.brand_id, row.channel).not_by, *row.want.refused)
        free = [one for one in asked if one not in barred and f"{one} {self.known}" not in barred]
        if not free or self._dice.random() < self.busy:
            return Seat(None, "Nobody has room")
        agent = self._dice.choice(free)
        return Seat(agent, "", None, f"{agent} {self.known}")

    @staticmethod
    def _is_member(agent: str, team: str) -> bool:
        return agent in MEMBERS[team]


def told(tickets: Tickets, routing: Routing) -> None:
    """All that is on its way arrives."""
    while tickets.events or routing.decided:
        if tickets.events:
            routing.hear([tickets.events.popleft()])
        else:
            tickets.apply(routing.decided.popleft())


@pytest.mark.parametrize("found", [True, False], ids=["somebody is there", "nobody is there"])
@pytest.mark.parametrize(
    ("leading", "by_it"), [(SEEK[0], "email-support"), (ALONE[0], "email-support"), (TO[0], None), (AGENT_OFF, None)]
)
@pytest.mark.parametrize(
    ("later", "team", "agents"),
    [
        (SEEK[1], "phone-support", ("jonas", "lena")),
        (TO[1], None, ("jonas",)),
        (ALONE[1], "phone-support", ("zoe", "maya", "jonas", None)),
    ],
)
def test_of_two_rules_that_assign_it_shortly_after_each_other_the_later_one_has_its_way(
    leading: Any, by_it: str | None, later: Any, team: str | None, agents: tuple[str | None, ...], found: bool
) -> None:
    """Both are decided before tickets has done the first."""
    tickets = Tickets(random.Random(0))
    tickets.gone_now = 0.0
    first = started(assignee_id="zoe", assigned_seq=1)
    tickets.state, tickets.events = evolve(None, first), deque([first])
    tickets.noted()
    routing = Routing(random.Random(0), first)
    routing.asks_rules, routing.busy = False, 0.0 if found else 1.0
    for words in (leading, later):
        event = tickets.events.popleft()
        routing.row = follow(routing.row, f"e{event.seq}", event)
        routing.decide([(routing.planned(routing.row, event, [[words]]), routing.row.last)])
    told(tickets, routing)
    routing.busy = 0.0
    while routing.row is not None and routing.row.want is not None:
        routing.give()
        told(tickets, routing)
    assert tickets.team == (team or by_it)
    assert tickets.agent in agents
    assert routing.row is not None
    assert (routing.row.team_id, routing.row.agent_id, routing.row.moves) == (tickets.team, tickets.agent, ())


@pytest.mark.parametrize("seed", range(600))
def test_whatever_comes_in_between_both_end_with_the_same_and_nothing_waits_for_ever(seed: int) -> None:
    dice = random.Random(seed)
    tickets = Tickets(dice)
    routing = Routing(dice, tickets.events[0])
    for _ in range(40):
        match dice.randrange(14):
            case 0 | 1:
                tickets.noted()
            case 2 if dice.random() < 0.7:
                tickets.people()
            case 2:
                tickets.left() if dice.random() < 0.7 else tickets.put_away(now=not (tickets.events or routing.decided))
            case 3 | 4 | 5 | 6 | 7 if tickets.events:
                many = min(len(tickets.events), dice.choice((1, 1, 2, 3)))
                routing.hear([tickets.events.popleft() for _ in range(many)])
            case 8 | 9 | 10 | 11 if routing.decided:
                tickets.apply(routing.decided.popleft())
            case 12 | 13:
                routing.give()
    routing.asks_rules = False
    told(tickets, routing)
    row = routing.row
    assert row is not None
    assert (row.agent_id, row.team_id, row.pending_decision) == (tickets.agent, tickets.team, None)
    assert routing.team in (tickets.team, ANY_TEAM), "the later word is on the team"
    assert row.want is None or row.want.ready, "it waits for what is not to come"
    assert row.want is None or tickets.agent in (None, row.agent_id)
    # Now everybody is there, and known anew.
    tickets.gone_now, routing.busy, routing.known = 0.0, 0.0, 2
    while routing.row.want is not None and routing.row.open:
        routing.give()
        told(tickets, routing)
    assert tickets.agent is not None or not routing.sought or tickets.state.head.status != "open"
