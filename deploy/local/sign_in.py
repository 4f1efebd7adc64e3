"""The demo's other way to sign in: a small OpenID Connect provider, unless the person names one of their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from deploy.local.bootstrap import digest
from deploy.local.layout import Layout
from deploy.local.private import kept_secret


@dataclass(frozen=True)
class SignIn:
    """`address` is its issuer, and where it listens."""

    layout: Layout
    address: str

    def settings(self) -> dict[str, str]:
        """What tickets must know to sign in by it."""
        return {
            "SWITCHBOARD_OIDC_ISSUER": self.address,
            "SWITCHBOARD_OIDC_NAME": "Demo ID",
            "SWITCHBOARD_OIDC_CLIENT_ID": "desk",
            "SWITCHBOARD_OIDC_CLIENT_SECRET": kept_secret(self.layout.local / "oidc-secret"),
        }

    def process(self, environ: dict[str, str]) -> dict[str, Any]:
        """How it runs: the demo's agents have accounts there."""
        accounts = self.layout.root / "services" / "tickets" / "demo_accounts.json"
        program = self.layout.root / "tests" / "standins" / "oidc.py"
        argv: list[str | Path] = [self.layout.python, "-m", "tests.standins.oidc"]
        argv += ["--port", str(urlsplit(self.address).port), "--accounts", accounts]
        return {
            "argv": argv,
            "env": {**environ, **self.settings()},
            "cwd": self.layout.root,
            "sources": digest(program, accounts),
            "address": self.address,
        }
