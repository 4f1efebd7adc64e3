"""A real Prometheus reads the running desk: every panel of every dashboard has an answer, every alert is evaluated."""

from __future__ import annotations

import json
import re
import subprocess
import time
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import yaml
from aiokafka import AIOKafkaProducer

from deploy.local.layout import ROOT
from deploy.local.ports import HOST, any_free
from tests.desk import Desk
from tests.e2e.outside import Agent, Topics, mail, send_mail, until
from tests.prometheus import find

BOARDS = sorted((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"))
SERVICES = ("ingest", "tickets", "routing", "notifications")
LINE = "+1 310 555 0104"
RARE = re.compile(
    "switchboard_(duplicate_inputs|batch_retries|unknown_type_records|consumer_paused|live_closed|live_resyncs|webhook_)"
    '|switchboard_(live_sockets|sla_events)|timer=~"sla'
)
"""What a little of everything does not cause: a counter by a label has no value before its first count."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def prometheus(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx.AsyncClient]:
    """Its HTTP interface; it looks every second, so that a test need not wait."""
    folder = tmp_path_factory.mktemp("prometheus")
    config = yaml.safe_load((ROOT / "deploy" / "prometheus" / "prometheus.yml").read_text())
    config["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
    config["rule_files"] = [str(ROOT / "deploy" / "prometheus" / "rules" / "*.yml")]
    for target in config["scrape_configs"][0]["static_configs"]:
        target["targets"] = [getattr(desk, target["labels"]["service"]).removeprefix("http://")]
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
    (port,) = any_free(1)
    with (folder / "log").open("w") as log:
        running = subprocess.Popen(
            [
                find("prometheus"),
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address={HOST}:{port}",
            ],
            stdout=log,
            stderr=log,
        )
    try:
        async with httpx.AsyncClient(base_url=f"http://{HOST}:{port}", timeout=10) as client:
            await until(lambda: _is_ready(client))
            yield client
    finally:
        running.terminate()
        running.wait(20)


async def _is_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/-/ready")).status_code == 200
    except httpx.HTTPError:
        return False


async def ask(prometheus: httpx.AsyncClient, expr: str) -> list[dict[str, Any]]:
    """An instant query's answers. Fails when Prometheus does not understand it."""
    answer = (await prometheus.get("/api/v1/query", params={"query": expr})).json()
    assert answer["status"] == "success", f"{expr}: {answer.get('error')}"
    return list(answer["data"]["result"])


def asked_as_grafana_does(expr: str) -> str:
    """Its variables filled in. Nothing else may be left to fill in."""
    filled = expr.replace("$__rate_interval", "1m")
    assert "$" not in filled.replace('"${1}xx"', ""), f"{expr}: an unknown variable"
    return filled


def without_its_nothing(expr: str) -> str:
    """The same without the 0 that a panel shows where nothing was measured."""
    return expr.replace(" >= 0 or vector(0)", "").replace(" or vector(0)", "")


def queries(board: Path) -> list[str]:
    panels = [one for one in json.loads(board.read_text())["panels"] if one["type"] != "row"]
    assert panels
    return [asked_as_grafana_does(target["expr"]) for panel in panels for target in panel["targets"]]


async def a_little_of_everything(desk: Desk) -> None:
    """A mail, its answer and a snooze, a chat, a call, a custom event, and a record that nobody can read."""
    subject = f"Measured {uuid.uuid4().hex[:8]}"
    await send_mail(desk.smtp, mail(to="support@paleohacks.example", subject=subject, text="Hello"))
    async with httpx.AsyncClient(base_url=desk.ingest, timeout=20) as client:
        session = (await client.post("/messenger/sessions", json={"brand_id": "paleo-hacks"})).json()
        said = {"client_id": uuid.uuid4().hex, "session_id": str(uuid.uuid4()), "text": "Hello"}
        headers = {"Authorization": f"Bearer {session['token']}"}
        (await client.post("/messenger/messages", json=said, headers=headers)).raise_for_status()
        call = {"id": time.time_ns(), "direction": "inbound", "status": "initial", "started_at": int(time.time())}
        call |= {"raw_digits": "+14155550137", "number": {"id": 1, "name": "Paleo Hacks", "digits": LINE}}
        hook = {"resource": "call", "event": "call.created", "timestamp": int(time.time()), "data": call}
        (await client.post("/aircall", json=hook | {"token": desk.aircall_token})).raise_for_status()
    body = {"channel": "whatsapp", "brand": "earth-echo", "thread": "t", "sender": {"id": "z"}, "text": "Hello"}
    await Topics(desk.kafka, desk.prefix).publish(
        "integrations.inbound.v1",
        type="switchboard.integrations.MessagePosted.v1",
        source="/bridge",
        id=uuid.uuid4().hex,
        body=body,
    )
    await poison(desk)
    async with Agent(desk.web, desk.account("lead")) as agent:
        head = await until(lambda: agent.find(subject))
        here = f"/api/tickets/conversations/{head['id']}"
        await agent.post(f"{here}/reply", html="<p>Hello</p>")
        await agent.post(f"{here}/snooze", until=(datetime.now(UTC) + timedelta(seconds=2)).isoformat())


async def poison(desk: Desk) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=desk.kafka)
    await producer.start()
    try:
        await producer.send_and_wait(f"{desk.prefix}ingest.messages.v1", b"{", headers=[("ce_id", b"poison")])
    finally:
        await producer.stop()


async def test_every_panel_has_an_answer_after_a_little_of_everything(
    desk: Desk, prometheus: httpx.AsyncClient
) -> None:
    await until(lambda: ask(prometheus, 'count(up{job="switchboard"} == 1) == 4'))
    await a_little_of_everything(desk)
    asked = [expr for board in BOARDS for expr in queries(board)]
    missing = [one for one in (without_its_nothing(expr) for expr in asked) if not RARE.search(one)]

    async def all_answered() -> bool:
        missing[:] = [expr for expr in missing if not await ask(prometheus, expr)]
        return not missing

    try:
        await until(all_answered, seconds=45)
    except AssertionError:
        pytest.fail("no answer:\n" + "\n".join(missing))


async def test_what_happened_is_what_is_told(desk: Desk, prometheus: httpx.AsyncClient) -> None:
    """Not only an answer but the right one: customers' messages reach the screens, a dead letter waits, no lag."""

    async def so(expr: str) -> list[dict[str, Any]]:
        return await ask(prometheus, expr)

    await until(lambda: so('switchboard_screen_seconds_count{began="customer"} >= 3'))
    await until(lambda: so('max(switchboard_dead_letters_waiting{group="tickets.conversations"}) >= 1'))
    await until(lambda: so('max(switchboard_dead_letter_age_seconds{group="tickets.conversations"}) > 0'))
    await until(lambda: so("max(switchboard_oldest_unprocessed_seconds) == 0"))
    await until(lambda: so("sum(switchboard_lag_records) == 0"))
    await until(lambda: so("max(switchboard_outbox_age_seconds) == 0"))
    await until(lambda: so("min(switchboard_group_members) >= 1"))
    # In step with the clock: a gauge in milliseconds, or of the wrong clock, would be far off.
    await until(lambda: so("abs(time() - max(switchboard_watched_at_seconds)) < 60"))


async def test_every_alert_is_evaluated_and_the_dead_letter_raises_its_own(prometheus: httpx.AsyncClient) -> None:
    async def rules() -> list[dict[str, Any]]:
        data = (await prometheus.get("/api/v1/rules")).json()["data"]
        return [rule for group in data["groups"] for rule in group["rules"]]

    async def evaluated() -> list[dict[str, Any]]:
        found = await rules()
        return found if all(rule["health"] == "ok" for rule in found) else []

    found = await until(evaluated, seconds=45)
    assert len({rule["name"] for rule in found if rule["type"] == "alerting"}) >= 20

    async def raised() -> bool:
        states = {rule["name"]: rule.get("state") for rule in await rules()}
        return states["DeadLettersWait"] in ("pending", "firing")

    await until(raised)


async def test_labels_stay_few(desk: Desk) -> None:
    """A label with an id in it would fill Prometheus: no metric of any service has more than a few hundred series."""
    async with httpx.AsyncClient(timeout=10) as client:
        for service in SERVICES:
            text = (await client.get(f"{getattr(desk, service)}/metrics")).text
            names = [line.split("{")[0] for line in text.splitlines() if line.startswith("switchboard_")]
            names = [name for name in names if not name.endswith("_bucket")]
            most = max(set(names), key=names.count)
            assert names.count(most) < 400, f"{service}: {most} has {names.count(most)} series"
