"""Kafka with SASL and ACLs, MongoDB with a user for each service, Redis with an ACL: the services run on them, each
with the least that it needs, and none can touch what is another's."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, TopicAuthorizationFailedError
from pymongo import MongoClient
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import OperationFailure
from redis import Redis
from redis.exceptions import AuthenticationError, NoPermissionError, ResponseError

from deploy.access.__main__ import kafka, mongo, redis
from deploy.access.rules import SERVICES
from deploy.local.layout import ROOT
from deploy.local.ports import HOST, any_free
from shared.mongo import connect, database, in_transaction
from shared.settings import Settings
from tests.e2e.outside import mail, send_mail, until
from tests.integration.deploy.guarded import Guarded, guard_kafka, guarded_servers
from tests.integration.shared.processes import program
from tests.integration.shared.test_orphans import ended

SECRET = "a secret for tests, of forty characters."


@dataclass
class Running:
    servers: Guarded
    urls: dict[str, str]
    smtp: str
    logs: Path


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("guarded")
    with ExitStack() as stack:
        servers = stack.enter_context(guarded_servers(folder))
        asyncio.run(guard_kafka(servers))
        smtp, *ports = any_free(5)
        once(folder, servers.admin_env(), "shared.setup")
        once(folder, servers.env("tickets"), "services.tickets.demo", "--directory")
        urls = {name: f"http://{HOST}:{port}" for name, port in zip(SERVICES, ports, strict=True)}
        for name, port in zip(SERVICES, ports, strict=True):
            settings = {"SWITCHBOARD_HTTP_PORT": str(port), "SWITCHBOARD_SMTP_PORT": str(smtp)}
            out = stack.enter_context((folder / f"{name}.log").open("wb"))
            process = subprocess.Popen(
                [sys.executable, "-m", f"services.{name}"],
                cwd=ROOT,
                env=environment(servers.env(name)) | settings,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
            stack.callback(process.wait, 30)
            stack.callback(process.terminate)
        wait_ready(urls, folder)
        yield Running(servers, urls, f"{HOST}:{smtp}", folder)


def environment(given: dict[str, str]) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SWITCHBOARD_")}
    return {**plain, **given, "SWITCHBOARD_SECRET": SECRET, "PYTHONUNBUFFERED": "1"}


def once(folder: Path, env: dict[str, str], *module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *module], cwd=ROOT, env=environment(env), capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr


def wait_ready(urls: dict[str, str], folder: Path) -> None:
    deadline = time.monotonic() + 240
    waiting = dict(urls)
    while waiting:
        for name, url in list(waiting.items()):
            try:
                answer = httpx.get(f"{url}/health/ready", timeout=5)
                if answer.status_code == 200:
                    del waiting[name]
            except httpx.HTTPError:
                pass
        log = "".join((folder / f"{name}.log").read_text()[-1500:] for name in waiting)
        assert time.monotonic() < deadline, f"{sorted(waiting)} not ready: {log}"
        time.sleep(0.1)


async def test_a_mail_goes_all_the_way_with_the_least_rights(running: Running) -> None:
    async with httpx.AsyncClient(timeout=20) as client:

        async def brand_is_known() -> bool:
            """Ingest is ready while no brand exists; the demo's come by the directory's topic."""
            session = await client.post(f"{running.urls['ingest']}/messenger/sessions", json={"brand_id": "earth-echo"})
            return session.status_code == 200

        await until(brand_is_known)
        await send_mail(running.smtp, mail(to="support@earthecho.example", subject="Guarded", text="Hello"))
        account = {"email": "admin@switchboard.example", "password": "switchboard-demo"}
        token = (await client.post(f"{running.urls['tickets']}/session", json=account)).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}

        async def found(path: str) -> list[dict[str, Any]]:
            answer = await client.get(path, headers=headers)
            assert answer.status_code == 200, answer.text
            return list(answer.json()["items"])

        [item] = await until(lambda: found(f"{running.urls['tickets']}/conversations?status=all"))
        here = f"{running.urls['tickets']}/conversations/{item['head']['id']}"
        sent = await client.post(f"{here}/reply", json={"html": "<p>Yes</p>"}, headers=headers)
        assert sent.status_code == 200, sent.text
        assert await until(lambda: found(f"{running.urls['notifications']}/deliveries"))
        status = {"status": "online"}
        online = await client.put(f"{running.urls['routing']}/availability/me", json=status, headers=headers)
        assert online.status_code == 200, online.text
    said = "".join((running.logs / f"{name}.log").read_text() for name in SERVICES)
    assert "uthoriz" not in said, [line for line in said.splitlines() if "uthoriz" in line][:3]
    for refused in ("NOPERM", "NoPermission", "NOAUTH"):
        assert refused not in said, [line for line in said.splitlines() if refused in line][:3]


async def test_a_service_may_end_what_its_killed_process_left_open(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment(running.servers.env("tickets")).items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    client = connect(settings)
    things = database(client, settings, "tickets").get_collection("things")
    await things.insert_one({"_id": "held"})
    async with program(settings, "tests.integration.shared.orphan_program") as dying:
        assert await dying.process.wait() == -signal.SIGKILL, dying.said
    before = ended()

    async def write(session: AsyncClientSession) -> None:
        await things.update_one({"_id": "held"}, {"$set": {"by": "alive"}}, session=session)

    await in_transaction(client, write)
    assert ended() > before
    await client.close()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_reads_and_writes_no_other_database_and_drops_not_even_its_own(
    running: Running, service: str
) -> None:
    user = f"switchboard-{service}"
    with MongoClient[dict[str, Any]](running.servers.mongo(user, f"switchboard_{service}")) as client:
        client[f"switchboard_{service}"]["log"].find_one({})
        for other in set(SERVICES) - {service}:
            with pytest.raises(OperationFailure, match="not authorized"):
                client[f"switchboard_{other}"]["log"].find_one({})
            with pytest.raises(OperationFailure, match="not authorized"):
                client[f"switchboard_{other}"]["log"].insert_one({})
        for command in ({"dropDatabase": 1}, {"drop": "log"}, {"usersInfo": 1}):
            with pytest.raises(OperationFailure, match="not authorized"):
                client[f"switchboard_{service}"].command(command)


@pytest.mark.parametrize("service", sorted(set(SERVICES) - {"tickets"}))
def test_a_service_reaches_no_other_services_keys_and_no_administration(running: Running, service: str) -> None:
    with Redis.from_url(running.servers.redis(f"switchboard-{service}")) as client:
        with pytest.raises(NoPermissionError):
            client.get("switchboard:somebody:else")
        with pytest.raises(NoPermissionError):
            client.publish("switchboard:somebody:else", "hello")
        for command in (("FLUSHALL",), ("CONFIG", "GET", "*"), ("KEYS", "*"), ("SCAN", "0"), ("ACL", "LIST")):
            with pytest.raises((NoPermissionError, ResponseError), match="permissions"):
                client.execute_command(*command)
    with Redis(host=HOST, port=running.servers.redis_port) as nobody, pytest.raises(AuthenticationError):
        nobody.ping()


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_publishes_on_no_topic_of_another(running: Running, service: str) -> None:
    owned = {"ingest": "ingest.messages.v1", "tickets": "tickets.conversations.v1", "routing": "routing.decisions.v1"}
    owned["notifications"] = "notifications.deliveries.v1"
    producer = AIOKafkaProducer(**running.servers.kafka_client(f"switchboard-{service}"))
    await producer.start()
    try:
        for owner, topic in owned.items():
            if owner != service:
                with pytest.raises(TopicAuthorizationFailedError):
                    await producer.send_and_wait(topic, b"forged", key=b"x")
    finally:
        await producer.stop()


async def test_nobody_comes_in_without_a_password(running: Running) -> None:
    wrong = running.servers.kafka_client("switchboard-tickets") | {"sasl_plain_password": "wrong"}
    for options in (wrong, {"bootstrap_servers": running.servers.kafka}):
        producer = AIOKafkaProducer(**options, request_timeout_ms=3000)
        with pytest.raises(KafkaError):
            await asyncio.wait_for(producer.start(), 20)
        await producer.stop()


def test_the_commands_for_an_administrator_say_the_same() -> None:
    written = "\n".join([*kafka("eu-"), *mongo("eu-"), *redis("eu-")])
    for expected in (
        "--allow-principal User:switchboard-ingest --operation Write --topic 'eu-ingest.messages.v1'",
        "--operation Read --group 'eu-routing.' --resource-pattern-type prefixed",
        '"createUser": "switchboard-tickets", "pwd": passwordPrompt()',
        "ACL SETUSER switchboard-routing",
        "'~eu-switchboard:{routing}:*'",
    ):
        assert expected in written
