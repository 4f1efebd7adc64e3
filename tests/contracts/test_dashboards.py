"""The committed dashboards: what the code says, over metrics that exist, each panel with a unit and a meaning."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.local.layout import ROOT
from scripts.metrics import metrics

FOLDER = ROOT / "deploy" / "grafana" / "dashboards"
SAMPLES = {name for metric in metrics() for name in metric.samples}
RECORDED = {
    rule["record"]
    for group in yaml.safe_load((ROOT / "deploy/prometheus/rules/sli.yml").read_text())["groups"]
    for rule in group["rules"]
}
BOARDS: dict[str, dict[str, Any]] = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
PANELS = [
    pytest.param(one, id=f"{name}: {one['title']}")
    for name, board in BOARDS.items()
    for one in board["panels"]
    if one["type"] != "row"
]


def test_the_committed_files_are_what_the_code_says() -> None:
    pytest.importorskip("grafana_foundation_sdk")
    from scripts.dashboards.__main__ import files

    wanted = files()
    assert set(FOLDER.glob("*.json")) == set(wanted)
    for path, text in wanted.items():
        assert path.read_text() == text, f"{path.name} is old: run `python -m scripts.dashboards`"


@pytest.mark.parametrize("name", BOARDS)
def test_a_dashboard_keeps_its_address_and_asks_for_its_source(name: str) -> None:
    board = BOARDS[name]
    assert board["uid"] == name
    (variable,) = board["templating"]["list"]
    assert (variable["name"], variable["type"], variable["query"]) == ("datasource", "datasource", "prometheus")
    titles = [one["title"] for one in board["panels"]]
    assert len(set(titles)) == len(titles)


def test_there_is_one_for_each_service_and_one_for_the_whole_path() -> None:
    services = ("path", "ingest", "tickets", "routing", "notifications")
    assert set(BOARDS) == {f"switchboard-{one}" for one in services}


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_has_a_unit_a_meaning_and_metrics_that_exist(panel: dict[str, Any]) -> None:
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["datasource"]["uid"] == "${datasource}"
    for target in panel["targets"]:
        assert set(re.findall(r"\bswitchboard_\w+", target["expr"])) <= SAMPLES
        assert set(re.findall(r"switchboard:[\w:]+", target["expr"])) <= RECORDED


def test_every_metric_is_shown_or_watched() -> None:
    rules = "".join(path.read_text() for path in (ROOT / "deploy/prometheus/rules").glob("*.yml"))
    seen = rules + "".join(json.dumps(board) for board in BOARDS.values())
    unseen = [one.name for one in metrics() if not any(re.search(rf"\b{name}\b", seen) for name in one.samples)]
    assert unseen == []


def test_every_timer_is_on_the_board_of_its_service() -> None:
    """A board names the timers that it shows, and a new one would be forgotten."""
    forgotten = [
        f"{service}: {name}"
        for service in ("ingest", "tickets", "routing", "notifications")
        for name in _timers(service)
        if not any(re.fullmatch(one, name) for one in _shown_timers(service))
    ]
    assert forgotten == []
    assert len(_timers("routing")) > 4


def _timers(service: str) -> list[str]:
    """The names under which a service has due rows handled: what is given one with a clock."""
    calls = [
        {one.arg: one.value for one in node.keywords}
        for file in (ROOT / "services" / service).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
    ]
    names = [one["name"] for one in calls if {"name", "clock"} <= one.keys()]
    return [str(one.value) for one in names if isinstance(one, ast.Constant)]


def _shown_timers(service: str) -> set[str]:
    return set(re.findall(r'timer=~\\"([^"\\]+)', json.dumps(BOARDS[f"switchboard-{service}"])))


def test_grafana_is_given_them() -> None:
    provider = yaml.safe_load((ROOT / "deploy/grafana/provisioning/dashboards/switchboard.yml").read_text())
    inside = Path(provider["providers"][0]["options"]["path"])
    mounts = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["grafana"]["volumes"]
    assert f"./deploy/grafana/dashboards:{inside}:ro" in mounts
