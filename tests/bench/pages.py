"""A page of the inbox over HTTP, any filter and sort, beside the bare indexed find; as conversations grow in number.

Two agents ask: one who may see everything, and one who works for twenty of the thirty brands. Both take turns with
the bare find, request by request. The sidebar's counts are asked by both too.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import random
import statistics
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations, product
from typing import Any, get_args
from urllib.parse import quote

from argon2 import PasswordHasher
from pymongo import AsyncMongoClient

from services.tickets.store import Store
from services.tickets.store.inboxes import Sort, Status
from shared import clock
from shared.contracts.directory import AgentChanged, BrandChanged, RoleChanged, TeamChanged
from shared.setup import create_topics
from tests.bench import million, running
from tests.bench.reference import pages as bare
from tests.bench.row import Row, row_of
from tests.servers import Servers

MOST = 1_000_000
LIMIT = 50
DEEP = 5
"""Pages of 100 that the deep ones lie behind."""
KEPT_OPEN_S = 3.0
"""Below what the service keeps a silent connection for."""
PASSWORD = "a password for measurements"
ALL_SEEING, NARROW = million.AGENTS[40], million.AGENTS[41]
"""Each has some hundreds of open conversations of a million."""
NARROW_BRANDS = million.BRANDS[:20]
INBOXES = {
    "all": "all",
    "unassigned": "unassigned",
    "mine": f"agent:{ALL_SEEING}",
    "mentions": f"mention:{ALL_SEEING}",
    "created": f"created:{ALL_SEEING}",
    "team:team-00": "team:team-00",
    "team:team-59": "team:team-59",
    "brand:brand-00": "brand:brand-00",
    "spam": "spam",
}
"""Inboxes by what HTTP and what the documents call them."""
WIDE = ("all", "unassigned", "team:team-00", "brand:brand-00")
"""Those that a narrow agent shares with everybody, and that are many pages long."""


@dataclass(frozen=True)
class Case:
    """One list, and the place that its page begins after: a cursor, and the row that the bare find skips."""

    inbox: str
    status: str
    sort: str
    agent_id: str = ALL_SEEING
    cursor: str | None = None
    skip: dict[str, Any] | None = None

    limit: int = LIMIT
    narrow: tuple[tuple[str, str], ...] = ()
    ids: tuple[str, ...] = ()
    """Of the rows of a narrowed list, which the bare find asks for by their ids: no index could be quicker."""

    @property
    def path(self) -> str:
        narrow = "".join(f"&{name}={quote(value)}" for name, value in self.narrow)
        cursor = f"&cursor={self.cursor}" if self.cursor else ""
        asked = f"inbox={self.inbox}&status={self.status}&sort={self.sort}&limit={self.limit}"
        return f"/conversations?{asked}{narrow}{cursor}"

    def after(self, cursor: str, last: dict[str, Any]) -> Case:
        """The page behind this one."""
        return replace(self, cursor=cursor, skip=last)

    async def bare(self, collection: bare.Collection) -> list[dict[str, Any]]:
        if self.narrow:
            return await bare.by_ids(collection, self.ids)
        brands = NARROW_BRANDS if self.agent_id == NARROW else ()
        box = INBOXES[self.inbox]
        return await bare.page(collection, box, self.status, self.sort, brands=brands, skip=self.skip, limit=self.limit)


@dataclass
class Pages:
    """Milliseconds, by what was asked for, of `count` conversations. `turns`: p95 of (bare, ours), each repetition."""

    count: int
    bare_ms: dict[str, list[float]] = field(default_factory=dict)
    ours_ms: dict[str, list[float]] = field(default_factory=dict)
    turns: list[tuple[float, float]] = field(default_factory=list)
    narrowed: list[tuple[float, float]] = field(default_factory=list)
    """The same of lists with several filters."""

    def narrowed_row(self) -> Row:
        name = f"filtered page p95, {self.count:,} conversations"
        ms = [bare for bare, _ in self.narrowed], [ours for _, ours in self.narrowed]
        return row_of(name, *ms, unit="ms", first=3.0, then=1.5, at_most=True)

    def row(self) -> Row:
        name = f"inbox page p95, {self.count:,} conversations"
        beside = {kind: {"p50": percentile(ms, 50), "p95": percentile(ms, 95)} for kind, ms in self.ours_ms.items()}
        ms = [bare for bare, _ in self.turns], [ours for _, ours in self.turns]
        return row_of(name, *ms, unit="ms", first=3.0, then=1.5, at_most=True, beside=beside)

    def ratio(self, kind: str, per_cent: int) -> float:
        return percentile(self.ours_ms[kind], per_cent) / percentile(self.bare_ms[kind], per_cent)


def percentile(values: list[float], per_cent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[per_cent - 1]


async def run(servers: Servers, *, repetitions: int, count: int = MOST) -> list[Row]:
    """Every list of a desk of so many conversations, its 95th percentile; pages and bare finds in turns."""
    prefix = running.new_prefix()
    try:
        await asyncio.to_thread(million.write, servers.mongo, f"{prefix}switchboard_tickets", count)
        found = await measure(servers, prefix, count, repetitions)
    finally:
        running.drop(servers, prefix)
    tell(found)
    return [found.row(), found.narrowed_row()]


async def measure(servers: Servers, prefix: str, count: int, repetitions: int) -> Pages:
    """With the conversations there already."""
    await prepare(servers, prefix)
    found = Pages(count)
    env = {"SWITCHBOARD_ROLES": '["http","relay"]'}
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(servers.mongo, tz_aware=True)
    with running.service("tickets", servers, prefix, env) as tickets:
        asked = {agent_id: Asking(tickets.port, agent_id) for agent_id in (ALL_SEEING, NARROW)}
        collection = client[f"{prefix}switchboard_tickets"].conversations
        cases = [one async for one in _cases(collection, asked[ALL_SEEING])]
        for turn in range(repetitions + 1):
            random.Random(turn).shuffle(cases)
            pairs = [await _compare(found, case, asked[case.agent_id], collection, keep=turn > 0) for case in cases]
            if turn:
                of_lists = [pair for pair, case in zip(pairs, cases, strict=True) if not case.narrow]
                of_narrowed = [pair for pair, case in zip(pairs, cases, strict=True) if case.narrow]
                found.turns.append(_p95(of_lists))
                found.narrowed.append(_p95(of_narrowed))
            for asking in asked.values():
                ms, _ = asking.get("/inboxes")
                found.ours_ms.setdefault("counts", []).append(ms)
    await client.close()
    return found


async def _compare(
    found: Pages, case: Case, asking: Asking, collection: bare.Collection, *, keep: bool
) -> tuple[float, float]:
    kind = "filtered" if case.narrow else "narrow" if case.agent_id == NARROW else "deep" if case.cursor else "first"
    began = time.perf_counter()
    await case.bare(collection)
    floor_ms = (time.perf_counter() - began) * 1000
    ms, _ = asking.get(case.path)
    if keep:  # the first turn warms both
        for name in (kind,) if case.narrow else (kind, "all"):
            found.bare_ms.setdefault(name, []).append(floor_ms)
            found.ours_ms.setdefault(name, []).append(ms)
    return floor_ms, ms


def _p95(pairs: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return percentile([floor for floor, _ in pairs], 95), percentile([ours for _, ours in pairs], 95)


NARROWING: dict[str, Callable[[random.Random], str]] = {
    "brand": lambda chance: million.one_of(chance, million.BRANDS),
    "team": lambda chance: million.one_of(chance, million.TEAMS),
    "assignee": lambda chance: million.one_of(chance, (*million.AGENTS, "none", "me")),
    "tag": lambda chance: million.one_of(chance, million.TAGS),
    "channel": lambda chance: million.one_of(chance, tuple(million.CHANNELS)),
    "topic": lambda chance: million.one_of(chance, million.TOPICS),
    "priority": lambda chance: chance.choice(("true", "false")),
}
"""A value of each filter, the frequent ones often."""
OF_EACH = 4


def narrowed_cases(seed: int = 3) -> Iterator[Case]:
    """Every two filters together, and every three that begin with a brand, OF_EACH of each in random lists."""
    chance = random.Random(seed)
    pairs, more = combinations(NARROWING, 2), combinations([name for name in NARROWING if name != "brand"], 2)
    for names in [*pairs, *(("brand", *two) for two in more)]:
        for _ in range(OF_EACH):
            narrow = tuple((name, NARROWING[name](chance)) for name in names)
            inbox = chance.choice(("all", "all", "mine", "unassigned", "team:team-00"))
            status, sort = chance.choice(("open", "open", "closed", "all")), chance.choice(get_args(Sort))
            yield Case(inbox, status, sort, narrow=narrow)


def every_case(agent_id: str, inboxes: Sequence[str]) -> Iterator[Case]:
    """The first page of every list."""
    for inbox, status, sort in product(inboxes, get_args(Status), get_args(Sort)):
        yield Case(inbox, status, sort, agent_id)


async def _cases(collection: bare.Collection, asking: Asking) -> AsyncIterator[Case]:
    for case in every_case(ALL_SEEING, tuple(INBOXES)):
        yield case
        if case.inbox in WIDE and (deep := await _deep(collection, asking, case)):
            yield deep
    for case in every_case(NARROW, WIDE):
        yield case
    for case in narrowed_cases():
        _, answer = asking.get(case.path)
        yield replace(case, ids=tuple(one["head"]["id"] for one in answer["items"]))


async def _deep(collection: bare.Collection, asking: Asking, case: Case) -> Case | None:
    """The same list, DEEP pages of 100 on; None when it is shorter."""
    at = replace(case, limit=100)
    for _ in range(DEEP):
        _, answer = asking.get(at.path)
        if answer["next_cursor"] is None:
            return None
        at = replace(at, cursor=answer["next_cursor"])
    row = await collection.find_one({"_id": answer["items"][-1]["head"]["id"]})
    return replace(at, skip=row, limit=LIMIT)


def tell(found: Pages) -> None:
    print(f"  {found.count:,} conversations", flush=True)
    for kind, ours in found.ours_ms.items():
        bare_ms, mine = found.bare_ms.get(kind), f"{percentile(ours, 50):7.2f} {percentile(ours, 95):7.2f} ms"
        if bare_ms:
            floor = f"{percentile(bare_ms, 50):7.2f} {percentile(bare_ms, 95):7.2f} ms"
            print(f"    {kind:8} bare {floor}   ours {mine}   p95 ratio {found.ratio(kind, 95):.2f}", flush=True)
        else:
            print(f"    {kind:8} {'':23} ours {mine}", flush=True)


class Asking:
    """One signed-in agent on one connection that stays open, as a browser's."""

    def __init__(self, port: int, agent_id: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        body = json.dumps({"email": f"{agent_id}@desk.example", "password": PASSWORD})
        self._connection.request("POST", "/session", body, {"Content-Type": "application/json"})
        token = json.loads(self._connection.getresponse().read())["access_token"]
        self._asked_at = time.perf_counter()
        self._headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str) -> tuple[float, Any]:
        """(milliseconds until the whole answer is here, the answer)"""
        if time.perf_counter() - self._asked_at > KEPT_OPEN_S:
            self._connection.close()
            self._connection.connect()
        began = self._asked_at = time.perf_counter()
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        ms = (time.perf_counter() - began) * 1000
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {body[:200]!r}")
        return ms, json.loads(body)


async def prepare(servers: Servers, prefix: str) -> None:
    """Topics, and a directory with every brand and team, and the two who ask."""
    made = running.settings(servers, prefix)
    await create_topics(made)
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(servers.mongo, tz_aware=True)
    store = Store(client, client[made.database("tickets")], clock.now)
    await store.ensure_indexes()
    hashed = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1).hash(PASSWORD)
    await store.directory.put(RoleChanged(role_id="agent", seq=1, name="Agent", permissions=("conversations.read",)))
    for brand_id in million.BRANDS:
        await store.directory.put(BrandChanged(brand_id=brand_id, seq=1, name=brand_id, color="#475569"))
    for team_id in million.TEAMS:
        await store.directory.put(TeamChanged(team_id=team_id, seq=1, name=team_id))
    for agent_id, brands in ((ALL_SEEING, ()), (NARROW, NARROW_BRANDS)):
        agent = AgentChanged(
            agent_id=agent_id,
            seq=1,
            name=agent_id,
            email=f"{agent_id}@desk.example",
            role_id="agent",
            team_ids=million.TEAMS[:40],
            brand_ids=brands,
        )
        await store.directory.put(agent, private={"password": hashed})
    await client.close()
