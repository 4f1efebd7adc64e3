"""Start to ready, and memory when idle, of each service as its own process (promises.md, last rows)."""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import time
import uuid
from dataclasses import dataclass

import httpx
import psutil

from shared.settings import Settings
from shared.setup import create_topics
from tests.servers import Servers

SERVICES = ("ingest", "tickets", "routing", "notifications")
PORT = 18310
SETTLE_S = 5.0
LIMIT_S = 60.0


@dataclass(frozen=True)
class Idle:
    """Medians: seconds from the process's start to readiness, MiB resident some seconds later."""

    service: str
    ready_s: float
    memory_mib: float


async def run(servers: Servers, *, repetitions: int) -> list[Idle]:
    prefix = f"b{uuid.uuid4().hex[:8]}-"
    made = Settings(kafka=servers.kafka, mongo=servers.mongo, redis=servers.redis, secret="b" * 40, prefix=prefix)
    await create_topics(made)
    env = os.environ | servers.env(prefix) | {"SWITCHBOARD_SECRET": "b" * 40, "SWITCHBOARD_LOG_LEVEL": "ERROR"}
    env |= {"SWITCHBOARD_HTTP_PORT": str(PORT), "SWITCHBOARD_SMTP_PORT": str(PORT + 1)}
    env |= {"SWITCHBOARD_AIRCALL_TOKEN": "b" * 40, "SWITCHBOARD_INTEGRATION_TOKEN": "b" * 40}
    env |= {"SWITCHBOARD_SMTP_OUT": "smtp://127.0.0.1:9"}
    found = []
    for service in SERVICES:
        await asyncio.to_thread(_once, service, env)  # the first start makes indexes and groups
        runs = [await asyncio.to_thread(_once, service, env) for _ in range(repetitions)]
        found.append(Idle(service, *(statistics.median(one) for one in zip(*runs, strict=True))))
        print(f"  {service:14} ready {found[-1].ready_s:4.1f} s   {found[-1].memory_mib:4.0f} MiB", flush=True)
    return found


def _once(service: str, env: dict[str, str]) -> tuple[float, float]:
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", f"services.{service}"], env=env, stdout=subprocess.DEVNULL)
    try:
        while not _ready():
            if process.poll() is not None or time.monotonic() - began > LIMIT_S:
                raise RuntimeError(f"{service} did not become ready")
            time.sleep(0.02)
        ready_s = time.monotonic() - began
        time.sleep(SETTLE_S)
        return ready_s, psutil.Process(process.pid).memory_info().rss / 2**20
    finally:
        process.terminate()
        process.wait(30)


def _ready() -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{PORT}/health/ready", timeout=1).status_code == 200
    except httpx.TransportError:
        return False
