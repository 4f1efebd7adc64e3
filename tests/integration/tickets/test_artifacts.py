"""Acts on routing's artifacts become lines of the audit list, once, by name."""

from __future__ import annotations

from services.tickets.artifacts import ArtifactHandlers
from shared.cloudevents import Received, Record
from shared.contracts.base import Event
from shared.contracts.common import Actor
from shared.contracts.governance import ArtifactChanged
from shared.ids import derived
from tests.integration.tickets.conftest import Running


def received(act: ArtifactChanged) -> Received[Event]:
    record = Record("routing.artifacts.v1", 0, 0, None, None, (), 0)
    return Received(derived("test", act.act_id), "", "", "", act.at, act.seq, act.act_id, "", "", act, record)


def act(seq: int, name: str, by: str = "lead", **more: object) -> ArtifactChanged:
    fields = {
        "act_id": derived("act", str(more.get("artifact_id")), str(seq)),
        "kind": "rule",
        "artifact_id": "r1",
        "name": "Refunds",
        "seq": seq,
        "at": f"2026-05-01T09:00:0{seq}Z",
        "by": Actor(kind="agent", id=by) if by else Actor(kind="system"),
        "act": name,
        "version": 1,
        **more,
    }
    return ArtifactChanged.model_validate(fields)


async def test_an_act_that_comes_again_when_its_input_is_forgotten_is_no_second_line(running: Running) -> None:
    """After a restore the topic is told again, further back than applied inputs are remembered."""
    handlers = ArtifactHandlers(running.store, running.tickets.directory)
    old = [received(act(1, "saved", artifact_id="r2")), received(act(2, "published", artifact_id="r2"))]
    await handlers.on_artifacts(old)
    await running.store.log.applied.delete_many({"_id": {"$in": [one.id for one in old]}})
    await handlers.on_artifacts([*old, received(act(3, "retired", artifact_id="r2"))])
    async with running.browser("admin") as admin:
        lines = (await admin.get("/audit", params={"kind": "rule", "entity_id": "r2"})).json()["items"]
    assert [one["act"] for one in lines] == ["retired", "published", "saved"]


async def test_each_act_is_a_line_once_by_whoever_did_it(running: Running) -> None:
    handlers = ArtifactHandlers(running.store, running.tickets.directory)
    first = [received(act(1, "saved")), received(act(2, "published", text="asked for"))]
    await handlers.on_artifacts(first)
    await handlers.on_artifacts([*first, received(act(3, "retired", by=""))])
    async with running.browser("admin") as admin:
        lines = (await admin.get("/audit", params={"kind": "rule", "entity_id": "r1"})).json()["items"]
    name = running.tickets.directory.agents["lead"].name
    assert [(one["act"], one["by"]["name"], one["made"], one["text"]) for one in lines] == [
        ("retired", "", False, ""),
        ("published", name, False, "asked for"),
        ("saved", name, True, ""),
    ]
