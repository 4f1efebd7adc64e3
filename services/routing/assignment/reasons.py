"""Why this agent, and why nobody yet: sentences for the timeline and for "Why?"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from services.routing.assignment.people import Board, Candidate, Need, Queue
from services.routing.assignment.suits import Requirement, called, keeps_from


def reason_for(queue: Queue, need: Need, chosen: Candidate, load: int) -> str:
    """Why this agent. `load` is theirs before this conversation."""
    if queue.one_agent:
        return f"{queue.title} is online"
    found = _reason(queue, need, chosen, load)
    left_out = _left_out(_online(queue, need), need, lambda one: one.asked)
    return f"{found}; {left_out}" if left_out else found


def _reason(queue: Queue, need: Need, chosen: Candidate, load: int) -> str:
    suited = len(_suited(queue, need))
    if chosen.agent_id in need.last:
        return f"{chosen.name} had it before, and nobody else in {queue.title} has room"
    if chosen.agent_id == need.first:
        return f"{chosen.name} answered this customer last"
    if need.strategy == "balanced":
        return f"Least busy ({load} open) among {suited} online in {queue.title}"
    return f"Round robin among {suited} online in {queue.title}"


def waiting_reason(queue: Queue, need: Need, board: Board) -> str:
    """Why nobody yet."""
    online, suited = _online(queue, need), _suited(queue, need)
    if queue.one_agent:
        return _one_agent(queue, need, online)
    nobody = "Nobody else" if need.not_by in {one.agent_id for one in queue.candidates} else "Nobody"
    if not queue.candidates:
        return f"{queue.title} has no members"
    if not online:
        return f"{nobody} in {queue.title} is online"
    left_out = _left_out(online, need, lambda _: True)
    if suited:
        of_it = "" if any(_is_full(one, board) for one in suited) else f" for {called(need.channel)}"
        found = f"{nobody} has room{of_it} among {len(suited)} online in {queue.title}"
        return f"{found}; {left_out}" if left_out else found
    keeping = {keeps_from(one, need) for one in online}
    if len(keeping) == 1 and (only := keeping.pop()):
        return f"{nobody} online in {queue.title} {only.nobody(need)}"
    return f"{nobody} online in {queue.title} can take it: {left_out}"


def _one_agent(queue: Queue, need: Need, online: Sequence[Candidate]) -> str:
    if not online:
        return f"{queue.title} is not online"
    keeps = keeps_from(online[0], need)
    return f"{queue.title} {keeps.lack(need, many=False)}" if keeps else f"{queue.title} has no room"


def _is_full(one: Candidate, board: Board) -> bool:
    return board.loads.get(one.agent_id, 0) >= one.capacity


def _online(queue: Queue, need: Need) -> list[Candidate]:
    return [one for one in queue.candidates if one.online and one.agent_id != need.not_by]


def _suited(queue: Queue, need: Need) -> list[Candidate]:
    return [one for one in _online(queue, need) if keeps_from(one, need) is None]


def _left_out(online: Iterable[Candidate], need: Need, told: Callable[[Requirement], bool]) -> str:
    """ "2 online lack the skill refunds, 1 does not speak German"."""
    keeping: Counter[Requirement] = Counter(keeps for one in online if (keeps := keeps_from(one, need)))
    parts = [(count, keeps.lack(need, many=count > 1)) for keeps, count in keeping.items() if told(keeps)]
    return ", ".join(f"{count}{'' if n else ' online'} {words}" for n, (count, words) in enumerate(parts))
