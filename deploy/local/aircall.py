"""The phone system of the demo: a stand-in for Aircall, unless the person has an account there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from deploy.local.bootstrap import digest
from deploy.local.layout import Layout
from deploy.local.private import kept_secret

LINES = ",".join(f"+1310555010{n}" for n in range(7))
"""The phone lines of the demo's brands."""


@dataclass(frozen=True)
class Aircall:
    """`address` is where it listens; nobody but the demo's own services knows the key of its API."""

    layout: Layout
    address: str

    def settings(self) -> dict[str, str]:
        """What notifications must know to call by it."""
        return {
            "SWITCHBOARD_AIRCALL_API_ID": "demo",
            "SWITCHBOARD_AIRCALL_API_TOKEN": kept_secret(self.layout.local / "aircall-api-token"),
            "SWITCHBOARD_AIRCALL_API_URL": self.address,
        }

    def process(self, environ: dict[str, str], ingest: str) -> dict[str, Any]:
        """How it runs: the demo's agents are its users, and its webhooks go to ingest."""
        accounts = self.layout.root / "services" / "tickets" / "demo_accounts.json"
        program = self.layout.root / "tests" / "standins" / "aircall.py"
        argv: list[str | Path] = [self.layout.python, "-m", "tests.standins.aircall"]
        argv += ["--port", str(urlsplit(self.address).port), "--accounts", accounts]
        argv += ["--lines", LINES, "--webhook", f"{ingest}/aircall"]
        env = {**environ, **self.settings()}
        env["SWITCHBOARD_AIRCALL_TOKEN"] = kept_secret(self.layout.local / "aircall-token")
        return {
            "argv": argv,
            "env": env,
            "cwd": self.layout.root,
            "sources": digest(program, accounts),
            "address": self.address,
        }
