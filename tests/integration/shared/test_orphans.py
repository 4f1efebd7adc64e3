"""A process that is killed inside a transaction does not hold others up until the server's limit (shared.orphans)."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from prometheus_client import REGISTRY
from pymongo import UpdateOne
from pymongo.asynchronous.client_session import AsyncClientSession

from shared import mongo, orphans
from shared.mongo import Client, Document
from shared.settings import Settings
from tests.integration.shared.processes import program


@pytest.fixture(autouse=True)
def looks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the test before looked at."""
    monkeypatch.setattr(orphans, "_looked_at", -orphans.EVERY_S)


def ended() -> float:
    return REGISTRY.get_sample_value("switchboard_orphaned_transactions_total") or 0.0


@pytest.mark.parametrize("at_once", [1, 2])
async def test_what_a_killed_process_held_is_free_for_who_comes_next(settings: Settings, at_once: int) -> None:
    """Whether one is written or several at once: the driver tells of a conflict in either by the server's own code."""
    client = mongo.connect(settings)
    things = mongo.database(client, settings, "tickets").get_collection("things")
    await things.insert_many([{"_id": "held"}, {"_id": "own"}])
    async with program(settings, "tests.integration.shared.orphan_program") as dying:
        assert await dying.process.wait() == -signal.SIGKILL, dying.said
    before = ended()

    async def write(session: AsyncClientSession) -> Document | None:
        change: Document = {"$set": {"by": "alive"}}
        if at_once == 1:
            await things.update_one({"_id": "held"}, change, session=session)
        else:
            writes = [UpdateOne({"_id": id_}, change) for id_ in ("held", "own")]
            await things.bulk_write(writes, ordered=False, session=session)
        return await things.find_one({"_id": "held"}, session=session)

    assert await mongo.in_transaction(client, write) == {"_id": "held", "by": "alive"}
    assert ended() > before
    await client.close()


async def test_a_living_process_keeps_its_transaction(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[list[Mapping[str, Any]]] = []
    decide = orphans.orphans_in

    def noted(operations: Iterable[Mapping[str, Any]]) -> list[Any]:
        looked.append(list(operations))
        return decide(looked[-1])

    monkeypatch.setattr(orphans, "orphans_in", noted)
    client, other = mongo.connect(settings), mongo.connect(settings)
    things = mongo.database(client, settings, "tickets").get_collection("things")
    await things.insert_one({"_id": "held"})
    async with client.start_session() as session, await session.start_transaction():
        await things.update_one({"_id": "held"}, {"$set": {"by": "me"}}, session=session)
        await orphans.end_orphans(other)
        own = session.session_id["id"]
    [seen] = looked
    assert own in [one["lsid"]["id"] for one in seen if one["type"] == "idleSession"]
    assert await things.find_one({"_id": "held"}) == {"_id": "held", "by": "me"}
    await client.close()
    await other.close()


async def test_a_server_that_tells_nothing_is_no_error(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the right to look, what was killed is waited for as before."""
    client: Client = mongo.connect(settings)
    monkeypatch.setattr(orphans, "_EVERYTHING", [{"$currentOp": {"nonsense": True}}])
    await orphans.end_orphans(client)
    assert "orphaned transactions not looked for" in capsys.readouterr().out
    await client.close()
