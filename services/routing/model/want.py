"""An agent is wanted for a conversation, or was found and is to answer. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.routing.assignment import Need
from services.routing.rules.schema import Strategy
from shared.contracts.base import Id, Time, Value
from shared.contracts.common import RuleRef

HEAD_START = timedelta(hours=1)
"""So much earlier does a conversation with priority count as having begun to wait. One without is given out after those
with priority that came up to an hour later, and before all others: however many there are, it is never starved."""


class Want(Value):
    """An agent is wanted by a decision: `queue` is the team's id, or the agent's when a rule named one (`one_agent`).

    `ready` once the conversation's head shows the team and, where a rule took it from somebody, nobody: until then
    people may be quicker. `since` is when the waiting began, `turn_at` what it is ordered by: earlier for priority.
    `instead_of`: the agent who has it until then and is away or, when `late`, did not answer in time; then it stays
    with them if nobody else can take it. `chain`: the rules that led to it.

    What the rule asked: `skills`; `language`, "" where none is asked for (`speaks`) or known; `sticky`, and to whom by
    `contact_id`; from `overflow_at` on also of `overflow_team`; an answer within `answer_within` (ISO 8601). `last` are
    agents who had it and did not answer in time, or the one from whom a rule took it; `refused` those whom tickets did
    not accept for it, as the directory named them then.
    """

    decision_id: Id
    queue: Id
    one_agent: bool = False
    strategy: Strategy = "round_robin"
    rule: RuleRef | None = None
    since: Time
    turn_at: Time | None = None
    correlation_id: str
    ready: bool = False
    instead_of: str | None = None
    late: bool = False
    chain: tuple[Id, ...] = ()
    skills: tuple[str, ...] = ()
    speaks: bool = False
    language: str = ""
    sticky: bool = False
    contact_id: str = ""
    overflow_team: str | None = None
    overflow_at: Time | None = None
    answer_within: str | None = None
    last: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def taken_from(self) -> str | None:
        """From whom a rule took it. Who is away or late has it until there is somebody else, so nobody takes it."""
        return self.last[-1] if self.last and self.instead_of is None else None

    @property
    def is_being_taken(self) -> bool:
        """Whether what a rule took from somebody is still on its way: tickets has not shown all of it yet."""
        return self.taken_from is not None and not self.ready

    def need(self, brand_id: str, channel: str, first: str | None = None) -> Need:
        """What it asks of who takes it; `first` answered the customer last. From whom a rule takes it is asked once it
        is taken, after all others."""
        return Need(
            brand_id=brand_id,
            channel=channel,
            strategy=self.strategy,
            skills=self.skills,
            language=self.language,
            not_by=self.taken_from if self.is_being_taken else self.instead_of,
            first=first,
            last=self.last,
            refused=self.refused,
        )

    def overflows(self, now: datetime) -> bool:
        """Whether it is also offered to the other team by now."""
        return self.overflow_team is not None and self.overflow_at is not None and self.overflow_at <= now


class Offer(Value):
    """It was given to an agent by itself, as `want` asked, who is to answer by `due_at`; None until the conversation's
    head shows them. `stays`: others were asked in vain, and that is told."""

    want: Want
    agent_id: Id
    due_at: Time | None = None
    stays: bool = False


def without_holder(want: Want) -> Want:
    """Who had it until there is somebody else has left the desk: it is still wanted, and nobody has it meanwhile."""
    others = tuple(one for one in want.last if one != want.instead_of)
    return want.model_copy(update={"instead_of": None, "late": False, "ready": True, "last": others})


def turn_at(since: datetime, *, priority: bool) -> datetime:
    """What those who wait are ordered by."""
    return since - HEAD_START if priority else since
