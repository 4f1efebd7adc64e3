"""A service as a process: parts that start in order, HTTP that opens after them, and a drain on SIGTERM.

Probes: startup and liveness ask only whether the process's own loops progress, never Kafka, MongoDB or lag,
or an outage would restart everything. Readiness asks whether it is of use now, and gates rollouts.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

import uvicorn
import uvloop
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from shared import logs
from shared.errors import is_away
from shared.logs import get_logger
from shared.settings import Settings

log = get_logger(__name__)


class Part(Protocol):
    """Anything that runs inside a service."""

    name: str

    async def start(self) -> None: ...

    async def stop(self) -> None:
        """Take nothing new, finish what is in hand within `settings.drain_s`."""

    def alive(self) -> bool:
        """Whether its own loop progresses; True when it has nothing to do."""

    async def ready(self) -> str | None:
        """None, or a sentence that says what it waits for."""


@runtime_checkable
class Claims(Protocol):
    """A part that begins work of its own accord. What it has begun may need all the time there is for leaving, so it
    is told first, whenever its turn to stop comes."""

    def take_no_more(self) -> None: ...


Check = Callable[[], Awaitable[str | None]]

PROMPTLY_S = 3.0
"""How long the start waits for one part. Then it goes on starting by itself: while Kafka is away, mail is accepted."""
LAST_CHANCE_S = 0.5
"""What a part gets when those before it have used up all the time there was."""
CLOSE_S = 3
"""How long HTTP waits for answers that are still being sent, after `drain_s`."""


@dataclass
class Service:
    """Put together by a service's `build_app`. `prepare` makes indexes and first rows, again and again harmless.

    `checks` are asked for readiness besides the parts: None, or a sentence. `closing` runs last.
    """

    name: str
    settings: Settings
    http: FastAPI
    parts: Sequence[Part] = ()
    prepare: Sequence[Callable[[], Awaitable[None]]] = ()
    checks: Sequence[Check] = ()
    closing: Sequence[Callable[[], Awaitable[None]]] = ()
    started: bool = False
    draining: bool = False
    _running: list[Part] = field(default_factory=list)
    _starting: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    async def start(self) -> None:
        """Prepare, waiting for servers that are away, then start the parts in order."""
        for step in self.prepare:
            await _patiently(step)
        for part in self.parts:
            self._starting[part.name] = asyncio.create_task(self._start(part), name=f"{part.name}.start")
            done, _ = await asyncio.wait([self._starting[part.name]], timeout=PROMPTLY_S)
            for task in done:
                task.result()
        self.started = True

    async def _start(self, part: Part) -> None:
        await _patiently(part.start)
        self._running.append(part)

    def still(self) -> list[str]:
        """Parts that stand still, or could not start, as sentences: the process is no good any more. One that is
        leaving is not judged: its loops end one after the other."""
        if self.draining:
            return []
        broken = [name for name, task in self._starting.items() if task.done() and _error_of(task)]
        return [f"{name} could not start" for name in broken] + [
            f"{part.name} stands still" for part in self.parts if part.name not in broken and not part.alive()
        ]

    async def stop(self) -> None:
        """Stop the parts, the last one first, within `settings.drain_s` altogether."""
        self.draining = True
        until = asyncio.get_running_loop().time() + self.settings.drain_s
        for task in self._starting.values():
            task.cancel()
        for part in self._running:
            if isinstance(part, Claims):
                part.take_no_more()
        for part in reversed(self._running):
            try:
                async with asyncio.timeout_at(max(until, asyncio.get_running_loop().time() + LAST_CHANCE_S)):
                    await part.stop()
            except Exception:
                log.exception("part did not stop cleanly", part=part.name)
        self._running.clear()

    async def close(self) -> None:
        for step in self.closing:
            with contextlib.suppress(Exception):
                await step()

    async def not_ready(self) -> list[str]:
        """Everything that is missing, as sentences; empty when ready."""
        if self.draining:
            return ["shutting down"]
        if not self.started:
            return ["starting"]
        found = [await _bounded(part.ready, part.name) for part in self.parts]
        found += [await _bounded(check, "check") for check in self.checks]
        return [one for one in found if one]


def _error_of(task: asyncio.Task[None]) -> BaseException | None:
    return None if task.cancelled() else task.exception()


async def _bounded(check: Check, name: str) -> str | None:
    try:
        return await asyncio.wait_for(check(), 2.0)
    except TimeoutError:
        return f"{name} does not answer"
    except Exception as error:
        return f"{name}: {type(error).__name__}"


async def _patiently(step: Callable[[], Awaitable[None]]) -> None:
    """A server that is not up yet is waited for; anything else ends the start with its own error."""
    pause = 0.2
    while True:
        try:
            return await step()
        except Exception as error:
            if not is_away(error):
                raise
            log.warning("start waits", error=repr(error)[:300])
            await asyncio.sleep(pause)
            pause = min(5.0, pause * 2)


def add_probes(service: Service) -> None:
    app = service.http

    @app.get("/health/startup", include_in_schema=False)
    async def startup() -> JSONResponse:
        return _probe([] if service.started else ["starting"])

    @app.get("/health/live", include_in_schema=False)
    async def live() -> JSONResponse:
        return _probe(service.still())

    @app.get("/health/ready", include_in_schema=False)
    async def ready() -> JSONResponse:
        return _probe(await service.not_ready())


def _probe(missing: list[str]) -> JSONResponse:
    body = {"status": "fail" if missing else "pass", "missing": missing}
    return JSONResponse(body, status_code=503 if missing else 200)


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling: the service decides the order of the shutdown."""

    @contextlib.contextmanager
    def capture_signals(self) -> Any:
        yield


async def serve(service: Service) -> None:
    """Run until SIGTERM or SIGINT. Probes answer from the first moment; HTTP closes last."""
    add_probes(service)
    settings = service.settings
    config = uvicorn.Config(
        service.http,
        host=settings.http_host,
        port=settings.http_port,
        loop="none",
        http="httptools",
        ws="websockets-sansio",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        ws_max_size=64 * 1024,
        ws_per_message_deflate=False,  # about 43 KB for each socket, for frames of a few hundred bytes
        ws_ping_interval=20.0,
        ws_ping_timeout=20.0,
        timeout_graceful_shutdown=CLOSE_S,
    )
    server = _Server(config)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    http = asyncio.create_task(server.serve(), name="http")
    starting = asyncio.create_task(service.start(), name="start")
    told = asyncio.create_task(stopping.wait(), name="stopping")
    try:
        await asyncio.wait([http, starting, told], return_when=asyncio.FIRST_COMPLETED)
        if starting.done() and not told.done() and not http.done():
            starting.result()
            # What was built at start lives as long as the process: keep the collector from walking it again.
            gc.collect()
            gc.freeze()
            # A batch makes tens of thousands of objects that die with it. Looking for cycles at every 700 of them
            # took a third of a consumer's time [measured: 230 µs against 163 for a message through tickets].
            gc.set_threshold(50_000, 20, 50)
            log.info("ready to serve", port=settings.http_port, parts=[part.name for part in service.parts])
            await asyncio.wait([http, told], return_when=asyncio.FIRST_COMPLETED)
        if http.done():
            http.result()  # uvicorn says why: the port is taken
    finally:
        log.info("draining")
        starting.cancel()
        told.cancel()
        await service.stop()
        server.should_exit = True
        with contextlib.suppress(BaseException):
            await http
        await service.close()
        log.info("stopped")


def run(build_app: Callable[[], Service]) -> None:
    """Until it is asked to stop. Called by `shared.process`."""

    async def main() -> None:
        service = build_app()
        logs.configure(service.name, service.settings.log_level)
        await serve(service)

    try:
        uvloop.run(main())
    except SystemExit:
        raise
    except KeyboardInterrupt:
        sys.exit(130)
