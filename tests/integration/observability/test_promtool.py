"""The rules as Prometheus' own tool reads them: without a fault, and each alert fires when it should and only then."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from deploy.local.layout import ROOT
from tests.prometheus import find

FOLDER = ROOT / "deploy" / "prometheus"


def promtool(*words: str | Path) -> str:
    """What it says. Fails when it finds fault."""
    done = subprocess.run([find("promtool"), *words], cwd=FOLDER, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_rules_and_the_configuration_are_without_fault() -> None:
    promtool("check", "rules", "--lint=all", "--lint-fatal", *sorted(FOLDER.glob("rules/*.yml")))
    promtool("check", "config", "--lint=all", "--lint-fatal", "prometheus.yml")


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("tests/*.yml")))
def test_alerts_fire_when_they_should_and_only_then(name: str) -> None:
    assert "SUCCESS" in promtool("test", "rules", f"tests/{name}")
