"""Starts a service that breaks its promise, to try the checker: `python -m tests.chaos.sabotage how service mark`.

`forgetful`: offsets are committed before a batch is handled, so a crash in between loses it (at most once).
`credulous`: what was applied is not remembered and events get new ids, so a batch that comes again is done again.

Both dawdle, as a slow database would make them, and die once where it hurts: `mark` is the file that says it is over.
For tests alone; nothing in the product imports it.
"""

from __future__ import annotations

import asyncio
import os
import runpy
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shared.consume import Consumer
from shared.ids import random_id
from shared.kafka import RawRecord, TopicPartition
from shared.log import Fact, Log

DAWDLE_S = 0.4
INPUTS = "ingest.messages.v1"
ENOUGH = 5
"""A batch of so many has something in it that the checker must miss, or see twice."""


def forgetful(mark: Path) -> None:
    handle = Consumer._on_batch

    async def commit_first(self: Any, raw: Sequence[RawRecord]) -> None:
        await self._commit({TopicPartition(one.topic, one.partition): one.offset + 1 for one in raw})
        await asyncio.sleep(DAWDLE_S)
        _die_once(mark, raw)
        await handle(self, raw)

    Consumer._on_batch = commit_first  # type: ignore[method-assign]


def credulous(mark: Path) -> None:
    handle, commit = Consumer._on_batch, Consumer._commit

    def know_nothing(self: Any, ids: Sequence[str], rows: Any) -> set[str]:
        return set()

    async def remember_nothing(self: Any, ids: Sequence[str], session: Any) -> None:
        return None

    def anew(cls: type[Fact], n: int, cause: Any, *rest: Any) -> Fact:
        return cls(random_id(), *rest, cause)

    async def handle_and_die(self: Any, raw: Sequence[RawRecord]) -> None:
        await asyncio.sleep(DAWDLE_S)
        await handle(self, raw)
        _die_once(mark, raw)

    async def commit_late(self: Any, offsets: Any) -> bool:
        return mark.exists() and await commit(self, offsets)

    Log.known, Log.remember = know_nothing, remember_nothing  # type: ignore[method-assign]
    Fact.of = classmethod(anew)  # type: ignore[assignment,arg-type]
    Consumer._on_batch = handle_and_die  # type: ignore[method-assign]
    Consumer._commit = commit_late  # type: ignore[method-assign]


def _die_once(mark: Path, raw: Sequence[RawRecord]) -> None:
    inputs = [one for one in raw if one.topic.endswith(INPUTS)]
    if len(inputs) >= ENOUGH and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)


HOW = {"forgetful": forgetful, "credulous": credulous}

if __name__ == "__main__":
    how, service, file = sys.argv[1:]
    HOW[how](Path(file))
    runpy.run_module(f"services.{service}", run_name="__main__", alter_sys=True)
