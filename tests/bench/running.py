"""A service as its own process, for as long as it is measured; and the inbox before some of them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import psutil
from pymongo import MongoClient

from deploy.local import web
from deploy.local.layout import Layout
from deploy.local.ports import HOST, any_free
from deploy.local.progress import Progress
from shared.settings import Settings
from tests.servers import Servers

SECRET = "b" * 40
LIMIT_S = 180.0
"""Until a service is ready: long, as a busy machine must not end a run."""


@dataclass(frozen=True)
class Running:
    """`ready_s` from the process's start to readiness."""

    name: str
    port: int
    smtp_port: int
    pid: int
    ready_s: float

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def memory_mib(self) -> float:
        """Resident, its children included: ingest parses mail in a process of its own."""
        process = psutil.Process(self.pid)
        everyone = [process, *process.children(recursive=True)]
        return float(sum(one.memory_info().rss for one in everyone)) / 2**20


def new_prefix() -> str:
    return f"b{uuid.uuid4().hex[:8]}-"


def settings(servers: Servers, prefix: str) -> Settings:
    """What programs of the benchmarks themselves use."""
    return Settings(kafka=servers.kafka, mongo=servers.mongo, redis=servers.redis, secret=SECRET, prefix=prefix)


def environment(servers: Servers, prefix: str) -> dict[str, str]:
    """What every program of a benchmark is told."""
    return os.environ | servers.env(prefix) | {"SWITCHBOARD_SECRET": SECRET, "SWITCHBOARD_LOG_LEVEL": "ERROR"}


@contextmanager
def service(name: str, servers: Servers, prefix: str, env: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Start `services.<name>`, wait until it is ready, end it with the block."""
    port, smtp = any_free(2)
    own = environment(servers, prefix)
    own |= {"SWITCHBOARD_HTTP_PORT": str(port), "SWITCHBOARD_SMTP_PORT": str(smtp)}
    own |= {"SWITCHBOARD_AIRCALL_TOKEN": SECRET, "SWITCHBOARD_INTEGRATION_TOKEN": SECRET}
    own |= {"SWITCHBOARD_SMTP_OUT": "smtp://127.0.0.1:9"} | dict(env or {})
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", f"services.{name}"], env=own, stdout=subprocess.DEVNULL)
    try:
        while not _answers(f"http://{HOST}:{port}/health/ready"):
            if process.poll() is not None or time.monotonic() - began > LIMIT_S:
                raise RuntimeError(f"{name} did not become ready")
            time.sleep(0.02)
        yield Running(name, port, smtp, process.pid, time.monotonic() - began)
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def inbox(port: int, urls: Mapping[str, str]) -> Iterator[None]:
    """The built inbox at a port of this machine, the services behind it, by their names."""
    layout = Layout.of()
    tools, _ = web.ensure_build(layout, Progress())
    env = tools.env() | {f"SWITCHBOARD_{name.upper()}_URL": url for name, url in urls.items()}
    command = web.serve_command(layout, tools, "web", port)
    process = subprocess.Popen(command, cwd=layout.web, env=env, stdout=subprocess.DEVNULL)
    try:
        began = time.monotonic()
        while not _answers(f"http://{HOST}:{port}/"):
            if process.poll() is not None or time.monotonic() - began > LIMIT_S:
                raise RuntimeError("the inbox is not served")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(30)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=1).status_code == 200
    except httpx.TransportError:
        return False


def drop(servers: Servers, prefix: str) -> None:
    """Every database of this prefix."""
    with MongoClient[dict[str, object]](servers.mongo) as client:
        for name in client.list_database_names():
            if name.startswith(prefix):
                client.drop_database(name)
