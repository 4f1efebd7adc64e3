"""What a service at rest does not hold: libraries that most desks, or no desk, need."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from shared.process import UNUSED

BUILD = """
import sys
from importlib import import_module
from shared import process
process.leave_out()
import_module(f"services.{sys.argv[1]}.app").build_app()
print(*(name for name, module in sys.modules.items() if module is not None))
"""
SECRET = "s" * 40
ENV = {
    "SWITCHBOARD_KAFKA": "127.0.0.1:1",
    "SWITCHBOARD_MONGO": "mongodb://127.0.0.1:1",
    "SWITCHBOARD_REDIS": "redis://127.0.0.1:1/0",
    "SWITCHBOARD_SMTP_OUT": "smtp://127.0.0.1:9",
    **{f"SWITCHBOARD_{name}": SECRET for name in ("SECRET", "AIRCALL_TOKEN", "INTEGRATION_TOKEN")},
}


@pytest.mark.parametrize(
    ("service", "left_for_later"),
    [
        ("tickets", {"redis", "httpx", "httpcore", "segno"}),
        ("routing", {"httpx", "httpcore", "holidays"}),
        ("ingest", {"tantivy", "holidays"}),
        ("notifications", {"tantivy", "holidays"}),
    ],
)
def test_a_service_that_is_put_together_has_not_loaded(service: str, left_for_later: set[str]) -> None:
    command = [sys.executable, "-c", BUILD, service]
    built = subprocess.run(command, env=os.environ | ENV, capture_output=True, text=True, check=True)
    loaded = set(built.stdout.split())
    assert f"services.{service}.app" in loaded
    assert not loaded & {*UNUSED, *left_for_later}
