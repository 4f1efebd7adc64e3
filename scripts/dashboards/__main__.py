"""Writes the dashboards; `--check` fails when a committed one differs."""

from __future__ import annotations

import sys
from pathlib import Path

from scripts.dashboards.ingest import INGEST
from scripts.dashboards.notifications import NOTIFICATIONS
from scripts.dashboards.panels import render
from scripts.dashboards.path import PATH
from scripts.dashboards.routing import ROUTING
from scripts.dashboards.tickets import TICKETS

FOLDER = Path(__file__).parents[2] / "deploy" / "grafana" / "dashboards"
BOARDS = (PATH, INGEST, TICKETS, ROUTING, NOTIFICATIONS)


def files() -> dict[Path, str]:
    """Each dashboard's file and what belongs in it."""
    return {FOLDER / f"{board.uid}.json": render(board) for board in BOARDS}


def main() -> None:
    old = {path: text for path, text in files().items() if not path.exists() or path.read_text() != text}
    if "--check" in sys.argv[1:]:
        if old:
            sys.exit(f"old: {', '.join(path.name for path in old)}; run python -m scripts.dashboards")
        return
    for path, text in old.items():
        path.write_text(text)
        print(path.relative_to(FOLDER.parents[2]))


if __name__ == "__main__":
    main()
