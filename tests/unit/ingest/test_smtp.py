"""The SMTP listener's answer to one connection too many, on both event loops: services run on uvloop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, cast

import pytest
import uvloop

from services.ingest.handlers.intake import Intake
from services.ingest.settings import IngestSettings
from services.ingest.smtp import SmtpListener

Run = Callable[[Coroutine[Any, Any, None]], None]


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_one_connection_too_many_is_told_to_come_again_and_the_next_is_let_in(run: Run) -> None:
    run(_too_many())


async def _too_many() -> None:
    settings = IngestSettings.model_validate(
        {"kafka": "k:9092", "mongo": "m", "redis": "r", "secret": "s" * 32, "smtp_port": 0, "smtp_connections": 1}
    )
    listener = SmtpListener(settings, cast(Intake, None))
    await listener.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
    assert (await reader.readline()).startswith(b"220 ")
    refused, other = await asyncio.open_connection("127.0.0.1", listener.port)
    assert (await asyncio.wait_for(refused.read(), 5)).startswith(b"421 4.3.2 ")
    other.close()
    writer.write(b"QUIT\r\n")
    await asyncio.wait_for(reader.read(), 5)
    writer.close()
    again, last = await asyncio.open_connection("127.0.0.1", listener.port)
    assert (await again.readline()).startswith(b"220 ")
    last.close()
    await listener.stop()
