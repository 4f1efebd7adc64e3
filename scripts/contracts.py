"""Writes what others rely on into docs/: AsyncAPI of the Kafka topics, OpenAPI of each service, message path, metrics.

`make contracts` after a change of an event or a route, so that the change is seen where it is reviewed;
`python -m scripts.contracts --check` fails when a file differs. No server is needed: services are put
together and asked, not started.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from scripts import message_path, metrics
from shared import asyncapi
from shared.service import Service

DOCS = Path(__file__).parents[1] / "docs"
SERVICES = ("ingest", "tickets", "routing", "notifications")
NOWHERE = {
    "SWITCHBOARD_KAFKA": "127.0.0.1:1",
    "SWITCHBOARD_MONGO": "mongodb://127.0.0.1:1/?replicaSet=none",
    "SWITCHBOARD_REDIS": "redis://127.0.0.1:1/0",
    "SWITCHBOARD_SECRET": "only for writing the documentation, never used",
}


def forget_settings() -> None:
    """What this shell has set must not change a document."""
    for name in [name for name in os.environ if name.startswith("SWITCHBOARD_")]:
        del os.environ[name]
    os.environ.update(NOWHERE)


def build(service: str) -> Service:
    """The service put together by its own `app.py`, with servers that do not exist."""
    forget_settings()
    built: Service = import_module(f"services.{service}.app").build_app()
    return built


def openapi(service: str) -> dict[str, Any]:
    """The document that the service answers at /openapi.json, with the address that browsers use."""
    document: dict[str, Any] = build(service).http.openapi()
    return document


def documents() -> dict[Path, str]:
    found = {asyncapi.PATH: asyncapi.render(), message_path.PATH: message_path.render(), metrics.PATH: metrics.render()}
    for service in SERVICES:
        path = DOCS / "openapi" / f"{service}.json"
        found[path] = json.dumps(openapi(service), indent=2, ensure_ascii=False) + "\n"
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m scripts.contracts", description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail when a file differs")
    check = parser.parse_args().check
    old = {path: text for path, text in documents().items() if not path.exists() or path.read_text() != text}
    names = ", ".join(str(path.relative_to(DOCS.parent)) for path in old)
    if check and old:
        sys.exit(f"not what the code says: {names}. Run `make contracts`, look at the difference and commit it.")
    for path, text in old.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    print(f"wrote {names}" if old else "all contracts are up to date")


if __name__ == "__main__":
    main()
