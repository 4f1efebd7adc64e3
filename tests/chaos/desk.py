"""A desk under test: replicas of the four services on given servers, with the demo's brands and agents.

Knows processes and settings; how they are hurt is faults.py's.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.local.layout import ROOT
from deploy.local.ports import HOST
from deploy.local.processes import Process
from tests.chaos import ports
from tests.chaos.senders.mail import MAIL_SERVER
from tests.chaos.servers import Servers

SERVICES = ("ingest", "tickets", "routing", "notifications")
SEEDS = (("services.tickets.demo", "--directory"), ("services.routing.demo",))
REPLICAS = 2
SPARE = 3
"""The number of the replica that only joins for a while."""
SECRET = "the gate's own secret, of thirty-two characters and more"
AIRCALL_TOKEN = "the-gate-rings"


@dataclass(frozen=True)
class Replica:
    """One process of a service: `tickets-2`."""

    name: str
    service: str
    port: int
    smtp_port: int = 0

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"


class Desk:
    """`prefix` keeps several desks on the same servers apart; `launch` is how a service is started, by its name."""

    def __init__(
        self,
        servers: Servers,
        *,
        prefix: str = "",
        services: Sequence[str] = SERVICES,
        replicas: int = REPLICAS,
        settings: Mapping[str, str] | None = None,
        launch: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.servers = servers
        self.prefix = prefix
        self.services = tuple(services)
        self.processes = servers.processes
        self._settings = dict(settings or {})
        self._launch = dict(launch or {})
        self.replicas: dict[str, Replica] = {}
        numbers = [*range(1, replicas + 1), SPARE]
        free = iter(ports.choose(len(SERVICES) * len(numbers) * 2))
        for service in services:
            for number in numbers:
                name = f"{prefix}{service}-{number}"
                self.replicas[name] = Replica(name, service, next(free), next(free))
        self.spares = {one.service: one for one in self.replicas.values() if one.name.endswith(f"-{SPARE}")}

    # ── life ─────────────────────────────────────────────────────────────────────────────────────
    def make_topics(self) -> None:
        self.command("shared.setup")

    def fill_in(self) -> None:
        """Brands, agents and rules; needs the services, whose relays tell of them."""
        for module, *arguments in SEEDS:
            if module.split(".")[1] in self.services:
                self.command(module, *arguments)

    def command(self, module: str, *arguments: str) -> str:
        """`python -m …` with the services' settings, as an operator runs it; what it said. Raises RuntimeError."""
        argv = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(argv, cwd=ROOT, env=self._env(None), capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise RuntimeError(f"{module} failed: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self) -> None:
        """Every replica but the spare ones; does not wait."""
        for one in self.regular():
            self.spawn(one.name)

    def stop(self) -> None:
        mine = [process for name in self.replicas if (process := self.processes.get(name))]
        self.processes.stop(mine)
        for name in self.replicas:
            self.processes.forget(name)

    def regular(self, service: str | None = None) -> list[Replica]:
        found = [one for one in self.replicas.values() if one not in self.spares.values()]
        return [one for one in found if service in (None, one.service)]

    def urls(self, service: str) -> list[str]:
        """Where clients may go: as behind a load balancer, to any of them."""
        return [one.url for one in self.regular(service)]

    def smtp(self) -> list[tuple[str, int]]:
        return [(HOST, one.smtp_port) for one in self.regular("ingest")]

    # ── processes ────────────────────────────────────────────────────────────────────────────────
    def spawn(self, name: str) -> None:
        """Start it unless it runs; does not wait."""
        if self.running(name) is None:
            one = self.replicas[name]
            argv = [sys.executable, "-m", *self._launch.get(one.service, (f"services.{one.service}",))]
            self.processes.spawn(name, argv, self._env(one), ROOT, one.url)

    def running(self, name: str) -> Process | None:
        process = self.processes.get(name)
        return process if process and process.alive else None

    def kill(self, name: str) -> None:
        """SIGKILL, as a crash."""
        if process := self.running(name):
            self.processes.kill(process)

    def signal(self, name: str, number: signal.Signals) -> None:
        if process := self.running(name):
            process.signal(number)

    async def started(self, name: str) -> bool:
        """Whether it has come so far that it works."""
        async with httpx.AsyncClient(timeout=3) as client:
            try:
                answer = await client.get(f"{self.replicas[name].url}/health/startup")
            except httpx.HTTPError:
                return False
        return answer.status_code == 200

    async def not_ready(self) -> list[str]:
        """Who does not say that it is ready, with what it says."""
        found = []
        async with httpx.AsyncClient(timeout=3) as client:
            for one in self.regular():
                try:
                    answer = await client.get(f"{one.url}/health/ready")
                except httpx.HTTPError as error:
                    found.append(f"{one.name}: {type(error).__name__}")
                    continue
                if answer.status_code != 200:
                    found.append(f"{one.name}: {answer.text[:200]}")
        return found

    def log(self, name: str) -> Path:
        return self.processes.log(name)

    def _env(self, one: Replica | None) -> dict[str, str]:
        env = {
            **{key: value for key, value in os.environ.items() if not key.startswith("SWITCHBOARD_")},
            **self.servers.env(),
            "PYTHONUNBUFFERED": "1",
            "SWITCHBOARD_PREFIX": self.prefix,
            "SWITCHBOARD_SECRET": SECRET,
            "SWITCHBOARD_AIRCALL_TOKEN": AIRCALL_TOKEN,
            "SWITCHBOARD_TRUSTED_AUTHSERV_ID": MAIL_SERVER,
            # All customers of the gate call from one address.
            "SWITCHBOARD_CHAT_ADDRESS_PER_MINUTE": "1000000",
            "SWITCHBOARD_OUTSIDE_NETWORKS": '["127.0.0.0/8"]',
            **self._settings,
        }
        if one is not None:
            env |= {"SWITCHBOARD_MEMBER": one.name, "SWITCHBOARD_HTTP_PORT": str(one.port)}
            env["SWITCHBOARD_SMTP_OUT_NAME"] = f"{one.name}.desk.example"
            if one.smtp_port:
                env["SWITCHBOARD_SMTP_PORT"] = str(one.smtp_port)
        return env
