"""The metrics: all named in one place, described, and with the names that Prometheus' own conventions ask for."""

from __future__ import annotations

import re

import pytest

from deploy.local.layout import ROOT
from scripts.metrics import PATH, Metric, metrics, render
from shared import metrics as named

ALL = metrics()
UNBOUNDED = {"conversation_id", "message_id", "email", "address", "agent", "agent_id", "path", "url", "key", "id"}


def test_the_committed_page_is_what_the_code_says() -> None:
    assert PATH.read_text() == render(), "docs/metrics.md is old: run `make contracts`"


def test_every_metric_of_the_module_is_on_the_page() -> None:
    assigned = [name for name, value in vars(named).items() if hasattr(value, "describe") and not name.istitle()]
    assert len(ALL) == len(assigned) > 40


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.name)
def test_a_metric_is_named_by_what_it_counts_and_labelled_by_few_things(metric: Metric) -> None:
    assert re.fullmatch(r"switchboard_[a-z0-9_]+", metric.name)
    assert (metric.kind == "counter") == metric.name.endswith("_total")
    assert metric.about.endswith(".")
    assert not set(metric.labels) & UNBOUNDED


def test_metrics_are_made_nowhere_else() -> None:
    made = re.compile(r"^\w+ = (Counter|Gauge|Histogram|Summary)\(", re.MULTILINE)
    others = [*(ROOT / "shared").rglob("*.py"), *(ROOT / "services").rglob("*.py")]
    found = [str(path) for path in others if path.name != "metrics.py" and made.search(path.read_text())]
    assert found == []
