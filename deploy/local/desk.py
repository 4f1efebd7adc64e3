"""The whole desk on one machine: which processes there are, with what settings, in what order they start.

The only place that knows the services' environment variables and usual ports. How a process is started or
stopped is processes.py's, how a server is set up servers.py's.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local import web
from deploy.local.aircall import Aircall
from deploy.local.bootstrap import digest, need_space, run_logged
from deploy.local.health import SERVICES, ready
from deploy.local.layout import Layout
from deploy.local.packages import Node, server_packages
from deploy.local.ports import HOST, MAIL_SERVER, OUTSIDE, PORTS, Ports
from deploy.local.private import kept_secret, write_private
from deploy.local.processes import Processes
from deploy.local.progress import Progress
from deploy.local.servers import Kafka, Mongo, Redis, wait_until
from deploy.local.sign_in import SignIn

GIVEN = {"kafka": "SWITCHBOARD_KAFKA", "mongo": "SWITCHBOARD_MONGO", "redis": "SWITCHBOARD_REDIS"}
SEEDS = (
    ("services.tickets.demo", "--directory"),
    ("services.routing.demo",),
    ("services.tickets.demo", "--conversations"),
)
READY_WITHIN_S = 60.0


@dataclass(frozen=True)
class Wanted:
    """A process as it should run; `sources` is a digest of the files that it runs."""

    name: str
    argv: list[str | Path]
    env: dict[str, str]
    cwd: Path
    sources: str
    address: str

    @property
    def identity(self) -> str:
        """What tells a process that runs as wanted from one started with other code or settings."""
        ours = {key: value for key, value in sorted(self.env.items()) if key.startswith("SWITCHBOARD_")}
        return digest(json.dumps([str(part) for part in self.argv]), json.dumps(ours), self.sources)


class Desk:
    """One start of the desk; `undo` stops what this start has started and nothing else."""

    with_demo = True
    """Whether the seven brands are filled in where there is nothing yet."""

    def __init__(self, layout: Layout, progress: Progress, environ: Mapping[str, str] = os.environ) -> None:
        self.layout = layout
        self.progress = progress
        self.environ = environ
        self.processes = Processes(layout.run, layout.logs)
        self.ports = Ports(layout.ports, environ)
        self.before = {process.name for process in self.processes.all() if process.alive}
        self.started: list[str] = []
        self.addresses: dict[str, str] = {}
        self._aircall: Aircall | None = None
        self._sign_in: SignIn | None = None

    def start(self) -> dict[str, Any]:
        """Everything running, ready and filled with the demo; returns what endpoints.json says."""
        need_space(self.layout.local)
        tools, build = self._build()
        self._choose_ports()
        if self.with_demo and not self.environ.get("SWITCHBOARD_AIRCALL_API_ID"):
            self._aircall = Aircall(self.layout, self._url("aircall"))
        if self.with_demo and not self.environ.get("SWITCHBOARD_OIDC_ISSUER"):
            self._sign_in = SignIn(self.layout, self._url("sign-in"))
        self._start_servers()
        self._start_sink()
        self._start_standins()
        self._setup()
        self._start_services()
        self._start_web(tools, build)
        self._wait_ready()
        self._seed()
        return self._write_endpoints()

    def undo(self) -> None:
        """Leave nothing half-started."""
        mine = [process for name in reversed(self.started) if (process := self.processes.get(name))]
        self.processes.stop_in_order(mine)

    def _build(self) -> tuple[Node, str]:
        return web.ensure_build(self.layout, self.progress)

    def _choose_ports(self) -> None:
        for name, (usual, process) in PORTS.items():
            if name.removesuffix("-controller") not in self._given():
                self.ports.choose(name, usual, held=process in self.before)
        self.ports.save()

    def _given(self) -> dict[str, str]:
        """The servers that the person named, by name."""
        return {name: self.environ[key] for name, key in GIVEN.items() if self.environ.get(key)}

    def _start_servers(self) -> None:
        given = self._given()
        self.addresses.update(given)
        if len(given) == len(GIVEN):
            return
        packages = server_packages(self.layout, self.progress)
        port, data = self.ports.chosen, self.layout.data
        servers: dict[str, Kafka | Mongo | Redis] = {}
        if "kafka" not in given:
            servers["kafka"] = Kafka(self.processes, packages, data / "kafka", port["kafka"], port["kafka-controller"])
        if "mongo" not in given:
            servers["mongo"] = Mongo(self.processes, packages, data, [port["mongo"]])
        if "redis" not in given:
            servers["redis"] = Redis(self.processes, packages, data / "redis", port["redis"])
        missing = [name for name in servers if name not in self.before]
        self.addresses.update({name: server.address for name, server in servers.items()})
        if not missing:
            return
        with self.progress.step(f"Starting {', '.join(missing)}"):
            for name in missing:
                self.started.append(name)
                servers[name].spawn()
            for name in missing:
                servers[name].wait_ready()

    def _start_sink(self) -> None:
        port = self.ports.chosen
        argv: list[str | Path] = [self.layout.python, "-m", "deploy.local.smtp_sink"]
        argv += ["--maildir", self.layout.mail, "--smtp-port", str(port["smtp-sink"])]
        argv += ["--http-port", str(port["smtp-sink-http"])]
        sources = digest(Path(__file__).with_name("smtp_sink.py"))
        address = self._url("smtp-sink-http")
        self._ensure([Wanted("smtp-sink", argv, dict(self.environ), self.layout.root, sources, address)])

    def _start_standins(self) -> None:
        if self._aircall is not None:
            self._ensure([Wanted("aircall", **self._aircall.process(dict(self.environ), self._url("ingest")))])
        if self._sign_in is not None:
            self._ensure([Wanted("sign-in", **self._sign_in.process(dict(self.environ)))])

    def _setup(self) -> None:
        """Kafka topics and Mongo indexes; nothing to do when they are as the code says."""
        stamp = self.layout.data / ".setup"
        wanted = digest(self._code(), json.dumps(self.addresses))
        if not self.started and stamp.exists() and stamp.read_text() == wanted:
            return
        with self.progress.step("Making topics and indexes"):
            self._run_module("shared.setup", log="setup")
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(wanted)

    def _start_services(self) -> None:
        wanted = []
        for name in SERVICES:
            env, sources = self._service_env(name), self._code(name)
            argv: list[str | Path] = [self.layout.python, "-m", f"services.{name}"]
            wanted.append(Wanted(name, argv, env, self.layout.root, sources, self._url(name)))
        self._ensure(wanted)

    def _start_web(self, tools: Node, build: str) -> None:
        env = {**tools.env(), **self._web_env()}
        wanted = []
        for name in web.APPS:
            argv = web.serve_command(self.layout, tools, name, self.ports.chosen[name])
            wanted.append(Wanted(name, argv, env, self.layout.web, build, self._url(name)))
        self._ensure(wanted)

    def _ensure(self, wanted: list[Wanted]) -> None:
        """Have these processes run as described now: started when missing, restarted when anything differs."""
        running = {one.name: self.processes.get(one.name) for one in wanted if one.name in self.before}
        missing = [one for one in wanted if getattr(running.get(one.name), "identity", None) != one.identity]
        changed = [process for one in missing if (process := running.get(one.name))]
        if changed:
            with self.progress.step(f"Stopping what has changed: {', '.join(one.name for one in changed)}"):
                self.processes.stop(changed)
        for one in missing:
            self.started.append(one.name)
            self.processes.spawn(one.name, one.argv, one.env, one.cwd, one.address, one.identity)

    def _wait_ready(self) -> None:
        # Those that ran before too: the make up that started them may have been killed while it waited.
        standins = [name for name, one in (("aircall", self._aircall), ("sign-in", self._sign_in)) if one]
        wanted = ("smtp-sink", *standins, *SERVICES, *web.APPS)
        waiting = [name for name in wanted if not self._ready(name)]
        if not waiting:
            return
        with self.progress.step("Starting the services") as step:
            for number, name in enumerate(waiting):
                step.detail(f"{number} of {len(waiting)} ready, waiting for {name}")
                wait_until(lambda name=name: self._ready(name), name, self.processes, READY_WITHIN_S)  # type: ignore[misc]
            step.detail(f"{len(waiting)} ready")

    def _ready(self, name: str) -> bool:
        process = self.processes.get(name)
        return process is not None and ready(process)

    def _seed(self) -> None:
        """The demo's seven brands, once for each state of the demo's own files and each database."""
        stamp = self.layout.data / ".seeded"
        demos = [file for file in sorted(self.layout.root.glob("services/*/demo*")) if file.is_file()]
        folders = [folder for folder in sorted(self.layout.root.glob("services/*/demo*")) if folder.is_dir()]
        wanted = digest(*demos, *(web.sources_digest(folder) for folder in folders), self.addresses["mongo"])
        if stamp.exists() and stamp.read_text() == wanted:
            return
        if self.with_demo:
            with self.progress.step("Filling in the demo"):
                for module, *arguments in SEEDS:
                    self._run_module(module, *arguments, log="demo")
        stamp.write_text(wanted)

    def _run_module(self, module: str, *arguments: str, log: str) -> None:
        run_logged(
            [self.layout.python, "-m", module, *arguments],
            self.layout.logs / f"{log}.log",
            f"python -m {' '.join((module, *arguments))} failed.",
            self.layout.root,
            self._service_env("tickets"),
        )

    def _code(self, service: str = "*") -> str:
        """A digest of what a service runs: its own files, shared/, and its packages."""
        folders = [self.layout.root / "shared", *sorted(self.layout.root.glob(f"services/{service}"))]
        requirements = self.layout.root / "requirements" / "dev.txt"
        return digest(requirements, *(web.sources_digest(folder) for folder in folders if folder.is_dir()))

    def _url(self, port: str) -> str:
        return f"http://{HOST}:{self.ports.chosen[port]}"

    def _service_env(self, name: str) -> dict[str, str]:
        port, kept = self.ports.chosen, self.layout.local
        env = {
            **self.environ,
            **{GIVEN[server]: address for server, address in self.addresses.items()},
            "PYTHONUNBUFFERED": "1",
            "SWITCHBOARD_SECRET": kept_secret(kept / "secret"),
            "SWITCHBOARD_HTTP_HOST": HOST,
            "SWITCHBOARD_HTTP_PORT": str(port[name]),
            "SWITCHBOARD_TRUSTED_PROXIES": f'["{web.ADDRESS}/32"]',
            "SWITCHBOARD_PUBLIC_URL": self._url("web"),
            "SWITCHBOARD_FILES_URL": self._url("ingest"),
            "SWITCHBOARD_MESSENGER_URL": self._url("messenger"),
            "SWITCHBOARD_SEARCH_FOLDER": str(self.layout.data / "search"),
        }
        if name == "ingest":
            env |= {"SWITCHBOARD_SMTP_HOST": HOST, "SWITCHBOARD_SMTP_PORT": str(port["smtp"])}
            env["SWITCHBOARD_TRUSTED_AUTHSERV_ID"] = MAIL_SERVER
            env["SWITCHBOARD_AIRCALL_TOKEN"] = kept_secret(kept / "aircall-token")
            env["SWITCHBOARD_INTEGRATION_TOKEN"] = kept_secret(kept / "integration-token")
        if name in ("ingest", "tickets", "notifications"):
            env.setdefault("SWITCHBOARD_OUTSIDE_NETWORKS", f'["{OUTSIDE}/32"]')
        if name == "tickets" and self._sign_in:
            env |= self._sign_in.settings()
        if name == "notifications":
            env["SWITCHBOARD_SMTP_OUT"] = f"smtp://{HOST}:{port['smtp-sink']}"
            env |= self._aircall.settings() if self._aircall else {}
        return env

    def _web_env(self) -> dict[str, str]:
        urls = {f"SWITCHBOARD_{name.upper()}_URL": self._url(name) for name in (*SERVICES, *web.APPS)}
        frames = self.environ.get("SWITCHBOARD_FRAMES", f"http://{OUTSIDE}:*")
        return {**urls, "SWITCHBOARD_WEB_ADDRESS": web.ADDRESS, "SWITCHBOARD_FRAMES": frames}

    def _write_endpoints(self) -> dict[str, Any]:
        port = self.ports.chosen
        accounts = self.layout.root / "services" / "tickets" / "demo_accounts.json"
        endpoints: dict[str, Any] = {
            **self.addresses,
            "smtp": f"{HOST}:{port['smtp']}",
            "smtp_sink": f"{HOST}:{port['smtp-sink']}",
            "smtp_sink_http": self._url("smtp-sink-http"),
            "smtp_sink_maildir": str(self.layout.mail),
            "aircall": self._aircall.address if self._aircall else "",
            **{name: self._url(name) for name in (*SERVICES, *web.APPS)},
            "aircall_token": kept_secret(self.layout.local / "aircall-token"),
            "integration_token": kept_secret(self.layout.local / "integration-token"),
            "sign_ins": json.loads(accounts.read_text()) if accounts.exists() else [],
        }
        write_private(self.layout.endpoints, json.dumps(endpoints, indent=1) + "\n")
        return endpoints
