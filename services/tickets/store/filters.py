"""What a list is narrowed to besides its inbox and status, and how an index helps with it. Pure.

Filters are enums of fields (promises.md, row 11): nothing that a caller writes becomes a key of a query.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.contracts.common import Channel
from shared.contracts.conversations import Head
from shared.contracts.tickets import TicketState
from shared.mongo import Document

NOBODY = ""
"""As `team_id` or `assignee_id`: those that have none."""
LINKED = "links.state"
"""Of the tickets and trackers that a conversation is linked to."""
SPARSE_CHANNELS = frozenset({"chat", "phone", "custom"})
"""Most mail desks are mostly mail: a box for it would cost every conversation an entry and save nobody a read."""


@dataclass(frozen=True, slots=True)
class Filters:
    """None: any. `tags`: all of them must be on it. `ticket`: a ticket or tracker of its links has this state."""

    brand_id: str | None = None
    team_id: str | None = None
    assignee_id: str | None = None
    tags: tuple[str, ...] = ()
    channel: Channel | None = None
    topic: str | None = None
    priority: bool | None = None
    ticket: TicketState | None = None

    def sees(self, head: Head) -> bool:
        """Whether a conversation passes; `parts` asks MongoDB for the same."""
        return (
            self.brand_id in (None, head.brand_id)
            and self.team_id in (None, head.team_id or NOBODY)
            and self.assignee_id in (None, head.assignee_id or NOBODY)
            and set(self.tags) <= set(head.tags)
            and self.channel in (None, head.channel)
            and self.topic in (None, head.topic)
            and self.priority in (None, head.priority)
            and (self.ticket is None or any(link.state == self.ticket for link in head.links))
        )


@dataclass(frozen=True, slots=True)
class Part:
    """One condition: `box` holds exactly what `match` gives (spam apart), unless None; the lowest `rank` is expected to
    be the smallest."""

    match: Document
    box: str | None
    rank: int


def parts(filters: Filters) -> list[Part]:
    """A condition for each field that is given."""
    found = []
    if filters.assignee_id is not None:
        found.append(of_box("unassigned" if filters.assignee_id == NOBODY else f"agent:{filters.assignee_id}"))
    found += [of_box(f"tag:{tag}") for tag in dict.fromkeys(filters.tags)]
    if filters.ticket is not None:
        found.append(of_box(f"ticket:{filters.ticket}"))
    if filters.topic is not None:
        found.append(of_box(f"topic:{filters.topic}"))
    if filters.team_id is not None:
        found.append(of_box(f"team:{filters.team_id}") if filters.team_id else Part({"team_id": None}, None, 9))
    if filters.priority is not None:
        found.append(of_box("priority") if filters.priority else Part({"priority": False}, None, 9))
    if filters.channel is not None:
        sparse = filters.channel in SPARSE_CHANNELS
        found.append(of_box(f"channel:{filters.channel}") if sparse else Part({"channel": filters.channel}, None, 9))
    if filters.brand_id is not None:
        found.append(of_box(f"brand:{filters.brand_id}"))
    return found


_RANKS = (
    "mention",
    "created",
    "following",
    "agent",
    "tag",
    "ticket",
    "topic",
    "team",
    "priority",
    "channel",
    "unassigned",
    "brand",
    "all",
)
_FIELDS = {
    "agent": "assignee_id",
    "tag": "tags",
    "ticket": LINKED,
    "topic": "topic",
    "team": "team_id",
    "channel": "channel",
}


def of_box(box: str) -> Part:
    """What an inbox asks for, as a condition."""
    kind, _, id_ = box.partition(":")
    rank = _RANKS.index(kind) if kind in _RANKS else -1
    match kind:
        case "all":
            return Part({}, box, rank)
        case "unassigned":
            return Part({"assignee_id": None}, box, rank)
        case "priority":
            return Part({"priority": True}, box, rank)
        case "brand":
            return Part({"brand_id": id_}, box, rank)
        case _ if kind in _FIELDS:
            return Part({_FIELDS[kind]: id_}, box, rank)
    return Part({"boxes": box}, box, rank)  # mentions, created, visitors, spam: the box alone says it


@dataclass(frozen=True, slots=True)
class Plan:
    """`lead` is the box whose index is walked, `rest` what is asked of each row besides. `index` (of
    `standings`) finds all of it without an order, where there is one that does so without a walk."""

    lead: str
    rest: Sequence[Document]
    match: Sequence[Document]
    index: str | None


def plan(box: str, filters: Filters) -> Plan:
    """How to read one list. Without filters the inbox leads and nothing is left to ask."""
    wanted = [of_box(box), *parts(filters)]
    leads = sorted((part for part in wanted if part.box is not None), key=lambda part: part.rank)
    lead = leads[0]
    rest = [part.match for part in wanted if part is not lead and part.match and part.match != lead.match]
    return Plan(lead.box or box, rest, [part.match for part in wanted if part.match], _index(wanted))


def _index(wanted: Sequence[Part]) -> str | None:
    """The one whose fields before the first that is not asked for leave the fewest to skip over."""
    asked = {name: value for part in wanted for name, value in part.match.items()}
    if "boxes" in asked or LINKED in asked:
        return None
    if "tags" in asked:
        return "by_tag_of_agent" if "assignee_id" in asked else "by_tag"
    return "by_agent" if "assignee_id" in asked else "by_place"
