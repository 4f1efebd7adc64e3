"""Dead letters sent back: as they were, only when told to, only those asked for, and no faster than allowed."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from shared import clock
from shared.redrive import Counts, Filter, redrive
from shared.settings import Settings
from tests.integration.shared.pattern_service import Pattern
from tests.integration.shared.processes import program
from tests.integration.shared.world import Kafka, headers, ids, message, until

IN = "ingest.messages.v1"
OUT = "notifications.deliveries.v1"
GROUP = "tickets.conversations"
DEAD = f"{IN}.{GROUP}.dlq"


def bug(text: str) -> None:
    if text == "boom":
        raise ZeroDivisionError


@asynccontextmanager
async def running(pattern: Pattern) -> AsyncIterator[None]:
    await pattern.start()
    try:
        yield
    finally:
        await pattern.stop()


async def put_aside(settings: Settings, kafka: Kafka, wanted: int) -> list[Any]:
    """Let a consumer with the bug put the records aside; its dead letters."""
    async with running(Pattern(settings, bug=bug)):
        found: list[Any] = await until(lambda: _at_least(kafka, DEAD, wanted))
    return found


async def test_a_dry_run_sends_nothing(settings: Settings, kafka: Kafka, capsys: pytest.CaptureFixture[str]) -> None:
    await kafka.raw(b"{", headers=headers("bad"))
    await put_aside(settings, kafka, 1)
    before = len(await kafka.read(IN))
    assert await redrive(settings, IN, GROUP, apply=False, only=Filter()) == Counts(seen=1, matched=1, sent=0)
    assert len(await kafka.read(IN)) == before
    assert "invalid" in capsys.readouterr().out


async def test_what_a_bug_put_aside_is_applied_once_it_is_mended(settings: Settings, kafka: Kafka) -> None:
    sent = [await kafka.send(n, conversation=n % 2, text="boom" if n < 3 else "hello") for n in range(6)]
    odd = [*headers(message(9)[0]), ("x-null", None), ("x-odd", b"\xff"), ("x-empty", b"")]
    value = message(9, 0, "boom")[2]
    await kafka.raw(value, key=b"k", headers=odd)
    await put_aside(settings, kafka, 4)
    assert await redrive(settings, IN, GROUP, apply=True, only=Filter()) == Counts(seen=4, matched=4, sent=4)
    again = [one for one in await kafka.read(IN) if one.value == value]
    assert len(again) == 2
    assert {(one.key, one.headers) for one in again} == {(b"k", tuple(odd))}
    async with running(Pattern(settings)):
        records = await until(lambda: _at_least(kafka, OUT, 7))
    assert sorted(ids(records)) == sorted([*sent, message(9)[0]])
    assert await redrive(settings, IN, GROUP, apply=True, only=Filter()) == Counts()  # its place is remembered


async def test_sending_back_what_was_applied_meanwhile_changes_nothing(settings: Settings, kafka: Kafka) -> None:
    first = await kafka.send(1, text="boom")
    await put_aside(settings, kafka, 1)
    for _ in range(2):
        await redrive(settings, IN, GROUP, apply=True, only=Filter(reason="failed"))
    last = await kafka.send(2)
    async with running(Pattern(settings)):
        records = await until(lambda: _at_least(kafka, OUT, 2))
    assert sorted(ids(records)) == sorted([first, last])


async def test_filters_take_only_what_they_name_and_leave_the_rest(settings: Settings, kafka: Kafka) -> None:
    for n in range(2):
        await kafka.raw(b"{", headers=headers(f"bad {n}"))
        await kafka.send(n, text="boom")
    await put_aside(settings, kafka, 4)
    for only, matched in [
        (Filter(reason="invalid"), 2),
        (Filter(reason="failed"), 2),
        (Filter(contains="ZeroDivision"), 2),
        (Filter(reason="invalid", contains="ZeroDivision"), 0),
        (Filter(since=clock.now() - timedelta(minutes=5)), 4),
        (Filter(since=clock.now() + timedelta(minutes=5)), 0),
        (Filter(limit=1), 1),
    ]:
        assert (await redrive(settings, IN, GROUP, apply=False, only=only)).matched == matched, only
    assert (await redrive(settings, IN, GROUP, apply=True, only=Filter(limit=1))).sent == 1
    assert (await redrive(settings, IN, GROUP, apply=False, only=Filter())).seen == 4


async def test_what_can_never_be_mended_is_given_up_kept_and_not_waited_for(settings: Settings, kafka: Kafka) -> None:
    await kafka.raw(b"{", headers=headers("bad"))
    await put_aside(settings, kafka, 1)
    given_up = await redrive(settings, IN, GROUP, apply=False, only=Filter(), give_up=True)
    assert given_up == Counts(seen=1, matched=1, sent=0)
    assert len(await kafka.read(IN)) == len(await kafka.read(DEAD)) == 1
    await kafka.raw(b"{", headers=headers("worse"))
    await put_aside(settings, kafka, 2)
    assert (await redrive(settings, IN, GROUP, apply=False, only=Filter())).seen == 1


async def test_it_is_no_faster_than_the_rate(settings: Settings, kafka: Kafka) -> None:
    for n in range(6):
        await kafka.raw(b"{", headers=headers(f"bad {n}"))
    await put_aside(settings, kafka, 6)
    started = time.monotonic()
    assert (await redrive(settings, IN, GROUP, apply=True, only=Filter(), per_second=10)).sent == 6
    assert time.monotonic() - started > 0.5


async def test_the_command_shows_sends_and_refuses(settings: Settings, kafka: Kafka) -> None:
    await kafka.raw(b"{", headers=headers("bad"))
    await put_aside(settings, kafka, 1)
    async with program(settings, "shared.redrive", IN, GROUP) as dry:
        await dry.says("1 dead letters, 1 match, 0 sent")
    async with program(settings, "shared.redrive", IN, GROUP, "--apply", "--since", "2026-01-01T00:00") as real:
        await real.says("1 dead letters, 1 match, 1 sent")
    async with program(settings, "shared.redrive", IN, "routing.conversations") as wrong:
        await wrong.says("is read by tickets.conversations")
        assert await wrong.process.wait() == 2


async def _at_least(kafka: Kafka, topic: str, wanted: int) -> list[Any] | None:
    found = await kafka.read(topic)
    return found if len(found) >= wanted else None
