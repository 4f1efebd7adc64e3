"""What is left of assigning and taking away when rules do both to one conversation. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from services.routing.model.want import Want
from services.routing.rules.schema import Assign, AssignTo, TakeFrom
from shared.contracts.common import RuleRef
from shared.contracts.conversations import Head
from shared.contracts.routing import Taken, Unassign

Giving = tuple[Assign | AssignTo, RuleRef]
Taking = tuple[Taken, RuleRef]


def settled(asked: Iterable[tuple[Assign | AssignTo | TakeFrom, RuleRef]]) -> tuple[Giving | None, Taking | None]:
    """Who it goes to and what it is taken from, the later overriding the earlier: an assignment what was taken before
    it, and what is taken an assignment before it. Both are done where they do not touch each other, a team without an
    agent of it, from whom it is taken; and where one rule takes it from its agent for its team to find another."""
    giving, taking, agent_by = None, None, None
    for action, ref in asked:
        if isinstance(action, TakeFrom):
            giving = _team_alone(giving) if action.what == "agent" else None
            taking = (_both(taking, action.what), ref)
            agent_by = agent_by if action.what == "team" else ref
        else:
            giving = (action, ref)
            both = isinstance(action, Assign) and (action.strategy == "none" or agent_by == ref)
            taking = ("agent", taking[1]) if both and taking and taking[0] != "team" else None
    return giving, taking


def unassign(head: Head, taking: Taking) -> Unassign | None:
    """What of it the conversation has; None when it has none of it."""
    what, ref = taking
    agent = head.assignee_id is not None and what != "team"
    team = head.team_id is not None and what != "agent"
    if agent and team:
        return Unassign(what="both", rule=ref)
    return Unassign(what="agent" if agent else "team", rule=ref) if agent or team else None


def still_waits(want: Want | None, head: Head, what: Taken) -> bool:
    """Whether it goes on waiting: not for the one agent whom a rule named, when it is taken from its agent, nor after
    it was taken from who had it or from the team that it waits for. What takes nothing from it ends no waiting: what
    nobody has yet waits on, and so does what waits for a team that it is only on its way to."""
    if want is None or (want.one_agent and what != "team"):
        return False
    of_agent = head.assignee_id is not None and what != "team"
    of_team = head.team_id == want.queue and what != "agent"
    return want.one_agent or not (of_agent or of_team)


def _team_alone(giving: Giving | None) -> Giving | None:
    if giving is None or isinstance(giving[0], AssignTo):
        return None
    return Assign(team_id=giving[0].team_id, strategy="none"), giving[1]


def _both(taking: Taking | None, what: Taken) -> Taken:
    return what if taking is None or taking[0] == what else "both"
