"""Kafka, MongoDB and Redis that ask for a password and let each service do what deploy.access says, and no more."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.protocol.admin import CreateAclsRequest
from pymongo import MongoClient
from redis import Redis as RedisClient

from deploy.access.rules import SERVICES, KafkaRule, kafka_rules, mongo_role, mongo_user, redis_rules
from deploy.local.layout import Layout
from deploy.local.packages import server_packages
from deploy.local.ports import HOST, any_free
from deploy.local.processes import Processes
from deploy.local.progress import Progress
from deploy.local.servers import KAFKA_SETTINGS, Kafka, Mongo, MongoMember, Redis, wait_until

MECHANISM = "SCRAM-SHA-512"
ADMIN = "admin"
SECURED = f"""
listener.security.protocol.map=SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=SASL_PLAINTEXT
sasl.enabled.mechanisms={MECHANISM}
sasl.mechanism.inter.broker.protocol={MECHANISM}
listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config=\
org.apache.kafka.common.security.scram.ScramLoginModule required username="{ADMIN}" password="{{password}}";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:{ADMIN};User:ANONYMOUS
"""
"""Only the controller's own listener knows an anonymous one, and nobody else reaches it."""
RESOURCES = {"topic": 2, "group": 3, "transactional-id": 5}
OPERATIONS = {"Read": 3, "Write": 4, "Describe": 8}
LITERAL, PREFIXED, ALLOW = 3, 4, 3


class GuardedKafka(Kafka):
    """SCRAM over a plain connection, and no rule means no."""

    passwords: dict[str, str]

    def _format(self, settings: Path) -> None:
        text = KAFKA_SETTINGS.replace("PLAINTEXT://", "SASL_PLAINTEXT://")
        text = text.format(host=HOST, port=self.port, controller_port=self.controller_port, logs=self.data / "logs")
        settings.write_text(text + SECURED.format(password=self.passwords[ADMIN]))
        argv: list[str | Path] = [*self._java("-Xmx128m", "-XX:TieredStopAtLevel=1"), "kafka.tools.StorageTool"]
        argv += ["format", "-t", "c3dpdGNoYm9hcmQtbG9jYQ", "-c", settings]
        for name, password in self.passwords.items():
            argv += ["--add-scram", f"{MECHANISM}=[name={name},password={password}]"]
        done = subprocess.run(argv, env=self._env(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr or done.stdout


class GuardedMember(MongoMember):
    """Asks for a user once `key` is there; the first start forms the set and makes the users."""

    key: Path | None = None

    def command(self) -> tuple[list[str | Path], dict[str, str]]:
        argv, env = super().command()
        return ([*argv, "--auth", "--keyFile", self.key] if self.key else argv), env


@dataclass
class Guarded:
    """The three servers. `env(service)` is what a service is told; `admin` everything."""

    kafka: str
    mongo_port: int
    redis_port: int
    passwords: dict[str, str] = field(default_factory=dict)

    def mongo(self, user: str, source: str) -> str:
        return f"mongodb://{user}:{self.passwords[user]}@{HOST}:{self.mongo_port}/?replicaSet=rs0&authSource={source}"

    def redis(self, user: str) -> str:
        return f"redis://{user}:{self.passwords[user]}@{HOST}:{self.redis_port}/0"

    def env(self, service: str) -> dict[str, str]:
        user = f"switchboard-{service}"
        # tickets uses no Redis, and has no user there.
        redis = self.redis(user) if redis_rules(service) else f"redis://{HOST}:{self.redis_port}/0"
        return {
            **self.kafka_env(user),
            "SWITCHBOARD_MONGO": self.mongo(user, f"switchboard_{service}"),
            "SWITCHBOARD_REDIS": redis,
        }

    def admin_env(self) -> dict[str, str]:
        return {
            **self.kafka_env(ADMIN),
            "SWITCHBOARD_MONGO": self.mongo(ADMIN, "admin"),
            "SWITCHBOARD_REDIS": self.redis("default"),
        }

    def kafka_env(self, user: str) -> dict[str, str]:
        return {
            "SWITCHBOARD_KAFKA": self.kafka,
            "SWITCHBOARD_KAFKA_SECURITY": "SASL_PLAINTEXT",
            "SWITCHBOARD_KAFKA_SASL": MECHANISM,
            "SWITCHBOARD_KAFKA_USERNAME": user,
            "SWITCHBOARD_KAFKA_PASSWORD": self.passwords[user],
        }

    def kafka_client(self, user: str) -> dict[str, Any]:
        return {
            "bootstrap_servers": self.kafka,
            "security_protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": MECHANISM,
            "sasl_plain_username": user,
            "sasl_plain_password": self.passwords[user],
        }


@contextmanager
def guarded_servers(folder: Path) -> Iterator[Guarded]:
    names = [ADMIN, "default", *(f"switchboard-{service}" for service in SERVICES)]
    passwords = {name: secrets.token_hex(12) for name in names}
    packages = server_packages(Layout.of(), Progress())
    processes = Processes(folder / "run", folder / "logs", die_with_parent=True)
    kafka_port, controller, redis_port, mongo_port = any_free(4)
    kafka = GuardedKafka(processes, packages, folder / "kafka", kafka_port, controller)
    kafka.passwords = {name: password for name, password in passwords.items() if name != "default"}
    redis = Redis(processes, packages, folder / "redis", redis_port)
    mongo = Mongo(processes, packages, folder, [mongo_port])
    member = GuardedMember(processes, packages, folder / "mongo", mongo_port, "mongo")
    mongo.members = [member]
    try:
        for server in (kafka, redis, mongo):
            server.spawn()
        for server in (kafka, redis, mongo):
            server.wait_ready(240)
        _guard_redis(redis_port, passwords)
        _guard_mongo(member, mongo, folder / "key", passwords)
        yield Guarded(kafka.address, mongo_port, redis_port, passwords)
    finally:
        processes.stop_in_order(processes.all())


def _guard_redis(port: int, passwords: dict[str, str]) -> None:
    with RedisClient(host=HOST, port=port) as client:
        for service in SERVICES:
            if rules := redis_rules(service):
                user = f"switchboard-{service}"
                client.execute_command("ACL", "SETUSER", user, "reset", f">{passwords[user]}", *rules)
        client.execute_command("ACL", "SETUSER", "default", "resetpass", f">{passwords['default']}")


def _guard_mongo(member: GuardedMember, mongo: Mongo, key: Path, passwords: dict[str, str]) -> None:
    with MongoClient[dict[str, Any]](HOST, member.port, directConnection=True) as client:
        client.admin.command({"createUser": ADMIN, "pwd": passwords[ADMIN], "roles": ["root"]})
        for service in SERVICES:
            database = client[f"switchboard_{service}"]
            database.command(mongo_role(service))
            database.command(mongo_user(service, passwords[f"switchboard-{service}"]))
    key.write_text(secrets.token_hex(300))
    key.chmod(0o400)
    member.key = key
    member.stop()
    member.spawn()
    wait_until(mongo.settled, member.name, mongo.processes, 240)


async def guard_kafka(servers: Guarded) -> None:
    admin = AIOKafkaAdminClient(**servers.kafka_client(ADMIN))
    await admin.start()
    try:
        for service in SERVICES:
            for rule in kafka_rules(service):
                answer: Any = await admin._send_request(_create(f"User:switchboard-{service}", rule))
                assert answer.creation_responses[0][0] == 0, answer
    finally:
        await admin.close()


def _create(principal: str, rule: KafkaRule) -> CreateAclsRequest:
    pattern = PREFIXED if rule.prefixed else LITERAL
    return CreateAclsRequest(
        RESOURCES[rule.resource], rule.name, pattern, principal, "*", OPERATIONS[rule.operation], ALLOW
    )
