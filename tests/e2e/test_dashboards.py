"""A real Prometheus reads the running desk: every panel of every dashboard has an answer, every alert is evaluated."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import yaml

from deploy.local.layout import ROOT
from deploy.local.ports import HOST, any_free
from tests.desk import Desk
from tests.e2e.everything import a_little_of_everything
from tests.e2e.outside import until
from tests.prometheus import find

BOARDS = sorted((ROOT / "deploy" / "grafana" / "dashboards").glob("*.json"))
SERVICES = ("ingest", "tickets", "routing", "notifications")
COUNTS = re.compile(r"switchboard_\w+_total")
AT_REST = {
    "switchboard_batch_retries_total": "a server must be away for seconds, or a handler have a bug",
    "switchboard_clock_struck_total": "the clock of rules strikes at whole minutes",
    "switchboard_clock_asked_total": "the same",
    "switchboard_rules_asked_later_total": "a rule waits for a minute at least",
    "switchboard_ingest_mail_unreadable_total": "the parsing process must die: whatever else comes is read",
    "switchboard_loads_mended_total": "Redis and MongoDB must differ for two audits, and every way to that is a bug",
    "switchboard_transaction_retries_total": "two writers must meet in the same moment",
    "switchboard_orphaned_transactions_total": "a process must be killed in the middle of a transaction",
}
"""What is counted and stays at 0 here, with the reason. That it is told at all, as 0, is asked of all of them."""


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


def moves(expr: str) -> bool:
    """Whether it tells of something counted that happened."""
    counted = COUNTS.findall(expr)
    return bool(counted) and not AT_REST.keys() & set(counted)


def queries(board: Path) -> list[str]:
    panels = [one for one in json.loads(board.read_text())["panels"] if one["type"] != "row"]
    assert panels
    return [asked_as_grafana_does(target["expr"]) for panel in panels for target in panel["targets"]]


async def test_every_panel_has_an_answer_after_a_little_of_everything(
    desk: Desk, prometheus: httpx.AsyncClient
) -> None:
    """Of what is counted the answer is more than 0 at some moment, so that a name that nobody counts is found."""
    await until(lambda: ask(prometheus, 'count(up{job="switchboard"} == 1) == 4'))
    asked = dict.fromkeys(without_its_nothing(expr) for board in BOARDS for expr in queries(board))
    missing = [f"({expr}) > 0" if moves(expr) else expr for expr in asked]

    async def all_answered() -> bool:
        missing[:] = [expr for expr in missing if not await ask(prometheus, expr)]
        return not missing

    async with a_little_of_everything(desk):
        try:
            await until(all_answered, seconds=60)
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
