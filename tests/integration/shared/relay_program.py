"""A relay as a process of its own: `python -m tests.integration.shared.relay_program [way]`.

`plain` is only a relay. `freeze` stops itself (SIGSTOP) with a Kafka transaction open, its records sent; `freeze
between` stops itself between two transactions. Both have lost the part that watches the lease, so that nothing but
the broker's fencing stands between a relay that wakes up late and the topic.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import timedelta
from typing import Any

from shared import kafka, leases, logs, mongo, publish, relay
from shared.relay import Relay
from shared.settings import Settings
from tests.integration.shared.writer import SERVICE

TTL_S = 2.0
RENEW_S = 0.4
ROWS_BEFORE_FREEZING = 5


def quick_leases() -> None:
    """A lease of two seconds rather than eight, and a dead member of a group gone after six (the broker's least)
    rather than ten, so that a test need not wait as long."""
    kafka.SESSION_TIMEOUT_MS = 6_000
    leases.TTL = timedelta(seconds=TTL_S)
    relay.RENEW_S = RENEW_S


class Followed(Relay):
    """Says when it follows the stream. What is written before that may come twice: by the log and by the stream."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.follows = asyncio.Event()

    async def _more(self, *args: Any) -> Any:
        if not self.follows.is_set():
            self.follows.set()
            logs.get_logger(__name__).info("following")
        return await super()._more(*args)


class Unwatched(Followed):
    """Thinks that it leads for as long as it lives, and stops itself at a bad moment."""

    def __init__(self, *args: Any, between: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._between = between
        self._sent = 0
        self._really_send = publish.send
        publish.send = self._send

    async def _keep_lease(self) -> None:
        while self._sent < ROWS_BEFORE_FREEZING:
            await asyncio.sleep(RENEW_S)
            await self._lease.renew()
        await asyncio.Event().wait()

    async def _send(self, *of_a_row: Any) -> Any:
        if self._between and self._sent == ROWS_BEFORE_FREEZING:
            await self._freeze()
        sent = await self._really_send(*of_a_row)
        self._sent += 1
        if not self._between and self._sent == ROWS_BEFORE_FREEZING:
            await sent
            await self._freeze()
        return sent

    async def _freeze(self) -> None:
        self._sent += 1
        os.kill(os.getpid(), signal.SIGSTOP)


async def main(way: str) -> None:
    quick_leases()
    logs.configure("relay", "INFO")
    settings = Settings()
    client = mongo.connect(settings)
    database = mongo.database(client, settings, SERVICE)
    kind: Any = Followed if way == "plain" else Unwatched
    extra = {} if way == "plain" else {"between": way == "between"}
    running: Relay = kind(settings, service=SERVICE, database=database, client=client, **extra)
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    await running.start()
    await stopping.wait()
    await running.stop()
    await client.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
