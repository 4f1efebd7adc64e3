"""Rules that are asked later, over one conversation whose clock the test moves: events in, what was done out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from services.routing.assignment import Staff
from services.routing.deciding import Beside, Work
from services.routing.later import Asking
from services.routing.model.conversation import Row, follow
from services.routing.model.decision import decide
from services.routing.model.later import (
    ALWAYS_CLOSED,
    about_its_ticket,
    begin,
    cancelled,
    head_of,
    led_by,
    scheduled,
    since_a_person,
    time_passed,
)
from services.routing.model.plan import Plan, is_trigger, plan
from services.routing.rules.evaluate import RuleSet
from services.routing.rules.facts import Available, Facts
from services.routing.rules.names import name_of
from services.routing.rules.schema import Rule
from services.routing.sla.hours import OpeningHours
from shared.contracts.conversations import ConversationEvent, Head, NoteAdded, ReplySent
from shared.contracts.routing import Action, Decided
from shared.governance.stages import version_id
from tests.unit.routing.examples import AGENT, AT, RULE, changed, message, rule


class NoDesk:
    """Nobody is a member of anything or gone, and every brand lives in UTC."""

    def zone(self, brand_id: str) -> str:
        return "UTC"

    def is_member(self, agent_id: str, team_id: str) -> bool:
        return False

    def why_gone(self, agent_id: str, brand_id: str) -> None:
        return None


class World:
    """`done` are the decisions with something to do; `plans` those of events."""

    def __init__(self, *rules: Rule, hours: OpeningHours = ALWAYS_CLOSED) -> None:
        self.hours = hours
        self.staff: Staff | None = None
        self.rules = RuleSet(rules)
        self.now: datetime = AT
        self.row: Row | None = None
        self.done: list[Decided] = []
        self.plans: list[Plan] = []

    def change(self, *rules: Rule) -> None:
        """The rules are others from now on, and every conversation is looked at again."""
        self.rules = RuleSet(rules, since={version_id(one): self.now for one in rules})
        self.ask(at_all=True)

    def hear(self, event: ConversationEvent, chain: tuple[str, ...] = ()) -> None:
        self.now = max(self.now, event.at)
        before = self.row.status if self.row else None
        row = follow(self.row, f"e{event.seq}", event)
        if self.row is not None and row is self.row:
            return
        row = about_its_ticket(since_a_person(row, event, chain), event, self.rules)
        row = cancelled(row, event, self.rules)
        if is_trigger(event):
            chain = led_by(row, event, chain)
            facts = Facts(event.head, getattr(event, "message", None), event, before, moments=row.moments)
            facts = replace(facts, open_calendars=self.hours.open_at(event.at), available=self._available(event.head))
            outcome = self.rules.run(name_of(event), facts)
            row, made = plan(
                row, event, outcome.matched, decision_id=f"d{event.seq}", correlation_id="k", is_member=_nobody,
                now=self.now, chain=chain,
            )  # fmt: skip
            row, made = begin(
                row, event, outcome.matched, made, event_id=f"e{event.seq}", status_before=before,
                correlation_id="k", chain=chain,
            )  # fmt: skip
            self.plans.append(made)
            self._decide(row, made)
            row = self.row or row
        self.row = self._scheduled(row)

    def pass_(self, **by: float) -> None:
        """Time passes; the timers fire at each moment that is due."""
        until = self.now + timedelta(**by)
        for _ in range(100):
            if self.row is None or self.row.due_at is None or self.row.due_at > until:
                break
            self.now = max(self.now, self.row.due_at)
            self.ask()
        else:
            raise AssertionError("it is asked again and again")
        self.now = until

    def ask(self, *, at_all: bool = False) -> None:
        """As the timers do, however often; `at_all`: whatever is due."""
        row = self.row
        if row is None or not (at_all or (row.due_at and row.due_at <= self.now)):
            return
        work = Work({row.id: row}, {row.id: row})
        Asking(NoDesk(), self.rules, work, self.now, self.now, self.read).ask(row.id, head_of(row))  # type: ignore[arg-type]
        self.row = work.rows[row.id]
        for one in work.looked:
            self._decide(self.row, one.plan)

    def _available(self, head: Head) -> Available | None:
        return self.staff.of(head) if self.staff else None

    @property
    def read(self) -> Beside:
        return Beside(hours=self.hours, staff=self.staff)

    def _decide(self, row: Row, made: Plan) -> None:
        self.row, decided = decide(row, made, None, trigger=row.last, now=self.now)
        if decided is not None:
            self.done.append(decided)

    def _scheduled(self, row: Row) -> Row:
        head = head_of(row)
        if head is None:
            return scheduled(row, self.rules, None)
        passed = time_passed(head, self.now)
        facts = Facts(head, None, passed, moments=row.moments, open_calendars=self.hours.open_at(self.now))
        facts = replace(facts, available=self._available(head))
        return scheduled(row, self.rules, facts, self.hours)

    @property
    def actions(self) -> list[Action]:
        return [action for one in self.done for action in one.actions]

    @property
    def by(self) -> list[str]:
        """The rules that acted, in order."""
        return [action.rule.id for action in self.actions if action.rule]


def _nobody(agent_id: str, team_id: str) -> bool:
    return False


def ago(field: str, length: str) -> dict[str, Any]:
    return {"all": [{"field": field, "operator": "longer_ago", "value": length}]}


NOTE = [{"kind": "add_note", "text": "Look"}]
REPLY = [{"kind": "send_macro", "macro_id": "sorry"}]
IN_2H: dict[str, Any] = {"after": "PT2H", "then": NOTE}
WAITED_4H = ago("conversation.waiting_since", "PT4H")


def timed(id_: str = "slow", conditions: Any = WAITED_4H, then: Any = NOTE) -> Rule:
    return rule(id_, when=["TimePassed"], **{"if": conditions}, then=then)


def answered(seq: int, **on_head: Any) -> Any:
    own = {"message": message(direction="out", author=AGENT, sender=None)}
    return numbered(changed(ReplySent, own, **{"waiting_since": None, **on_head}), seq)


def noted(seq: int, **on_head: Any) -> Any:
    return numbered(changed(NoteAdded, {"entry_id": f"n{seq}", "text": "t", "html": "t"}, **on_head), seq)


def numbered(event: Any, seq: int) -> Any:
    return event.model_copy(update={"seq": seq, "at": AT + timedelta(seconds=seq)})


def later(event: Any, **by: float) -> Any:
    """The same event, at another time."""
    return event.model_copy(update={"at": AT + timedelta(**by)})


def by_rule(event: Any, seq: int) -> Any:
    return event.model_copy(update={"by": RULE, "seq": seq})
