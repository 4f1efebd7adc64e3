"""Prometheus and promtool for tests: those on the PATH, else Debian's package, unpacked into the cache.

Nothing is installed and root is not needed. Where there is neither, the tests that need them are skipped.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import pytest

from deploy.local.bootstrap import locked
from deploy.local.layout import Layout

FETCH_S = 180


def find(name: Literal["prometheus", "promtool"]) -> str:
    """The program. Skips the test where it is not on the PATH and apt-get cannot fetch it."""
    if found := shutil.which(name):
        return found
    packaged = _packaged(Layout.of(os.environ))
    if packaged is None:
        pytest.skip(f"no {name} on the PATH, and no apt-get to fetch Debian's `prometheus` with")
    return str(packaged / name)


def _packaged(layout: Layout) -> Path | None:
    folder = layout.cache / "prometheus"
    with locked(layout.cache / "prometheus.lock"):
        if not (folder / "usr" / "bin" / "promtool").exists():
            partial = folder.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            if not _fetched(partial):
                return None
            shutil.rmtree(folder, ignore_errors=True)
            partial.rename(folder)
    return folder / "usr" / "bin"


def _fetched(into: Path, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the package is unpacked there; with package lists of its own, so that nobody's are changed."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return False
    for name in ("state/lists/partial", "cache/archives/partial"):
        (into / name).mkdir(parents=True)
    own = {
        "Dir::State": into / "state",
        "Dir::State::status": "/var/lib/dpkg/status",
        "Dir::Cache": into / "cache",
        "APT::Sandbox::User": "",
    }
    options = [part for name, value in own.items() for part in ("-o", f"{name}={value}")]
    try:
        for words in (["update"], ["download", "prometheus"]):
            command = ["apt-get", "-qq", *options, *words]
            subprocess.run(command, cwd=into, check=True, timeout=FETCH_S, capture_output=True, env={**environ})
        (package,) = into.glob("prometheus_*.deb")
        subprocess.run(["dpkg-deb", "-x", package, into], check=True, timeout=FETCH_S, capture_output=True)
        package.unlink()
    except (subprocess.SubprocessError, OSError, ValueError):
        return False
    return True
