"""A rule that takes a conversation from its agent and lets the team find another, while people, refusals and earlier
decisions come in between: whatever comes first, both sides end with the same, and nothing waits for ever."""

from __future__ import annotations

import random
from collections import deque
from typing import Any

import pytest

from services.routing.model.conversation import Row, follow
from services.routing.model.decision import Seat, decide, decide_waiting
from services.routing.model.plan import plan
from services.routing.model.refused import refused
from shared.contracts.automation import ActionRefused
from shared.contracts.routing import AssignAgent, AssignTeam, Decided, Unassign
from tests.unit.routing.examples import AGENT, AT, RULE, assigned, changed, note, rule, started

AGENTS = ("maya", "jonas", "lena")
TEAMS = ("email-support", "phone-support")
TAKE = {"kind": "unassign", "what": "agent"}


class Tickets:
    """As `services/tickets/model/decisions.py` does assignments: what is older than the last one comes to nothing."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self.team: str | None = dice.choice((*TEAMS, None))
        self.agent: str | None = dice.choice(AGENTS)
        self._seq, self._assigned_seq = 1, 1
        self.taken = False
        self.events: deque[Any] = deque([started(**self._head())])

    def _head(self) -> dict[str, Any]:
        return {"team_id": self.team, "assignee_id": self.agent, "assigned_seq": self._assigned_seq}

    def assign(self, team: str | None, agent: str | None, *, by: Any = AGENT, decision_id: str | None = None) -> None:
        if (team, agent) == (self.team, self.agent):
            return
        self.team, self.agent = team, agent
        self._seq += 1
        self._assigned_seq = self._seq
        self.taken = agent is None and by is RULE
        self.events.append(assigned(self._seq, team, agent, by=by, decision_id=decision_id))

    def noted(self) -> None:
        self._seq += 1
        self.events.append(note(self._seq, **self._head()))

    def apply(self, heard: Decided) -> None:
        if self._assigned_seq > heard.trigger.seq:
            return
        for one in heard.actions:
            match one:
                case Unassign():
                    self.assign(self.team, None, by=RULE, decision_id=heard.decision_id)
                case AssignTeam():
                    self.assign(one.team_id, self.agent, by=RULE, decision_id=heard.decision_id)
                case AssignAgent() if self._dice.random() < 0.2:
                    self._refuse(heard.decision_id)
                case AssignAgent():
                    self.assign(one.team_id or self.team, one.agent_id, by=RULE, decision_id=heard.decision_id)

    def _refuse(self, decision_id: str) -> None:
        self._seq += 1
        own = {"action": "assign_agent", "code": "unknown_agent", "reason": "Gone."}
        event = changed(ActionRefused, own, **self._head())
        more = {"seq": self._seq, "decision_id": decision_id}
        self.events.append(event.model_copy(update={**more, "head": event.head.model_copy(update={"seq": self._seq})}))


class Routing:
    """Follows, asks the rule at each note, and gives out what waits."""

    def __init__(self, dice: random.Random, queue: str) -> None:
        self._dice = dice
        self._rule = rule("r1", when=["NoteAdded"], then=[TAKE, {"kind": "assign", "team_id": queue}])
        self.row: Row | None = None
        self.decided: deque[Decided] = deque()

    def hear(self, event: Any) -> None:
        before, id_ = self.row, f"d{event.seq}"
        row = follow(before, f"e{event.seq}", event)
        made = None
        if type(event).__name__ == "NoteAdded":
            asked = {"decision_id": id_, "correlation_id": "k", "is_member": self._is_member, "now": event.at}
            row, made = plan(row, event, [self._rule], **asked)
        elif before is not None and (found := refused(before, row, event, id_)) is not None:
            row, made = found
        if made is not None:
            seat = self._seat(row) if made.want else None
            row, decided = decide(row, made, seat, trigger=row.last, now=event.at)
            self.decided.extend([decided] if decided else [])
        self.row = row

    def give(self) -> None:
        if self.row is None or self.row.want is None or not self.row.want.ready:
            return
        seat = self._seat(self.row)
        if seat.agent_id is not None:
            self.row, decided = decide_waiting(self.row, seat, decision_id=f"w{self.row.head_seq}", now=AT)
            self.decided.append(decided)

    def _seat(self, row: Row) -> Seat:
        assert row.want is not None
        not_by = row.want.need(row.brand_id, row.channel).not_by
        return Seat(self._dice.choice([one for one in ("maya", "jonas", None) if one is None or one != not_by]), "")

    @staticmethod
    def _is_member(agent: str, _team: str) -> bool:
        return agent != "lena"


@pytest.mark.parametrize("seed", range(300))
def test_whatever_comes_in_between_both_end_with_the_same_and_nothing_waits_for_ever(seed: int) -> None:
    dice = random.Random(seed)
    tickets, routing = Tickets(dice), Routing(dice, dice.choice(TEAMS))
    for _ in range(40):
        match dice.randrange(8):
            case 0:
                tickets.noted()
            case 1:
                tickets.assign(dice.choice((*TEAMS, None)), dice.choice((*AGENTS, None, *[tickets.agent] * 4)))
            case 2 | 3 | 4 if tickets.events:
                routing.hear(tickets.events.popleft())
            case 5 | 6 if routing.decided:
                tickets.apply(routing.decided.popleft())
            case 7:
                routing.give()
    while tickets.events or routing.decided:
        if tickets.events:
            routing.hear(tickets.events.popleft())
        else:
            tickets.apply(routing.decided.popleft())
    row = routing.row
    assert row is not None
    assert (row.agent_id, row.team_id) == (tickets.agent, tickets.team)
    assert row.want is None or (row.want.ready and tickets.agent is None)
    assert row.want is not None or not tickets.taken, "what was taken from somebody is wanted by nobody"
