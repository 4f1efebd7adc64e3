"""A whole desk, running with the demo in it, once for a test session.

With SWITCHBOARD_ENDPOINTS naming the endpoints.json of a running desk, that one is used and left running.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pytest

from deploy.local.layout import ROOT

UP_WITHIN_S = 600


@dataclass(frozen=True)
class Desk:
    """Where a running desk is, as its endpoints.json says; `prefix` stands before its Kafka topics."""

    kafka: str
    mongo: str
    redis: str
    smtp: str
    smtp_sink: str
    smtp_sink_http: str
    smtp_sink_maildir: str
    ingest: str
    routing: str
    tickets: str
    notifications: str
    web: str
    messenger: str
    shop: str
    aircall_token: str
    integration_token: str
    sign_ins: list[dict[str, Any]]
    aircall: str = ""
    prefix: str = ""

    @classmethod
    def read(cls, file: Path) -> Desk:
        said = json.loads(file.read_text())
        known = {one.name for one in fields(cls)}
        prefix = os.environ.get("SWITCHBOARD_PREFIX", "")
        return cls(**{"prefix": prefix, **{name: value for name, value in said.items() if name in known}})

    def account(self, role: str) -> dict[str, Any]:
        """The first demo account of a role, with `email` and `password`."""
        return next(one for one in self.sign_ins if one["role"] == role)


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A running desk with the demo in it, on data of its own."""
    if given := os.environ.get("SWITCHBOARD_ENDPOINTS"):
        yield Desk.read(Path(given))
        return
    local = tmp_path_factory.mktemp("desk")
    env = {**os.environ, "SWITCHBOARD_LOCAL": str(local)}
    command = [sys.executable, "-m", "deploy.local"]
    try:
        up = subprocess.run([*command, "up"], cwd=ROOT, env=env, timeout=UP_WITHIN_S, capture_output=True, text=True)
        assert up.returncode == 0, up.stdout + up.stderr
        yield Desk.read(local / "endpoints.json")
    finally:
        subprocess.run([*command, "down"], cwd=ROOT, env=env, check=False)
