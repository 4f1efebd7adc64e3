"""Parsing processes with a limit of time and memory, started when first needed and replaced when they misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time

from services.ingest.channels.email.worker import LENGTH
from services.ingest.model.mail import ParsedMail, unpacked
from shared import metrics
from shared.logs import get_logger

log = get_logger(__name__)

RECYCLE_AFTER_BYTES = 256 * 1024 * 1024
IDLE_S = 120.0
LARGE_BYTES = 1024 * 1024
"""Only a large mail can take long. Where there are several workers, one is never given any, so that all other mail
goes on while somebody sends bombs."""


class Unreadable(Exception):
    """This mail cannot be parsed; the text is a sentence without its content."""


class _Stopped(Exception):
    """The process ended, or answered nonsense, while it had the mail."""


class _Late(_Stopped):
    """No answer in time."""


class _Worker:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.parsed_bytes = 0
        self.idle_since = time.monotonic()

    async def parse(self, raw: bytes) -> ParsedMail:
        stdin, stdout = self.process.stdin, self.process.stdout
        if stdin is None or stdout is None:
            raise OSError("the parser has no pipes")
        stdin.write(LENGTH.pack(len(raw)))
        stdin.write(raw)
        await stdin.drain()
        head = await stdout.readexactly(LENGTH.unpack(await stdout.readexactly(LENGTH.size))[0])
        plain = json.loads(head)
        if "failed" in plain:
            raise Unreadable(str(plain["failed"]))
        blobs = [await stdout.readexactly(int(one["data"])) for one in plain["files"]]
        self.parsed_bytes += len(raw)
        return unpacked(head, blobs)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()


class ParserPool:
    """A part. `parse` raises Unreadable, and only that, whatever the mail is."""

    def __init__(self, *, workers: int, timeout_s: float, memory_bytes: int) -> None:
        self.name = "parser"
        self._timeout_s = timeout_s
        self._memory_bytes = memory_bytes
        self._free: list[_Worker] = []
        self._slots = asyncio.Semaphore(workers)
        self._large = asyncio.Semaphore(max(1, workers - 1))
        self._reaper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._reaper = asyncio.create_task(self._reap(), name="parser.reap")

    async def stop(self) -> None:
        if self._reaper:
            self._reaper.cancel()
        while self._free:
            await self._end(self._free.pop())

    def alive(self) -> bool:
        return True

    async def ready(self) -> str | None:
        return None

    async def parse(self, raw: bytes) -> ParsedMail:
        if len(raw) <= LARGE_BYTES:
            return await self._in_turn(raw)
        async with self._large:
            return await self._in_turn(raw)

    async def _in_turn(self, raw: bytes) -> ParsedMail:
        async with self._slots:
            started = time.perf_counter()
            try:
                if self._free:
                    # One that waited may have been killed meanwhile, for nothing that this mail did.
                    with contextlib.suppress(_Stopped):
                        return await self._parse(self._free.pop(), raw)
                try:
                    return await self._parse(await self._spawn(), raw)
                except _Late:
                    # This process may have been frozen or starved, which says nothing of the mail: once more.
                    return await self._parse(await self._spawn(), raw)
            except _Late:
                raise Unreadable(f"not parsed within {self._timeout_s:g} s") from None
            except _Stopped as error:
                raise Unreadable(f"the parser stopped ({error})") from None
            finally:
                metrics.mail_parse_seconds.observe(time.perf_counter() - started)

    async def _parse(self, worker: _Worker, raw: bytes) -> ParsedMail:
        try:
            async with asyncio.timeout(self._timeout_s):
                parsed = await worker.parse(raw)
        except Unreadable:
            self._release(worker)
            raise
        except TimeoutError:
            await self._end(worker)
            raise _Late from None
        except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
            await self._end(worker)  # killed for its memory or CPU time, or it crashed
            raise _Stopped(type(error).__name__) from None
        except BaseException:
            worker.kill()
            raise
        self._release(worker)
        return parsed

    async def _spawn(self) -> _Worker:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "services.ingest.channels.email.worker",
            str(self._memory_bytes),
            str(max(1, int(self._timeout_s))),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=1024 * 1024,
        )
        return _Worker(process)

    def _release(self, worker: _Worker) -> None:
        worker.idle_since = time.monotonic()
        if worker.parsed_bytes > RECYCLE_AFTER_BYTES or worker.process.returncode is not None:
            worker.kill()
        else:
            self._free.append(worker)

    async def _end(self, worker: _Worker) -> None:
        worker.kill()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5):
                await worker.process.wait()

    async def _reap(self) -> None:
        """An idle desk holds no idle parsers (about 30 MB each)."""
        while True:
            await asyncio.sleep(IDLE_S / 4)
            for worker in [one for one in self._free if time.monotonic() - one.idle_since > IDLE_S]:
                self._free.remove(worker)
                await self._end(worker)
