"""What a request narrows a list to, as the query of a GET, a saved view and a bulk action say it alike."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query as QueryParam
from pydantic import Field

from services.tickets.store.filters import NOBODY, Filters
from services.tickets.store.inboxes import Query, Sort, Status
from shared.access import Viewer
from shared.contracts.common import Channel
from shared.contracts.tickets import TicketState
from shared.errors import FieldError, Invalid
from shared.http import Body

OWN = {"mine": "agent", "mentions": "mention", "created": "created", "following": "following"}
SHARED = ("all", "unassigned", "spam")

Name = Annotated[str, Field(min_length=1, max_length=200)]


class Narrowed(Body):
    """One list. `team` and `assignee` may be "none", `assignee` also "me"; every one of `tags` must be on it.
    `ticket`: the state of a ticket or tracker that it is linked to."""

    inbox: Annotated[str, Field(max_length=250)] = "all"
    status: Status = "open"
    brand: Name | None = None
    team: Name | None = None
    assignee: Name | None = None
    tags: Annotated[tuple[Name, ...], Field(max_length=10)] = ()
    channel: Channel | None = None
    topic: Name | None = None
    priority: bool | None = None
    ticket: TicketState | None = None

    def filters(self, viewer: Viewer) -> Filters:
        return Filters(
            brand_id=self.brand,
            team_id=NOBODY if self.team == "none" else self.team,
            assignee_id={"none": NOBODY, "me": viewer.agent_id}.get(self.assignee or "", self.assignee),
            tags=self.tags,
            channel=self.channel,
            topic=self.topic,
            priority=self.priority,
            ticket=self.ticket,
        )

    def query(self, viewer: Viewer, sort: Sort = "newest") -> Query:
        """Of what the viewer sees. Raises Invalid for an inbox that does not exist."""
        return Query(box_of(self.inbox, viewer), viewer.scope, self.status, sort, self.filters(viewer))


async def in_address(
    inbox: Annotated[
        str,
        QueryParam(
            max_length=250,
            description="mine, mentions, created, following, all, unassigned, spam, team:<id> or brand:<id>",
        ),
    ] = "all",
    status: Status = "open",
    brand: Annotated[str | None, QueryParam(min_length=1, max_length=200)] = None,
    team: Annotated[
        str | None, QueryParam(min_length=1, max_length=200, description='An id; "none": those of no team')
    ] = None,
    assignee: Annotated[
        str | None, QueryParam(min_length=1, max_length=200, description='An id; "me"; "none": nobody\'s')
    ] = None,
    tag: Annotated[list[Name], QueryParam(max_length=10, description="Each of them must be on it")] = [],  # noqa: B006
    channel: Channel | None = None,
    topic: Annotated[str | None, QueryParam(min_length=1, max_length=200)] = None,
    priority: bool | None = None,
    ticket: Annotated[TicketState | None, QueryParam(description="Linked to a ticket or tracker in this state")] = None,
) -> Narrowed:
    """The same from the query of an address."""
    return Narrowed(
        inbox=inbox,
        status=status,
        brand=brand,
        team=team,
        assignee=assignee,
        tags=tuple(tag),
        channel=channel,
        topic=topic,
        priority=priority,
        ticket=ticket,
    )


def box_of(inbox: str, viewer: Viewer) -> str:
    """An inbox's name as conversations carry it. Raises Invalid for one that does not exist."""
    if inbox in OWN:
        return f"{OWN[inbox]}:{viewer.agent_id}"
    kind, _, id_ = inbox.partition(":")
    if inbox in SHARED or (kind in ("team", "brand") and id_):
        return inbox
    raise Invalid(
        "unknown_inbox",
        "There is no such inbox: mine, mentions, created, following, all, unassigned, spam, team:<id> or brand:<id>.",
        (FieldError("query.inbox", "is not an inbox"),),
    )
