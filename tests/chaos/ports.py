"""Ports that nobody's outgoing connection can take while a server is down: below the system's ephemeral range.

A client that calls a dead server on an ephemeral port of loopback may be given that very port, and then talks to
itself; the server could not come back.
"""

from __future__ import annotations

import os

from deploy.local.ports import is_free

LOWEST, HIGHEST = 20_000, 32_000
_given: set[int] = set()


def choose(count: int) -> list[int]:
    """`count` free ports, none of them given before. Each process begins to look somewhere else."""
    found: list[int] = []
    start = LOWEST + os.getpid() * 64 % (HIGHEST - LOWEST)
    for step in range(HIGHEST - LOWEST):
        port = LOWEST + (start - LOWEST + step) % (HIGHEST - LOWEST)
        if port not in _given and is_free(port):
            found.append(port)
        if len(found) == count:
            _given.update(found)
            return found
    raise RuntimeError(f"no {count} free ports between {LOWEST} and {HIGHEST}")
