"""What a browser loads before the inbox shows, gzipped, of the last build (promises.md, last row)."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from tests.bench.row import Row, alone

DIST = Path(__file__).parents[2] / "web" / "apps" / "inbox" / "dist"
ENTRY = "index.html"


def first_load(manifest: dict[str, Any]) -> set[str]:
    """The files of the entry and of all that it imports at once (https://vite.dev/guide/backend-integration)."""
    found: set[str] = set()
    names = [ENTRY]
    while names:
        chunk = manifest[names.pop()]
        if chunk["file"] not in found:
            found |= {chunk["file"], *chunk.get("css", ())}
            names += chunk.get("imports", ())
    return found


def run() -> list[Row]:
    """RuntimeError when the inbox is not built: a row that is left out would look like one that holds."""
    manifest = DIST / ".vite" / "manifest.json"
    if not manifest.exists():
        raise RuntimeError("the inbox is not built: `make up` builds it, and so does `npm ci && npm run build` in web/")
    files = first_load(json.loads(manifest.read_text()))
    total_kb = sum(len(gzip.compress((DIST / one).read_bytes(), 9)) for one in files) / 1024
    print(f"  {total_kb:.1f} KB in {len(files)} files", flush=True)
    return [alone("inbox first load, gzip", [total_kb], unit="KB", first=350, then=250, at_most=True)]
