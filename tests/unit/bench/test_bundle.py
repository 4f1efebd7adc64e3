"""What the inbox's first load is made of, and that a missing build is said."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from tests.bench import bundle

MANIFEST = {
    "index.html": {"file": "entry.js", "css": ["entry.css"], "imports": ["_react.js"], "dynamicImports": ["later.ts"]},
    "_react.js": {"file": "react.js"},
    "later.ts": {"file": "later.js", "imports": ["_react.js"]},
}


def test_without_a_build_the_row_fails_and_says_how_to_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "DIST", tmp_path)
    with pytest.raises(RuntimeError, match="npm ci && npm run build"):
        bundle.run()


def test_only_what_is_loaded_at_once_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "DIST", tmp_path)
    (tmp_path / ".vite").mkdir()
    (tmp_path / ".vite" / "manifest.json").write_text(json.dumps(MANIFEST))
    files = {name: name.encode() * 2000 for name in ("entry.js", "entry.css", "react.js", "later.js")}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    [row] = bundle.run()
    at_once = ("entry.js", "entry.css", "react.js")
    assert row.measured == sum(len(gzip.compress(files[name], 9)) for name in at_once) / 1024
