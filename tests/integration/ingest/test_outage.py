"""Kafka dies, and ingest is restarted meanwhile: mail is accepted on the strength of the kept directory, and leaves
when Kafka is back."""

from __future__ import annotations

import contextlib
import smtplib
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from deploy.local.layout import Layout
from deploy.local.packages import server_packages
from deploy.local.progress import Progress
from shared import mongo
from shared.directory import DirectoryCopy
from shared.setup import create_topics
from tests.integration.ingest.conftest import PALEO, brand, ingest_settings, tell_directory, until
from tests.integration.ingest.test_kill import Ingest, published, raw, running
from tests.servers import Embedded, Servers


@pytest.fixture
def own_kafka(servers: Servers, tmp_path: Path) -> Iterator[tuple[Embedded, Servers]]:
    """A broker to be killed, beside the session's other servers."""
    embedded = Embedded(tmp_path, server_packages(Layout.of(), Progress()))
    try:
        yield embedded, replace(servers, **embedded.start(("kafka",)))
    finally:
        embedded.stop()


def said_to(ingest: Ingest, recipient: str) -> int:
    """The reply code to RCPT."""
    with smtplib.SMTP("127.0.0.1", ingest.smtp_port, timeout=10) as client:
        client.ehlo()
        client.mail("ann@x.example")
        return client.rcpt(recipient)[0]


async def test_restarted_while_kafka_is_dead_it_accepts_mail_that_leaves_later(
    own_kafka: tuple[Embedded, Servers],
) -> None:
    embedded, servers = own_kafka
    settings = ingest_settings(servers)
    await create_topics(settings)
    await tell_directory(settings, [("brand:paleo-hacks", brand("paleo-hacks", "Paleo Hacks", [PALEO]))])
    client = mongo.connect(settings)
    copy = DirectoryCopy(mongo.database(client, settings, "ingest"))

    async def kept() -> bool:
        return "brand:paleo-hacks" in await copy.load()

    with running(servers, settings.prefix) as ingest:
        await until(kept)
        embedded.kafka.kill()
        ingest.kill()
        ingest.start()
        ingest.wait_ready()
        assert said_to(ingest, "nobody@paleohacks.example") == 451  # it may be newer than what we know
        with smtplib.SMTP("127.0.0.1", ingest.smtp_port, timeout=10) as smtp:
            assert smtp.sendmail("ann1@x.example", [PALEO], raw(1)) == {}
        embedded.kafka.start()
        records = await published(settings, 1)
        assert [dict(record.headers)["ce_type"] for record in records] == [b"switchboard.ingest.MessageReceived.v1"]

        async def refused() -> bool:
            return said_to(ingest, "nobody@paleohacks.example") == 550

        await until(refused)
    await client.drop_database(settings.database("ingest"))
    await client.close()


async def test_before_the_first_brand_is_there_a_mail_comes_again_and_then_a_wrong_address_is_refused(
    servers: Servers,
) -> None:
    settings = ingest_settings(servers)
    await create_topics(settings)
    with running(servers, settings.prefix) as ingest:
        assert said_to(ingest, PALEO) == 451
        await tell_directory(settings, [("brand:paleo-hacks", brand("paleo-hacks", "Paleo Hacks", [PALEO]))])

        async def known() -> bool:
            return said_to(ingest, PALEO) == 250

        await until(known)
        assert said_to(ingest, "nobody@paleohacks.example") == 550
    client = mongo.connect(settings)
    await client.drop_database(settings.database("ingest"))
    await client.close()


async def test_that_never_knew_a_directory_it_says_so_and_refuses_nothing_for_good(servers: Servers) -> None:
    nowhere = replace(servers, kafka="127.0.0.1:1")
    settings = ingest_settings(nowhere)
    ingest = running(nowhere, settings.prefix)
    with contextlib.ExitStack() as stack:
        # Not ready is what is wanted here.
        stack.enter_context(pytest.MonkeyPatch.context()).setattr(Ingest, "wait_ready", lambda _: None)
        process = stack.enter_context(ingest)
        wanted = "the directory is not read yet: Kafka does not answer, and this service has no copy of it"
        end, said = time.monotonic() + 20, list[str]()
        while wanted not in said:
            assert time.monotonic() < end, said
            with contextlib.suppress(httpx.TransportError):
                said = httpx.get(f"http://127.0.0.1:{process.http_port}/health/ready", timeout=2).json()["missing"]
        assert said_to(process, PALEO) == 451
    client = mongo.connect(settings)
    await client.drop_database(settings.database("ingest"))
    await client.close()
