"""Real Kafka, MongoDB and Redis for a test session: the ones given, else Docker's, else the embedded ones.

The embedded ones live in a temporary folder, are stopped at the session's end, and end with the test process
however it ends.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pymongo import MongoClient
from testcontainers.core.container import DockerContainer
from testcontainers.core.waiting_utils import wait_for_logs

from deploy.local.layout import Layout
from deploy.local.packages import ServerPackages, server_packages
from deploy.local.ports import HOST, any_free
from deploy.local.processes import Processes
from deploy.local.progress import Progress
from deploy.local.servers import Kafka, Mongo, Redis

KAFKA_IMAGE = "apache/kafka:4.1.0"
MONGO_IMAGE = "mongo:7.0"
REDIS_IMAGE = "redis:7.4-alpine"


@dataclass
class Servers:
    """Addresses as the services' settings take them."""

    kafka: str
    mongo: str
    redis: str

    def env(self, prefix: str = "") -> dict[str, str]:
        """What a service is told: the addresses, and the prefix of its names."""
        return {
            "SWITCHBOARD_KAFKA": self.kafka,
            "SWITCHBOARD_MONGO": self.mongo,
            "SWITCHBOARD_REDIS": self.redis,
            "SWITCHBOARD_PREFIX": prefix,
        }


@dataclass
class Embedded:
    """Servers of one's own in one folder, to be killed, frozen and restarted: `embedded.kafka.kill()`."""

    folder: Path
    packages: ServerPackages
    mongo_members: int = 1
    processes: Processes = field(init=False)
    kafka: Kafka = field(init=False)
    mongo: Mongo = field(init=False)
    redis: Redis = field(init=False)

    def __post_init__(self) -> None:
        data = self.folder / "data"
        self.processes = Processes(self.folder / "run", self.folder / "logs", die_with_parent=True)
        port, controller, redis, *mongo = any_free(3 + self.mongo_members)
        self.kafka = Kafka(self.processes, self.packages, data / "kafka", port, controller)
        self.mongo = Mongo(self.processes, self.packages, data, mongo)
        self.redis = Redis(self.processes, self.packages, data / "redis", redis)

    def start(self, names: tuple[str, ...] = ("kafka", "mongo", "redis")) -> dict[str, str]:
        """Start the named ones side by side; their addresses by name."""
        chosen = {name: getattr(self, name) for name in names}
        for server in chosen.values():
            server.spawn()
        return {name: server.wait_ready() for name, server in chosen.items()}

    def stop(self) -> None:
        self.processes.stop_in_order(self.processes.all())


def docker_answers() -> bool:
    """Whether a Docker engine is there to start containers."""
    if not shutil.which("docker"):
        return False
    try:
        return subprocess.run(["docker", "info"], capture_output=True, timeout=10).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def start_servers(stack: ExitStack, environ: Mapping[str, str] = os.environ, *, drops_at_once: bool = False) -> Servers:
    """Each server from the first place that has it; what is started ends with the stack. `drops_at_once`: for hundreds
    of databases one after the other (`MongoMember.drops_at_once`)."""
    keys = {"kafka": "SWITCHBOARD_KAFKA", "mongo": "SWITCHBOARD_MONGO", "redis": "SWITCHBOARD_REDIS"}
    found = {name: environ[key] for name, key in keys.items() if environ.get(key)}
    missing = tuple(name for name in keys if name not in found)
    if missing and docker_answers():
        found |= {name: IN_DOCKER[name](stack) for name in missing}
    elif missing:
        folder = Path(tempfile.mkdtemp(prefix="switchboard-test-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        embedded = Embedded(folder, server_packages(Layout.of(environ), Progress()))
        for member in embedded.mongo.members:
            member.drops_at_once = drops_at_once
        stack.callback(embedded.stop)
        found |= embedded.start(missing)
    return Servers(**found)


def _run(stack: ExitStack, image: str, port: int, command: str, ready: str, env: dict[str, str]) -> None:
    container = DockerContainer(image).with_bind_ports(port, port).with_command(command)
    for name, value in env.items():
        container = container.with_env(name, value)
    stack.enter_context(container)
    wait_for_logs(container, ready, timeout=60)


def _docker_kafka(stack: ExitStack) -> str:
    (port,) = any_free(1)
    settings = {
        "KAFKA_NODE_ID": "1",
        "KAFKA_PROCESS_ROLES": "broker,controller",
        "KAFKA_LISTENERS": f"PLAINTEXT://:{port},CONTROLLER://:9093",
        "KAFKA_ADVERTISED_LISTENERS": f"PLAINTEXT://{HOST}:{port}",
        "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "KAFKA_AUTO_CREATE_TOPICS_ENABLE": "false",
        "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
        "KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "KAFKA_MESSAGE_MAX_BYTES": "16777216",
    }
    _run(stack, KAFKA_IMAGE, port, "", "Kafka Server started", settings)
    return f"{HOST}:{port}"


def _docker_mongo(stack: ExitStack) -> str:
    (port,) = any_free(1)
    initiate = f"rs.initiate({{_id:'rs0',members:[{{_id:0,host:'{HOST}:{port}'}}]}})"
    container = (
        DockerContainer(MONGO_IMAGE)
        .with_bind_ports(port, port)
        .with_command(
            f"mongod --replSet rs0 --bind_ip_all --port {port} --setParameter transactionLifetimeLimitSeconds=10"
        )
    )
    stack.enter_context(container)
    wait_for_logs(container, "Waiting for connections", timeout=60)
    container.exec(["mongosh", "--port", str(port), "--quiet", "--eval", initiate])
    wait_for_logs(container, "Transition to primary complete", timeout=60)
    return f"mongodb://{HOST}:{port}/?replicaSet=rs0&directConnection=false"


def _docker_redis(stack: ExitStack) -> str:
    (port,) = any_free(1)
    command = f"redis-server --port {port} --appendonly yes"
    _run(stack, REDIS_IMAGE, port, command, "Ready to accept connections", {})
    return f"redis://{HOST}:{port}/0"


IN_DOCKER: dict[str, Callable[[ExitStack], str]] = {
    "kafka": _docker_kafka,
    "mongo": _docker_mongo,
    "redis": _docker_redis,
}


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """Started on the first test that asks, once for the session."""
    with ExitStack() as stack:
        started = start_servers(stack, drops_at_once=True)
        # Tests have clocks of their own. What they write may look older than it is kept for, and once a minute MongoDB
        # would throw it away in the middle of one.
        with MongoClient[dict[str, object]](started.mongo) as client:
            client.admin.command("setParameter", 1, ttlMonitorEnabled=False)
        yield started


@pytest.fixture(scope="module")
def namespace() -> str:
    """A fresh prefix for one test module's Kafka topics, databases and Redis keys."""
    return f"t{uuid.uuid4().hex[:8]}."
