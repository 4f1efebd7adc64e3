"""Nobody gets a subscriber with FastStream's defaults: they lose messages.

`ACK_FIRST` is the default for Kafka, so a crash in a handler lost the batch in hand; `latest` skips what came
before the group was made; a null header raised inside the parser. One function names them all.
"""

from __future__ import annotations

import ast
import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from aiokafka.abc import ConsumerRebalanceListener
from faststream.middlewares import AckPolicy
from pydantic import SecretStr

from shared import kafka
from shared.settings import Settings

ROOT = Path(__file__).parents[3]
SOURCES = sorted(path for part in ("shared", "services", "deploy", "scripts") for path in (ROOT / part).rglob("*.py"))
FASTSTREAM = {"subscriber", "add_subscriber", "publisher", "publish_batch", "KafkaRouter", "FastStream"}
"""`publish_batch` forgets the key when it chooses the partition; only the relay publishes."""
CLIENTS = {"AIOKafkaConsumer", "AIOKafkaProducer", "KafkaBroker"}


class Nobody(ConsumerRebalanceListener):
    async def on_partitions_revoked(self, revoked: object) -> None: ...

    async def on_partitions_assigned(self, assigned: object) -> None: ...


def used(tree: ast.AST, names: set[str]) -> Iterator[tuple[str, int]]:
    """Calls and decorators of these names, as a function or as a method, and references without a call."""
    for node in ast.walk(tree):
        name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        if name in names:
            yield name, getattr(node, "lineno", 0)


def called(tree: ast.AST, names: set[str]) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from ((name, line) for name, line in used(node.func, names))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_one_module_makes_subscribers_and_clients(path: Path) -> None:
    if path == ROOT / "shared" / "kafka.py":
        return
    tree = ast.parse(path.read_text())
    found = [*used(tree, FASTSTREAM), *called(tree, CLIENTS)]
    assert not found, f"{path.relative_to(ROOT)}: {found} — use shared.kafka, whose settings lose nothing"


@pytest.mark.parametrize(
    "line",
    [
        "broker.subscriber('x')",
        "@router.subscriber('x')\nasync def f(): ...",
        "make = broker.subscriber",
        "KafkaRouter()",
        "aiokafka.AIOKafkaProducer()",
    ],
)
def test_the_walk_sees_every_form(line: str) -> None:
    tree = ast.parse(line)
    assert [*used(tree, FASTSTREAM), *called(tree, CLIENTS)]


async def test_a_subscriber_acknowledges_by_hand_from_the_earliest_in_a_named_group(settings: Settings) -> None:
    async def on_batch(_: object) -> None: ...

    broker = kafka.broker(settings)
    listener = Nobody()
    made = kafka.subscribe(
        broker,
        settings,
        group="tickets.conversations",
        topics=["ingest.messages.v1"],
        on_batch=on_batch,
        listener=listener,
    )
    assert broker.subscribers == [made]
    assert made.ack_policy is AckPolicy.MANUAL
    assert made.group_id == "t-tickets.conversations"
    assert made.topic_names_for_subscribe == ["t-ingest.messages.v1"]
    assert made._listener is listener
    args = made._connection_args
    assert args["auto_offset_reset"] == "earliest"
    assert args["enable_auto_commit"] is False
    assert args["rebalance_timeout_ms"] == kafka.REBALANCE_TIMEOUT_MS
    assert args["max_poll_interval_ms"] == kafka.MAX_POLL_INTERVAL_MS
    assert args["session_timeout_ms"] > 3 * args["heartbeat_interval_ms"]


async def test_producers_wait_for_all_replicas_and_repeat_nothing(settings: Settings) -> None:
    """acks=1 and no idempotence are the library's defaults."""
    for producer in (kafka.idempotent_producer(settings), kafka.relay_producer(settings, "tickets.relay")):
        assert producer._sender._acks == -1
        assert producer._txn_manager is not None
        await producer.stop()
    assert kafka.relay_producer(settings, "tickets.relay")._txn_manager.transactional_id == "t-tickets.relay"


@pytest.mark.parametrize(("protocol", "has_tls"), [("PLAINTEXT", False), ("SASL_PLAINTEXT", False), ("SASL_SSL", True)])
def test_credentials_go_to_every_client(settings: Settings, protocol: str, has_tls: bool) -> None:
    given = {"kafka_security": protocol, "kafka_username": "tickets", "kafka_password": SecretStr("hunter2")}
    options = kafka.client_options(settings.model_copy(update=given))
    assert (options["ssl_context"] is not None) == has_tls
    assert (options.get("sasl_plain_password") == "hunter2") == protocol.startswith("SASL")
    assert kafka.broker(settings.model_copy(update=given)) is not None


class Retrying:
    """A consumer with a fetch that waits to be tried again: aiokafka cancels it, and awaits it."""

    def __init__(self, *, hangs: bool = False) -> None:
        self.closed = False
        self._hangs = hangs
        self._client = self

    async def stop(self) -> None:
        if self._hangs:
            await asyncio.Event().wait()
        fetch = asyncio.create_task(asyncio.sleep(60))
        await asyncio.sleep(0)
        fetch.cancel()
        await fetch

    async def close(self) -> None:
        self.closed = True


async def test_who_closes_a_consumer_goes_on_though_its_fetch_was_cancelled() -> None:
    consumer = Retrying()
    await kafka.close(cast(Any, consumer))
    assert consumer.closed


async def test_who_is_cancelled_while_closing_a_consumer_ends() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await kafka.close(cast(Any, Retrying(hangs=True)))
