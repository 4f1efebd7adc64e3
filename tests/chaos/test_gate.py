"""The gate's short form, for every change of the code; and the checker tried on services that break their promise."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.progress import Progress
from tests.chaos.checker import rows
from tests.chaos.checker.collect import Reader
from tests.chaos.checker.evidence import Evidence
from tests.chaos.desk import AIRCALL_TOKEN, Desk
from tests.chaos.gate import Gate, Run
from tests.chaos.journal import Journal
from tests.chaos.plan import DOWNSTREAM, faults, short
from tests.chaos.senders.crowd import Crowd
from tests.chaos.senders.poison import BIG, KINDS
from tests.chaos.senders.world import WATCHED, Pace, World
from tests.chaos.servers import Servers
from tests.e2e.outside import until

INPUTS = int(os.environ.get("SWITCHBOARD_CHAOS_INPUTS", "5000"))
LASTS_S = 75.0
LOST = "accepted and missing from a timeline"
TWICE = "in a timeline twice"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("chaos")


@pytest.fixture(scope="module")
def gate_servers(folder: Path) -> Iterator[Servers]:
    servers = Servers(folder, Progress())
    try:
        servers.start()
        yield servers
    finally:
        servers.stop()


async def test_nothing_is_lost_and_nothing_comes_twice(gate_servers: Servers, folder: Path) -> None:
    seed = os.environ.get("SWITCHBOARD_SEED", "1")
    run = Run(seed, INPUTS, short(LASTS_S))
    outcome = await Gate(run, gate_servers, folder, print).run()
    found = rows.faults(outcome.evidence, WATCHED.id, outcome.browsers)
    print(json.dumps({"rows": rows.table(found, outcome.settled_s), **outcome.counts}))
    assert rows.examples(found) == {}
    assert outcome.settled_s < rows.SETTLED_WITHIN_S
    assert outcome.counts["inputs"] >= INPUTS
    assert outcome.counts["refused"] == []
    assert outcome.counts["bad signatures"] == 0
    # Every row was used: all that was planned was done, and left its mark.
    assert set(outcome.counts["faults"]) == {one.what for one in faults(seed, run.measure)}
    assert set(outcome.counts["poison"]) == {*KINDS, BIG}
    assert {what: count for what, count in _met(outcome.counts).items() if not count} == {}


def _met(counts: dict[str, Any]) -> dict[str, int]:
    """How often happened what the rows of mails, webhooks and browsers are about."""
    browsers = {f"browsers {one}": counts["browsers"].get(one, 0) for one in ("broken", "resumed", "resyncs", "events")}
    spoilt = {f"{whom} spoilt": sum(n for one, n in counts["spoilt"].items() if whom in one) for whom in DOWNSTREAM}
    return browsers | spoilt | {one: counts[one] for one in ("actions", "mails out", "webhooks")}


async def test_the_checker_sees_a_desk_that_loses_and_one_that_repeats(gate_servers: Servers, folder: Path) -> None:
    forgetful, credulous = await asyncio.gather(*(_broken(gate_servers, folder, one) for one in HOW))
    assert forgetful[LOST]
    assert not forgetful[TWICE]
    assert credulous[TWICE]
    assert not credulous[LOST]


HOW = ("forgetful", "credulous")


async def _broken(servers: Servers, folder: Path, how: str) -> dict[str, list[str]]:
    """By row, what the checker says of a desk whose tickets service died once while customers wrote."""
    launch = {"tickets": ("tests.chaos.sabotage", how, "tickets", str(folder / f"{how}.died"))}
    services = ("ingest", "tickets")
    desk = Desk(servers, prefix=f"{how}-", services=services, replicas=1, launch=launch)
    reader = Reader(servers.kafka.address, servers.mongo.address, desk.prefix, services)
    journal = Journal(folder / f"{how}.jsonl")
    try:
        await asyncio.to_thread(desk.make_topics)
        desk.start()
        await until(lambda: _ready(desk), 120)
        await asyncio.to_thread(desk.fill_in)
        async with httpx.AsyncClient(timeout=20) as http:
            world = _world(desk, journal, http)
            crowd = asyncio.create_task(Crowd(world, share=0.25).run())
            await until(lambda: _dead(desk, f"{how}-tickets-1"), 90)
            desk.spawn(f"{how}-tickets-1")
            await crowd
        await until(reader.settled, 90)
        evidence: Evidence = await reader.evidence(journal.file)
        return rows.faults(evidence, "")
    finally:
        desk.stop()
        await reader.close()


def _world(desk: Desk, journal: Journal, http: httpx.AsyncClient) -> World:
    return World(
        seed=desk.prefix.strip("-"),
        journal=journal,
        pace=Pace(200, 40.0),
        ingest=desk.urls("ingest"),
        smtp=desk.smtp(),
        kafka=desk.servers.kafka.address,
        prefix=desk.prefix,
        aircall_token=AIRCALL_TOKEN,
        watched_share=0.0,
        http=http,
    )


async def _ready(desk: Desk) -> bool:
    return not await desk.not_ready()


async def _dead(desk: Desk, name: str) -> bool:
    return desk.running(name) is None
