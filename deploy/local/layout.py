"""Where everything of one checkout lies on disk. Nothing here creates or reads a file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Layout:
    """`local` holds all that one running desk writes; `cache` is shared by every checkout of a person."""

    root: Path
    local: Path
    cache: Path

    @classmethod
    def of(cls, environ: Mapping[str, str] = os.environ, root: Path = ROOT) -> Layout:
        cache = environ.get("SWITCHBOARD_CACHE")
        if not cache:
            base = environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
            cache = str(Path(base) / "switchboard")
        local = environ.get("SWITCHBOARD_LOCAL") or str(root / ".local")
        return cls(root=root, local=Path(local).absolute(), cache=Path(cache).absolute())

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def web(self) -> Path:
        return self.root / "web"

    @property
    def run(self) -> Path:
        return self.local / "run"

    @property
    def logs(self) -> Path:
        return self.local / "logs"

    @property
    def data(self) -> Path:
        return self.local / "data"

    @property
    def mail(self) -> Path:
        return self.local / "mail"

    @property
    def ports(self) -> Path:
        return self.local / "ports.json"

    @property
    def secrets(self) -> Path:
        return self.local / "secrets.json"

    @property
    def endpoints(self) -> Path:
        return self.local / "endpoints.json"
