"""Fetches Kafka's jars with jgo and checks each against the pinned list; a program that needs jgo.

`jars.py LIST FOLDER` fetches; `jars.py --resolve COORDINATES` prints a new list for a new Kafka version.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from jgo.maven import MavenContext
from jgo.parse import Endpoint

AT_ONCE = 6


def fetch(pinned: Path, folder: Path) -> None:
    """Fetch every jar of the list; SystemExit when one is missing or is not the one that was pinned."""
    lines = [line.split() for line in pinned.read_text().splitlines() if line and not line.startswith("#")]
    with TemporaryDirectory(dir=folder) as repository, ThreadPoolExecutor(AT_ONCE) as pool:
        context = MavenContext(repo_cache=Path(repository), timeout=60)
        jobs = [pool.submit(_fetch_one, context, name, sha256, folder) for name, sha256 in lines]
        for job in jobs:
            job.result()


def _fetch_one(context: MavenContext, name: str, sha256: str, folder: Path) -> None:
    group, artifact, version = name.split(":")
    jar: Path = context.project(group, artifact).at_version(version).artifact().resolve()
    if hashlib.sha256(jar.read_bytes()).hexdigest() != sha256:
        raise SystemExit(f"{name} is not the file that was pinned: its sha256 differs")
    shutil.copy(jar, folder / jar.name)


def resolve(coordinates: str) -> None:
    """Print the list for 'group:artifact:version+group:artifact:version' and all they need."""
    with TemporaryDirectory() as repository:
        context = MavenContext(repo_cache=Path(repository), timeout=60)
        wanted = [
            context.create_dependency(replace(part, scope="compile"))
            for part in Endpoint.parse(coordinates).coordinates
        ]
        given, needed = context.resolver.resolve(wanted)
        for part in [*given, *(part for part in needed if part.scope in ("compile", "runtime"))]:
            jar = part.artifact.resolve()
            name = f"{part.artifact.groupId}:{part.artifact.artifactId}:{part.artifact.version}"
            print(name, hashlib.sha256(jar.read_bytes()).hexdigest())


if __name__ == "__main__":
    if sys.argv[1] == "--resolve":
        resolve(sys.argv[2])
    else:
        fetch(Path(sys.argv[1]), Path(sys.argv[2]))
