"""Who is there, as it was looked at once for a batch: what rules are told of it, conversation by conversation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.routing.assignment.people import Board, Queue
from services.routing.rules.facts import Available
from shared.contracts.conversations import Head
from shared.contracts.routing import AgentStatus


class _There:
    """By team, for the conversations of a brand that come by a channel."""

    def __init__(self, online: Mapping[str, int], room: Mapping[str, int]) -> None:
        self.online = online
        self.room = room
        self.teams_online = tuple(sorted(id_ for id_, many in online.items() if many))
        self.teams_with_room = tuple(sorted(id_ for id_, many in room.items() if many))


@dataclass(frozen=True, slots=True)
class Staff:
    """`statuses` of the agents who ever set one; `teams` by id, each with its active members; `board` has what those
    who are online have; `waiting`: how many wait for a team."""

    statuses: Mapping[str, AgentStatus] = field(default_factory=dict)
    teams: Mapping[str, Queue] = field(default_factory=dict)
    board: Board = field(default_factory=Board)
    waiting: Mapping[str, int] = field(default_factory=dict)

    _there: dict[tuple[str, str], _There] = field(default_factory=dict, compare=False)

    def of(self, head: Head) -> Available:
        """For a conversation: of each team those who may have it, with their places for its channel."""
        key = head.brand_id, head.channel
        there = self._there.get(key)
        if there is None:
            there = self._there[key] = self._look(*key)
        mine = head.team_id if head.team_id in self.teams else None
        return Available(
            assignee=self.statuses.get(head.assignee_id, "offline") if head.assignee_id else None,
            teams_online=there.teams_online,
            teams_with_room=there.teams_with_room,
            online=there.online[mine] if mine else None,
            room=there.room[mine] if mine else None,
            waiting=self.waiting.get(mine, 0) if mine else None,
        )

    def _look(self, brand_id: str, channel: str) -> _There:
        online = {
            id_: [one for one in team.candidates if one.online and one.serves(brand_id)]
            for id_, team in self.teams.items()
        }
        room = {id_: sum(self.board.room(one, channel) for one in those) for id_, those in online.items()}
        return _There({id_: len(those) for id_, those in online.items()}, room)
