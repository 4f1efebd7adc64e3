"""The alerts without Prometheus: complete, each with a runbook and a test, over metrics that exist."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from deploy.local.layout import ROOT
from scripts.metrics import metrics
from shared.topics import TOPICS

FOLDER = ROOT / "deploy" / "prometheus"
FILES = {path.name: yaml.safe_load(path.read_text()) for path in sorted(FOLDER.glob("rules/*.yml"))}
RULES: list[dict[str, Any]] = [rule for file in FILES.values() for group in file["groups"] for rule in group["rules"]]
ALERTS = {rule["alert"]: rule for rule in RULES if "alert" in rule}
TESTS = "".join(path.read_text() for path in sorted(FOLDER.glob("tests/*.yml")))
SAMPLES = {name for metric in metrics() for name in metric.samples}


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_how_urgent_what_and_what_to_do(name: str) -> None:
    alert = ALERTS[name]
    assert alert["labels"]["severity"] in ("page", "ticket")
    assert {"summary", "description", "runbook_url"} == set(alert["annotations"])
    book = ROOT / alert["annotations"]["runbook_url"]
    assert book.is_file(), f"{name} points at a runbook that is not there"
    assert name in book.read_text(), f"{book.name} does not speak of {name}"
    assert f"`{name}`" in (ROOT / "docs" / "operations.md").read_text()


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_is_tried_where_it_fires_and_where_it_must_not(name: str) -> None:
    tried = re.findall(rf'ALERTS\{{alertname="{name}", alertstate="firing"\}}.*exp_samples: (\[\]|\[\{{)', TESTS)
    assert set(tried) == {"[]", "[{"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.get("alert") or rule["record"])
def test_a_rule_asks_for_metrics_that_exist(rule: dict[str, Any]) -> None:
    assert set(re.findall(r"switchboard_\w+", rule["expr"])) <= SAMPLES
    recorded = {one["record"] for one in RULES if "record" in one}
    assert set(re.findall(r"switchboard:[\w:]+", rule["expr"])) <= recorded


def test_every_runbook_belongs_to_an_alert_or_is_listed() -> None:
    named = {alert["annotations"]["runbook_url"] for alert in ALERTS.values()}
    listed = (ROOT / "docs" / "operations.md").read_text()
    for book in sorted((ROOT / "docs" / "runbooks").glob("*.md")):
        path = str(book.relative_to(ROOT))
        assert path in named or f"runbooks/{book.name}" in listed, path


def test_the_runbooks_name_every_group_and_every_timer() -> None:
    """Whoever is called at night reads there what stands still."""
    groups = {group for topic in TOPICS for group in topic.groups}
    code = "\n".join(path.read_text() for path in sorted((ROOT / "services").rglob("*.py")))
    timers = set(re.findall(r"(?:Timers\([^()]*?|terms, )name=\"([a-z-]+)\"", code))
    assert len(timers) > 10
    for name, book in [(one, "group-without-members") for one in groups] + [(one, "timers-late") for one in timers]:
        assert f"`{name}`" in (ROOT / "docs" / "runbooks" / f"{book}.md").read_text(), f"{book} does not name {name}"


def test_the_readme_names_every_kafka_topic() -> None:
    readme = (ROOT / "README.md").read_text()
    assert [topic.name for topic in TOPICS if f"`{topic.name}`" not in readme] == []
