"""The parsing processes: limits, replacement, and what a hostile mail can do (nothing to its neighbours)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from services.ingest.channels.email.pool import ParserPool, Unreadable

GOOD = b"From: a@x.example\r\nSubject: fine\r\n\r\nhello\r\n"


@pytest_asyncio.fixture
async def pool() -> AsyncIterator[ParserPool]:
    made = ParserPool(workers=1, timeout_s=10, memory_bytes=512 * 1024 * 1024)
    await made.start()
    yield made
    await made.stop()


async def test_a_mail_and_its_files_come_back_whole(pool: ParserPool) -> None:
    raw = GOOD.replace(b"\r\n\r\n", b"\r\nContent-Type: application/x\r\n\r\n") + bytes(range(256)) * 4000
    got = await pool.parse(raw)
    assert got.subject == "fine"
    assert len(got.files[0].data) > 1_000_000


async def test_too_deep_is_unreadable_and_the_next_mail_is_read(pool: ParserPool) -> None:
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(3000))
    with pytest.raises(Unreadable):
        await pool.parse(deep)
    assert (await pool.parse(GOOD)).subject == "fine"


async def test_out_of_memory_is_unreadable_and_the_next_mail_is_read(pool: ParserPool) -> None:
    part = b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    many = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + part * (39 * 1024 * 1024 // len(part))
    with pytest.raises(Unreadable):
        await pool.parse(many)
    assert (await pool.parse(GOOD)).subject == "fine"


async def test_a_parser_that_was_killed_while_idle_costs_no_mail(pool: ParserPool) -> None:
    await pool.parse(GOOD)
    pool._free[0].process.kill()
    await pool._free[0].process.wait()
    assert (await pool.parse(GOOD)).subject == "fine"


async def test_over_time_is_unreadable() -> None:
    pool = ParserPool(workers=1, timeout_s=0.001, memory_bytes=512 * 1024 * 1024)
    with pytest.raises(Unreadable, match="not parsed within"):
        await pool.parse(GOOD)
    await pool.stop()


async def test_a_process_that_was_frozen_while_it_waited_does_not_blame_the_mail() -> None:
    pool = ParserPool(workers=1, timeout_s=5, memory_bytes=512 * 1024 * 1024)
    spawn, frozen = pool._spawn, False

    async def spawn_and_freeze() -> Any:
        nonlocal frozen
        worker = await spawn()
        if not frozen:
            frozen = True
            asyncio.get_running_loop().call_later(0.01, time.sleep, 5.2)
        return worker

    pool._spawn = spawn_and_freeze  # type: ignore[method-assign]
    try:
        assert (await pool.parse(b"From: a@b.example\r\nSubject: Hello\r\n\r\nText")).subject == "Hello"
    finally:
        await pool.stop()
