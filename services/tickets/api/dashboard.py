"""The dashboard (IN8): who has what now, what is late, and what was done today. Of what the viewer sees."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar, get_args

from fastapi import APIRouter
from pydantic import BaseModel

from services.tickets.api.context import CurrentTickets, Tickets
from services.tickets.model import daily
from services.tickets.model.daily import Done, Spot
from services.tickets.store.daily import day_in
from services.tickets.store.documents import read_conversation
from services.tickets.store.holdings import Held, Load
from services.tickets.store.inboxes import Query, Sort, find_page
from shared.access import CurrentViewer, Viewer
from shared.contracts.base import Time
from shared.contracts.common import Channel
from shared.contracts.conversations import Head
from shared.contracts.directory import AgentChanged
from shared.scope import Standing, works_with

router = APIRouter(tags=["dashboard"])

LATE_MOST = 25

T = TypeVar("T")


class Now(BaseModel):
    """Open conversations; in `waiting` of them a customer waits for an answer, the longest since `oldest_waiting`."""

    open: int
    waiting: int
    oldest_waiting: Time | None


class Durations(BaseModel):
    """In seconds, at most 3.1 % off; null when nothing was measured."""

    count: int
    median_s: float | None
    p90_s: float | None


class Today(BaseModel):
    """`new`: conversations that began, for a team those that came to it. `closed`: closings. `replies`: by agents.
    `first_response`: from a customer's beginning to the first answer; `resolution`: from the beginning to a closing."""

    new: int
    closed: int
    replies: int
    first_response: Durations
    resolution: Durations


class Everything(BaseModel):
    """`unassigned`: those that nobody has."""

    now: Now
    unassigned: Now
    today: Today


class OfChannel(BaseModel):
    """`open` conversations of one channel; of it at most `capacity` are assigned automatically, null: as many as there
    is room for."""

    channel: Channel
    open: int
    capacity: int | None


class OfAgent(BaseModel):
    """`closed` and `replies` are of today, and their own. `load` tells of each channel that they have something of, or
    take only so many of."""

    agent_id: str
    now: Now
    load: list[OfChannel]
    closed: int
    replies: int


class OfPlace(BaseModel):
    """A team ("" for none), a brand or a channel by its id, with what of it nobody has."""

    id: str
    now: Now
    unassigned: Now
    today: Today


class Dashboard(BaseModel):
    """Today is each brand's own, by its time zone. `late`: customers who wait, the longest first, up to 25. `targets`:
    with an SLA target, the nearest first."""

    at: Time
    everything: Everything
    agents: list[OfAgent]
    teams: list[OfPlace]
    brands: list[OfPlace]
    channels: list[OfPlace]
    late: list[Head]
    targets: list[Head]


@router.get("/dashboard")
async def dashboard(viewer: CurrentViewer, tickets: CurrentTickets) -> Dashboard:
    """Who has what, what is late, and today's figures; of the brands, channels and teams that the viewer works on."""
    viewer.need("dashboard.read")
    now = tickets.store.clock()
    holdings, done, late, targets = await asyncio.gather(
        tickets.store.holdings.now(),
        _today(tickets, viewer, now),
        _first(tickets, viewer, "waited_longest"),
        _first(tickets, viewer, "next_sla"),
    )
    held = [one for one in holdings if viewer.sees(one.at)]
    channels = {one.at.channel for one in held} | {spot.channel for spot, _ in done}
    return Dashboard(
        at=now,
        everything=Everything(now=_now(held), unassigned=_now(_nobodys(held)), today=_of_day(done, of_team=False)),
        agents=_agents(tickets, viewer, held, done),
        teams=_places("team_id", ["", *sorted(_teams(tickets, viewer))], held, done),
        brands=_places("brand_id", _brands(tickets, viewer), held, done),
        channels=_places("channel", sorted(channels), held, done),
        late=[one for one in late if one.waiting_since is not None],
        targets=[one for one in targets if one.next_sla_at is not None],
    )


Doings = Sequence[tuple[Spot, Done]]


async def _today(tickets: Tickets, viewer: Viewer, now: datetime) -> Doings:
    """What was done on each brand's today, of what the viewer sees."""
    days = {brand_id: day_in(brand.time_zone, now) for brand_id, brand in tickets.directory.brands.items()}
    found = await tickets.store.daily.of(set(days.values()))
    return [
        (spot, done)
        for spot, done in found.items()
        if days.get(spot.brand_id) == spot.day and viewer.sees(Standing(spot.brand_id, spot.channel, spot.team_id))
    ]


async def _first(tickets: Tickets, viewer: Viewer, sort: Sort) -> list[Head]:
    page = await find_page(tickets.store.lists, Query("all", viewer.scope, "open", sort), cursor=None, limit=LATE_MOST)
    return [read_conversation(row).head for row in page.items]


def _agents(tickets: Tickets, viewer: Viewer, held: Sequence[Held], done: Doings) -> list[OfAgent]:
    """Who works on the same part of the desk, and whoever else has something of it."""
    colleagues = {
        agent.agent_id
        for agent in tickets.directory.agents.values()
        if agent.active and works_with(viewer.scope, agent) and _answers(tickets, agent.role_id)
    }
    own = _group((spot.agent_id, work) for spot, work in done)
    mine = _group((one.at.assignee_id or "", one) for one in held)
    found = []
    for agent_id in sorted(colleagues | mine.keys() - {""}):
        total = _sum(own.get(agent_id, ()))
        has = mine.get(agent_id, ())
        load = _load(has, tickets.directory.agents.get(agent_id))
        found.append(OfAgent(agent_id=agent_id, now=_now(has), load=load, closed=total.closed, replies=total.replies))
    return found


def _load(held: Iterable[Held], agent: AgentChanged | None) -> list[OfChannel]:
    most = dict(agent.capacities) if agent else {}
    has = Counter[str]()
    for one in held:
        has[one.at.channel] += one.load.open
    return [
        OfChannel(channel=channel, open=has[channel], capacity=most.get(channel))
        for channel in get_args(Channel)
        if has[channel] or most.get(channel) is not None
    ]


def _group(pairs: Iterable[tuple[str, T]]) -> dict[str, list[T]]:
    found: dict[str, list[T]] = {}
    for key, one in pairs:
        found.setdefault(key, []).append(one)
    return found


def _answers(tickets: Tickets, role_id: str) -> bool:
    role = tickets.directory.roles.get(role_id)
    return role is not None and "conversations.reply" in role.permissions


def _teams(tickets: Tickets, viewer: Viewer) -> set[str]:
    """Those of the desk, or one's own where one is limited to them."""
    known = set(tickets.directory.teams)
    return known if viewer.scope.teams is None else known & viewer.scope.teams


def _brands(tickets: Tickets, viewer: Viewer) -> list[str]:
    return [brand_id for brand_id in sorted(tickets.directory.brands) if viewer.sees_brand(brand_id)]


class _Whereabouts(Protocol):
    """A `Standing` or a `Spot`."""

    @property
    def brand_id(self) -> str: ...
    @property
    def channel(self) -> str: ...
    @property
    def team_id(self) -> str | None: ...


def _places(field: str, ids: Sequence[str], held: Sequence[Held], done: Doings) -> list[OfPlace]:
    """One line for each id."""

    def at(place: _Whereabouts) -> str:
        return getattr(place, field) or ""

    here = _group((at(one.at), one) for one in held)
    then = _group((at(spot), (spot, work)) for spot, work in done)
    return [
        OfPlace(
            id=id_,
            now=_now(here.get(id_, ())),
            unassigned=_now(_nobodys(here.get(id_, ()))),
            today=_of_day(then.get(id_, ()), of_team=field == "team_id" and id_ != ""),
        )
        for id_ in ids
    ]


def _nobodys(held: Iterable[Held]) -> list[Held]:
    return [one for one in held if one.at.assignee_id is None]


def _now(held: Iterable[Held]) -> Now:
    total = Load()
    for one in held:
        total += one.load
    return Now(open=total.open, waiting=total.waiting, oldest_waiting=total.oldest)


def _sum(done: Iterable[Done]) -> Done:
    total = Done()
    for one in done:
        total.add(one)
    return total


def _of_day(done: Doings, *, of_team: bool) -> Today:
    total = _sum(work for _, work in done)
    return Today(
        new=total.started + (total.came if of_team else 0),
        closed=total.closed,
        replies=total.replies,
        first_response=_durations(total.first),
        resolution=_durations(total.resolved),
    )


def _durations(buckets: dict[int, int]) -> Durations:
    found = daily.times(buckets)
    return Durations(count=found.count, median_s=found.median_s, p90_s=found.p90_s)
