"""The real Kafka, MongoDB and Redis as plain processes on loopback, for the local desk and for tests.

Each class owns one server's settings, its start, and the question whether it answers. Tests also kill, freeze
and restart them. Nothing here knows of Switchboard's services.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.errors import LaunchError, last_lines
from deploy.local.packages import ServerPackages
from deploy.local.ports import HOST
from deploy.local.processes import Process, Processes

READY_WITHIN_S = 60.0
REPLICA_SET = "rs0"
MONGO_CACHE_GB = 0.5

KAFKA_SETTINGS = """\
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
controller.quorum.voters=1@{host}:{controller_port}
log.dirs={logs}
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=8
transaction.state.log.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
message.max.bytes=16777216
replica.fetch.max.bytes=16777216
broker.session.timeout.ms=4000
broker.heartbeat.interval.ms=1000
log.cleaner.dedupe.buffer.size=16777216
"""


class Server:
    """One server process: `start` returns its address, and the same data is there after any restart."""

    name = ""

    def __init__(self, processes: Processes, packages: ServerPackages, data: Path, port: int) -> None:
        self.processes = processes
        self.packages = packages
        self.data = data
        self.port = port

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    @property
    def process(self) -> Process | None:
        found = self.processes.get(self.name)
        return found if found and found.alive else None

    def command(self) -> tuple[list[str | Path], dict[str, str]]:
        """The program with its arguments, and its environment; writes what it needs into `data` first."""
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether it serves requests now."""
        raise NotImplementedError

    def spawn(self) -> None:
        """Start the process, if it is not running, without waiting for it."""
        if self.process is None:
            self.data.mkdir(parents=True, exist_ok=True)
            argv, env = self.command()
            self.processes.spawn(self.name, argv, env, self.data, self.address)

    def wait_ready(self, timeout_s: float = READY_WITHIN_S) -> str:
        """Block until it answers; LaunchError with its last log line when it dies or takes too long."""
        wait_until(self.answers, self.name, self.processes, timeout_s)
        return self.address

    def start(self) -> str:
        self.spawn()
        return self.wait_ready()

    def stop(self) -> None:
        """The orderly way: SIGTERM, and SIGKILL after STOP_AFTER_S."""
        if process := self.process:
            self.processes.stop([process])
        self.processes.forget(self.name)

    def kill(self) -> None:
        """As a crash: SIGKILL, nothing flushed."""
        if process := self.process:
            self.processes.kill(process)

    def pause(self) -> None:
        """Freeze it (SIGSTOP): connections stay open and nothing answers."""
        if process := self.process:
            process.signal(signal.SIGSTOP)

    def resume(self) -> None:
        if process := self.process:
            process.signal(signal.SIGCONT)

    def restart(self, crash: bool = False) -> str:
        """Stop, or kill, and start again on the same data and port."""
        if crash:
            self.kill()
        else:
            self.stop()
        return self.start()


class Kafka(Server):
    """Apache Kafka as one KRaft node that is broker and controller; topics are only made on purpose."""

    name = "kafka"

    def __init__(
        self, processes: Processes, packages: ServerPackages, data: Path, port: int, controller_port: int
    ) -> None:
        super().__init__(processes, packages, data, port)
        self.controller_port = controller_port

    def command(self) -> tuple[list[str | Path], dict[str, str]]:
        settings = self.data / "server.properties"
        logs = self.data / "logs"
        settings.write_text(
            KAFKA_SETTINGS.format(host=HOST, port=self.port, controller_port=self.controller_port, logs=logs)
        )
        if not (logs / "meta.properties").exists():
            self._format(settings)
        log_options = ["defaultLogLevel=warn", "showDateTime=true", "dateTimeFormat=HH:mm:ss.SSS"]
        options = [f"-Dorg.slf4j.simpleLogger.{option}" for option in log_options]
        return [*self._java("-Xmx512m", *options), "kafka.Kafka", settings], self._env()

    def answers(self) -> bool:
        """An ApiVersions request (Kafka protocol, API 18 version 0) is answered without an error."""
        request = struct.pack(">hhih", 18, 0, 1, -1)
        try:
            with socket.create_connection((HOST, self.port), timeout=2) as connection:
                connection.sendall(struct.pack(">i", len(request)) + request)
                answer = connection.recv(10)
        except OSError:
            return False
        return len(answer) == 10 and struct.unpack(">iih", answer)[2] == 0

    def _format(self, settings: Path) -> None:
        argv = [*self._java("-Xmx128m", "-XX:TieredStopAtLevel=1"), "kafka.tools.StorageTool"]
        done = subprocess.run(
            # One that was left running by a killed start may be quicker: what is formatted is left as it is.
            [*argv, "format", "--ignore-formatted", "-t", "c3dpdGNoYm9hcmQtbG9jYQ", "-c", settings],
            env=self._env(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            lines = (done.stderr or done.stdout).strip().splitlines() or ["no output"]
            raise LaunchError(f"Kafka's data folder could not be made: {lines[-1]}")

    def _java(self, *options: str) -> list[str | Path]:
        return [self.packages.java, "-XX:+UseSerialGC", *options, "-cp", self.packages.classpath]

    def _env(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"}


class Redis(Server):
    """Redis with its append-only file on."""

    name = "redis"

    @property
    def address(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    def command(self) -> tuple[list[str | Path], dict[str, str]]:
        options = {"port": self.port, "bind": HOST, "dir": self.data, "appendonly": "yes", "save": ""}
        argv: list[str | Path] = [self.packages.redis_server]
        for name, value in options.items():
            argv += [f"--{name}", str(value)]
        return argv, {"PATH": os.environ.get("PATH", os.defpath)}

    def answers(self) -> bool:
        try:
            with socket.create_connection((HOST, self.port), timeout=2) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(7) == b"+PONG\r\n"
        except OSError:
            return False


class MongoMember(Server):
    """One mongod of a replica set."""

    drops_at_once = False
    """Files of what was dropped go within seconds, not after five minutes and the next checkpoint of 60 s: for who
    makes and drops hundreds of databases, until no more files can be opened. Checkpoints every 5 s cost writes."""

    def __init__(self, processes: Processes, packages: ServerPackages, data: Path, port: int, name: str) -> None:
        super().__init__(processes, packages, data, port)
        self.name = name

    def command(self) -> tuple[list[str | Path], dict[str, str]]:
        argv: list[str | Path] = [self.packages.mongod, "--dbpath", self.data, "--port", str(self.port)]
        argv += ["--bind_ip", HOST, "--nounixsocket", "--replSet", REPLICA_SET, "--quiet"]
        argv += ["--wiredTigerCacheSizeGB", str(MONGO_CACHE_GB)]
        argv += ["--setParameter", "diagnosticDataCollectionEnabled=false"]
        # A service that is killed inside a transaction leaves it open, and its documents locked, for this long.
        argv += ["--setParameter", "transactionLifetimeLimitSeconds=10"]
        if self.drops_at_once:
            argv += ["--setParameter", "minSnapshotHistoryWindowInSeconds=0", "--syncdelay", "5"]
        env = {"PATH": os.environ.get("PATH", os.defpath)}
        return argv, {**env, "LD_LIBRARY_PATH": str(self.packages.mongod_libraries)}

    def admin(self, command: str, value: Any = 1, **options: Any) -> dict[str, Any]:
        """Run an admin command on this very member."""
        with MongoClient[dict[str, Any]](
            HOST, self.port, directConnection=True, serverSelectionTimeoutMS=1000, socketTimeoutMS=20_000
        ) as client:
            return client.admin.command(command, value, **options)

    def answers(self) -> bool:
        try:
            return bool(self.admin("ping")["ok"])
        except PyMongoError:
            return False

    def role(self) -> str:
        """'primary', 'secondary', or '' while it is neither."""
        try:
            hello = self.admin("hello")
        except PyMongoError:
            return ""
        return "primary" if hello["isWritablePrimary"] else "secondary" if hello.get("secondary") else ""


class Mongo:
    """A replica set with one member per port; a set of one by default, of three where primaries must move."""

    def __init__(self, processes: Processes, packages: ServerPackages, data: Path, ports: Sequence[int]) -> None:
        self.processes = processes
        names = ["mongo"] if len(ports) == 1 else [f"mongo-{n}" for n in range(1, len(ports) + 1)]
        self.members = [
            MongoMember(processes, packages, data / name, port, name) for name, port in zip(names, ports, strict=True)
        ]

    @property
    def address(self) -> str:
        hosts = ",".join(f"{HOST}:{member.port}" for member in self.members)
        return f"mongodb://{hosts}/?replicaSet={REPLICA_SET}&directConnection=false"

    @property
    def primary(self) -> MongoMember | None:
        return next((member for member in self.members if member.role() == "primary"), None)

    def spawn(self) -> None:
        for member in self.members:
            member.spawn()

    def wait_ready(self, timeout_s: float = READY_WITHIN_S) -> str:
        """Block until there is a primary, making the set when it is not one yet."""
        for member in self.members:
            member.wait_ready(timeout_s)
        self._form_set()
        first = self.members[0].name
        wait_until(self.settled, first, self.processes, timeout_s)
        return self.address

    def settled(self) -> bool:
        """One primary, and every other member a secondary that could take its place."""
        roles = [member.role() for member in self.members]
        return roles.count("primary") == 1 and roles.count("secondary") == len(roles) - 1

    def start(self) -> str:
        self.spawn()
        return self.wait_ready()

    def stop(self) -> None:
        running = [member.process for member in self.members]
        self.processes.stop([process for process in running if process])
        for member in self.members:
            self.processes.forget(member.name)

    def step_down(self, for_s: int = 10) -> None:
        """Make the primary give up its place, so that another member is elected."""
        if primary := self.primary:
            primary.admin("replSetStepDown", for_s, force=True)

    def _form_set(self) -> None:
        """Initiate the set; when ports have changed since, tell the set of its new addresses."""
        members = [{"_id": n, "host": f"{HOST}:{m.port}"} for n, m in enumerate(self.members)]
        first = self.members[0]
        try:
            config = first.admin("replSetGetConfig")["config"]
        except OperationFailure as error:
            if error.code != 94:  # NotYetInitialized
                raise
            settings = {"electionTimeoutMillis": 2000}
            first.admin("replSetInitiate", {"_id": REPLICA_SET, "members": members, "settings": settings})
            return
        if [member["host"] for member in config["members"]] != [member["host"] for member in members]:
            config = {**config, "version": config["version"] + 1, "members": members}
            first.admin("replSetReconfig", config, force=True)


def wait_until(ready: Callable[[], bool], name: str, processes: Processes, timeout_s: float) -> None:
    """Poll until `ready`; LaunchError when the process of that name has ended or the time is over."""
    deadline = time.monotonic() + timeout_s
    while not ready():
        process = processes.get(name)
        if process is None or not process.alive:
            code = processes.exit_code(process) if process else None
            ended = "stopped" if code is None else f"stopped with exit code {code}"
            raise LaunchError(f"{name} {ended} while starting{last_words(processes.log(name))}", processes.log(name))
        if time.monotonic() > deadline:
            raise LaunchError(
                f"{name} did not get ready within {timeout_s:.0f} s{last_words(processes.log(name))}",
                processes.log(name),
            )
        time.sleep(0.05)


def last_words(log: Path) -> str:
    """A log's last line as the end of a sentence; of a JSON line, its message."""
    lines = last_lines(log)
    if not lines:
        return "."
    try:
        said = json.loads(lines[0])
        text = str(said.get("msg") or said.get("event") or lines[0]) if isinstance(said, dict) else lines[0]
    except ValueError:
        text = lines[0]
    return f": {text[:200]}"
