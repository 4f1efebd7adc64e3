"""Transactions that a killed process left open on the MongoDB server.

The server keeps one, and the locks on all that it wrote, for `transactionLifetimeLimitSeconds` (60 by default), though
the connection is gone: whoever takes over the dead process' work meets write conflicts until then. So who meets a
conflict looks for such transactions and ends them.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pymongo
from pymongo.errors import PyMongoError

from shared import metrics
from shared.logs import get_logger

if TYPE_CHECKING:
    from shared.mongo import Client

log = get_logger(__name__)

EVERY_S = 0.5
"""Two writers that meet are common, and a killed process is not: one looks no more often than this."""

# https://www.mongodb.com/docs/manual/reference/operator/aggregation/currentOp/: one's own user's alone, which needs no
# privilege; idle connections are asked for, as a live client may have nothing to do with its connection.
_EVERYTHING: Sequence[Mapping[str, Any]] = [
    {"$currentOp": {"allUsers": False, "idleConnections": True, "idleSessions": True}},
    {
        "$project": {
            "type": 1,
            "client": 1,
            "lsid": 1,
            "transaction": {"autocommit": "$transaction.parameters.autocommit"},
        }
    },
]
LOOK_S = 2.0
_looked_at = -EVERY_S


async def end_orphans(client: Client) -> None:
    """Abort the open transactions, of this MongoDB user, whose connection to the primary is gone.

    Nothing is lost by it, even where a live process had only just lost its connection: a transaction that is not there
    any more is an error that `mongo.in_transaction` tries again after. A frozen process keeps its connections, and so
    its transactions, until the server's limit; so does one behind a mongos. Never raises for a server that refuses or
    is away: the limit holds all the same.
    """
    global _looked_at
    now = time.monotonic()
    if now - _looked_at < EVERY_S:
        return
    _looked_at = now
    try:
        with pymongo.timeout(LOOK_S):
            async with await client.admin.aggregate(_EVERYTHING) as found:
                orphans = orphans_in(await found.to_list())
            if orphans:
                await client.admin.command({"killSessions": [{"id": one} for one in orphans]})
    except PyMongoError as error:
        log.warning("orphaned transactions not looked for", error=str(error)[:200])
        return
    if orphans:
        metrics.orphans_ended.inc(len(orphans))
        log.warning("transactions of a killed process ended", count=len(orphans))


def orphans_in(operations: Iterable[Mapping[str, Any]]) -> list[Any]:
    """The session ids (`lsid.id`) of inactive transactions whose `client`, an address with its port, no connection has.

    `operations` as `$currentOp` tells them: `type` "op" for connections, idle ones too, and "idleSession".
    """
    seen = list(operations)
    connected = {one["client"] for one in seen if one.get("type") != "idleSession" and "client" in one}
    idle = [one for one in seen if one.get("type") == "idleSession" and one.get("transaction") and "lsid" in one]
    return [one["lsid"]["id"] for one in idle if one.get("client", "") not in {"", *connected}]
