"""Whether an action of a rule wants an agent for a conversation, and what it asks of them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from services.routing.model.conversation import Row
from services.routing.model.want import Want, turn_at
from services.routing.rules.durations import read_duration
from services.routing.rules.facts import Facts
from services.routing.rules.schema import Assign, AssignTo
from shared.contracts.common import RuleRef
from shared.contracts.conversations import Head
from shared.contracts.routing import Action, SetPriority

IsMember = Callable[[str, str], bool]
WhyGone = Callable[[str, str], str | None]


def nobody_is_gone(_agent_id: str, _brand_id: str) -> None:
    """Where it only matters what rules say."""


def queue_of(action: Assign | AssignTo) -> str:
    return action.team_id if isinstance(action, Assign) else action.agent_id


def awaits(row: Row, action: Assign | AssignTo) -> bool:
    """Whether it waits already for just what the action asks."""
    want = row.want
    return want is not None and want.queue == queue_of(action) and _asked(want) == _asks(action)


def has_its_agent(row: Row, action: Assign | AssignTo, is_member: IsMember, taken_from: str | None = None) -> bool:
    """An agent of the team keeps it, or gets it that is on its way to them, whatever the action asks of a new one;
    unless the rule takes it from them."""
    agent_id = next((one.agent_id for one in reversed(row.moves) if one.of_agent), row.agent_id)
    if isinstance(action, AssignTo):
        return agent_id == action.agent_id
    if action.strategy == "none":
        return True
    return agent_id is not None and agent_id != taken_from and is_member(agent_id, action.team_id)


def want_for(
    row: Row,
    head: Head,
    action: Assign | AssignTo,
    ref: RuleRef,
    facts: Facts,
    actions: Iterable[Action],
    *,
    decision_id: str,
    correlation_id: str,
    now: datetime,
    chain: tuple[str, ...],
    taken_from: str | None = None,
) -> Want:
    """What is asked of an agent. What waits in the same queue for something else goes on waiting from when it began.
    `head`: with no team where that is to change. `actions`: what else is done, of which a change of the priority
    matters. `taken_from`: its agent, from whom the same rule takes it."""
    here = row.want if row.want is not None and row.want.queue == queue_of(action) else None
    since = here.since if here else now
    priority = next((one.priority for one in actions if isinstance(one, SetPriority)), head.priority)
    want = Want(
        decision_id=decision_id,
        queue=queue_of(action),
        one_agent=isinstance(action, AssignTo),
        rule=ref,
        since=since,
        turn_at=turn_at(since, priority=priority),
        correlation_id=correlation_id,
        ready=isinstance(action, AssignTo) or action.team_id == head.team_id,
        chain=chain,
        contact_id=head.contact_id,
        instead_of=here.instead_of if here else None,
    )
    if isinstance(action, AssignTo):
        return want
    anew = {"last": (taken_from,), "ready": False} if taken_from else {}
    return want.model_copy(update=_asks(action) | _found(action, facts, since) | anew)


def _asks(action: Assign | AssignTo) -> dict[str, object]:
    """What it asks that can be compared with what a conversation waits for."""
    if isinstance(action, AssignTo):
        return {}
    return {
        "strategy": action.strategy,
        "skills": action.skills,
        "speaks": action.speaks,
        "sticky": action.sticky,
        "overflow_team": action.overflow.team_id if action.overflow else None,
        "answer_within": action.answer_within,
    }


def _asked(want: Want) -> dict[str, object]:
    names = () if want.one_agent else ("strategy", "skills", "speaks", "sticky", "overflow_team", "answer_within")
    return {name: getattr(want, name) for name in names}


def _found(action: Assign, facts: Facts, since: datetime) -> dict[str, object]:
    language = facts.contact.language if action.speaks and facts.contact else ""
    overflow_at = since + read_duration(action.overflow.after) if action.overflow else None
    return {"language": language, "overflow_at": overflow_at}
