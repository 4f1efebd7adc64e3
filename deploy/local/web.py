"""The browser side of the local desk: packages, build and the three servers of web/.

Builds only when a source has changed since the last build; the servers are Vite's, one per origin.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

from deploy.local.bootstrap import digest, run_logged
from deploy.local.layout import Layout
from deploy.local.packages import Node, node
from deploy.local.progress import Progress

APPS = {"web": "inbox", "messenger": "messenger", "shop": "shop"}
ADDRESS = "127.0.0.2"
"""Where the web servers call the services from: what these believe about a caller, nobody else may tell them."""
NOT_SOURCES = {"node_modules", "__pycache__", "dist", ".vite", "coverage", "test-results", "playwright-report"}


def exists(layout: Layout) -> bool:
    return (layout.web / "package.json").exists()


def has_app(layout: Layout, name: str) -> bool:
    """Whether web/ holds the app that the server of this name shows."""
    return (layout.web / "apps" / APPS[name] / "vite.config.ts").exists()


def sources_digest(folder: Path) -> str:
    """A digest of all that a build depends on."""
    total = hashlib.sha256()
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in NOT_SOURCES)
        for name in sorted(files):
            if not name.endswith(".tsbuildinfo"):
                file = Path(parent) / name
                total.update(str(file.relative_to(folder)).encode() + b"\0" + file.read_bytes() + b"\0")
    return total.hexdigest()[:16]


def ensure_packages(layout: Layout, progress: Progress) -> Node:
    """npm ci, when the lock file has changed since the last one."""
    tools = node(layout, progress)
    stamp = layout.web / "node_modules" / ".switchboard-stamp"
    wanted = digest(layout.web / "package-lock.json")
    if stamp.exists() and stamp.read_text() == wanted:
        return tools
    with progress.step("Browser packages"):
        run_logged(
            [*tools.npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"],
            layout.logs / "npm-ci.log",
            "The browser packages could not be installed; is the network there?",
            layout.web,
            tools.env(),
        )
        stamp.write_text(wanted)
    return tools


def ensure_build(layout: Layout, progress: Progress) -> tuple[Node, str]:
    """Build what browsers load, when a source has changed; the digest tells one build from another."""
    tools = ensure_packages(layout, progress)
    built = sources_digest(layout.web)
    stamp = layout.web / "node_modules" / ".switchboard-build"
    there = any(layout.web.glob("apps/*/dist/index.html")) or any(layout.web.glob("dist/*/index.html"))
    if there and stamp.exists() and stamp.read_text() == built:
        return tools, built
    with progress.step("Building the inbox and the messenger"):
        run_logged(
            [*tools.npm, "run", "build"],
            layout.logs / "web-build.log",
            "The browser apps could not be built.",
            layout.web,
            tools.env(),
        )
        stamp.write_text(built)
    return tools, built


def serve_command(layout: Layout, tools: Node, name: str, port: int) -> list[str | Path]:
    """The web server of one origin, run on node directly so that its process id is the server's."""
    vite = layout.web / "node_modules" / "vite" / "bin" / "vite.js"
    config = f"apps/{APPS[name]}/vite.config.ts"
    listen = ["--port", str(port), "--strictPort", "--host", "127.0.0.1"]
    return [tools.node, vite, "preview", "--config", config, *listen]


def npm(layout: Layout, progress: Progress, arguments: list[str]) -> int:
    """Run npm in web/ with its packages in place, for make's checks; its exit code."""
    tools = ensure_packages(layout, progress)
    return subprocess.run([*tools.npm, *arguments], cwd=layout.web, env=tools.env(), check=False).returncode
