"""routing forgets what tickets no longer knows, when its database was dumped later.

With one snapshot of all databases there is nothing to do. With dumps taken at different times routing may have
followed events that are not in tickets' log any more. It would take the events that now come under the same numbers
for old ones, and count conversations to agents who do not have them. Nor would tickets take the news of a service
level under numbers that it has not reached.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from collections.abc import Collection as AnyOf
from dataclasses import dataclass
from typing import Any

from shared import mongo
from shared.ids import event_id
from shared.mongo import Client, Collection, Database, Document
from shared.settings import Settings

BATCH = 1000

RewindOne = Callable[[Document, Document | None], Awaitable[None]]
"""Of a row of routing's that is ahead, and tickets' conversation or ticket."""


@dataclass(frozen=True)
class Rewound:
    """A conversation as routing is to know it, or None: not at all; and what of its decisions goes."""

    row: Document | None
    log_ids: tuple[str, ...]
    decision_ids: tuple[str, ...]


def rewind(row: Document, head: Document | None, last: Document | None, decided: Sequence[Document]) -> Rewound:
    """What is left of a conversation that routing followed further than tickets knows it.

    `head` is tickets' conversation (None: it knows none), `last` its newest row of the log, `decided` routing's rows
    of the log: {"_id", "seq", "decision_id", "trigger"}, where `trigger` is the seq of the event that was looked at.
    """
    known = head["seq"] if head else 0
    lost = [one for one in decided if one["trigger"] > known]
    log_ids, decision_ids = tuple(one["_id"] for one in lost), tuple(one["decision_id"] for one in lost)
    if head is None or last is None:
        return Rewound(None, log_ids, decision_ids)
    is_open = head["status"] == "open" and not head["spam"]
    waits = is_open and head["assignee_id"] is None and row["want"] and row["want"]["decision_id"] not in decision_ids
    left = [one["seq"] for one in decided if one["_id"] not in log_ids]
    changes = {
        "seq": row["seq"] + 1,
        "head_seq": known,
        "decided_seq": max(left, default=0),
        "open": is_open,
        "agent_id": head["assignee_id"],
        "assigned_seq": head["assigned_seq"],
        "moves": [_to_its_team(row["want"])] if waits and not row["want"].get("one_agent") else [],
        "pending_at": None,
        "pending_decision": None,
        "want": row["want"] if waits else None,
        "last": {"event_id": last["_id"], "event": last["type"].split(".")[2], "seq": last["seq"]},
    }
    return Rewound({**row, **changes, **_asked_later(row, last)}, log_ids, decision_ids)


def _to_its_team(want: Document) -> Document:
    """The decision that wants somebody of a team, on its way once more."""
    return {"decision_id": want["decision_id"], "of_team": True, "team_id": want.get("queue")}


def _asked_later(row: Document, last: Document) -> Document:
    """What waits since an event that is known still does; all of it is looked at anew as soon as routing is back."""
    return {
        "head": json.dumps(json.loads(last["value"])["head"]),
        "waits": [one for one in row.get("waits", ()) if one["since"] <= last["at"]],
        "due_at": last["at"],
    }


def rewind_targets(row: Document, head: Document | None) -> Document | None:
    """The service level's targets (`sla_targets`) as tickets knows them, or None: not at all.

    What was told of them since is told again. One that began since, or was over since, is judged anew when something
    happens to the conversation. `head` is tickets' conversation.
    """
    if head is None:
        return None
    known = {(one["kind"], one["started_at"]): one for one in head.get("sla", ())}
    both = [(one, known.get((one["kind"], one["started_at"]))) for one in row["targets"]]
    targets = [_rewind_target(one, seen) for one, seen in both if seen]
    changes = {
        "seq": row["seq"] + 1,
        "head_seq": head["seq"],
        "told": head.get("sla_seq", 0),
        "closed": head["status"] == "closed",
        "answered": head["first_reply_at"] is not None,
        "targets": targets,
        "due_at": min((_next(one) for one in targets if _runs(one)), default=None),
    }
    return {**row, **changes}


def rewind_ticket_targets(row: Document, ticket: Document | None) -> Document | None:
    """The time to resolve a ticket (`ticket_targets`) as tickets knows it, or None: not at all."""
    if ticket is None:
        return None
    seen, since = ticket.get("sla"), ticket["state_since"]
    had = next(iter(row["targets"]), row["last"])
    targets = [_rewind_target(had, seen)] if had and seen else []
    changes = {
        "seq": row["seq"] + 1,
        "head_seq": ticket["seq"],
        "told": ticket.get("sla_seq", 0),
        "standing": _STANDINGS.get(ticket["state"], "open"),
        "since": max(since, row["began"]),
        "phases": [one for one in row["phases"] if one[2] <= since],
        "last": row["last"] if not targets else None,
        "targets": targets,
        "due_at": min((_next(one) for one in targets if _runs(one)), default=None),
    }
    return {**row, **changes}


_STANDINGS = {"resolved": "resolved", "waiting_on_customer": "waiting"}


def _next(target: Document) -> Any:
    return target["due_at"] if target["warned"] else target["warn_at"] or target["due_at"]


def _rewind_target(target: Document, seen: Document) -> Document:
    """`seen`: as the conversation's head shows it."""
    since, runs = target["since"], list(target["runs"])
    if seen["state"] == "paused":
        since = None
    elif since is None and runs:  # it was stopped since
        since = runs.pop()[0]
    told = {name: seen[name] for name in ("policy", "calendar", "goal_s", "due_at", "warn_at")}
    warned, breached = seen["state"] in ("warned", "breached"), seen["state"] == "breached"
    told |= {"warned": warned, "warned_of": seen["due_at"] if warned else None, "breached": breached}
    return {**target, **told, "since": since, "runs": runs}


def _runs(target: Document) -> bool:
    return target["due_at"] is not None and not target["breached"]


class Agreement:
    """tickets' and routing's databases, both loaded and neither in use."""

    def __init__(self, client: Client, settings: Settings) -> None:
        self._tickets: Database = mongo.database(client, settings, "tickets")
        self._routing: Database = mongo.database(client, settings, "routing")

    async def reach(self) -> int:
        """Make routing forget; how many conversations and tickets that concerned."""
        concerned = await self._rewind_all("conversations", self._rewind)
        if concerned:
            await self._forget_inputs()
        # Targets are followed in a group of their own, which may have been ahead alone.
        concerned |= await self._rewind_all("sla_targets", self._rewind_targets)
        return len(concerned | await self._rewind_all("ticket_targets", self._rewind_ticket_targets, "tickets"))

    async def _rewind_all(self, collection: str, rewind_one: RewindOne, of: str = "conversations") -> set[str]:
        """The ids of the rows that were ahead of tickets."""
        ahead: set[str] = set()
        batch: list[Document] = []
        async for row in self._routing.get_collection(collection).find():
            batch.append(row)
            if len(batch) == BATCH:
                ahead |= await self._rewind_batch(batch, rewind_one, of)
                batch = []
        return ahead | await self._rewind_batch(batch, rewind_one, of)

    async def _rewind_batch(self, rows: Sequence[Document], rewind_one: RewindOne, of: str) -> set[str]:
        heads = await _by_id(self._tickets.get_collection(of), [row["_id"] for row in rows])
        ahead = [row for row in rows if row["head_seq"] > heads.get(row["_id"], {"seq": 0})["seq"]]
        for row in ahead:
            await rewind_one(row, heads.get(row["_id"]))
        return {row["_id"] for row in ahead}

    async def _rewind(self, row: Document, head: Document | None) -> None:
        last = await self._tickets.get_collection("log").find_one({"aggregate_id": row["_id"]}, sort=[("seq", -1)])
        log, decisions = self._routing.get_collection("log"), self._routing.get_collection("decisions")
        decided = [_decided(one) async for one in log.find({"aggregate_id": row["_id"]})]
        rewound = rewind(row, head, last, decided)
        seq = head["seq"] if head else 0
        await log.delete_many({"_id": {"$in": list(rewound.log_ids)}})
        await decisions.delete_many({"conversation_id": row["_id"], "trigger.seq": {"$gt": seq}})
        conversations = self._routing.get_collection("conversations")
        if rewound.row is None:
            await conversations.delete_one({"_id": row["_id"]})
        else:
            await conversations.replace_one({"_id": row["_id"]}, rewound.row)

    async def _rewind_targets(self, row: Document, head: Document | None) -> None:
        await self._set_back("sla_targets", row, rewind_targets(row, head))

    async def _rewind_ticket_targets(self, row: Document, ticket: Document | None) -> None:
        await self._set_back("ticket_targets", row, rewind_ticket_targets(row, ticket))

    async def _set_back(self, collection: str, row: Document, rewound: Document | None) -> None:
        targets = self._routing.get_collection(collection)
        taken = rewound["told"] if rewound else 0
        log = self._routing.get_collection("log")
        await log.delete_many({"aggregate_id": f"sla:{row['_id']}", "seq": {"$gt": taken}})
        if rewound is None:
            await targets.delete_one({"_id": row["_id"]})
        else:
            await targets.replace_one({"_id": row["_id"]}, rewound)

    async def _forget_inputs(self) -> None:
        """Applied events that tickets' log does not have, so that they are looked at when they come about again.

        Commands of agents stand there too; what one of them led to is in routing's own log.
        """
        applied = self._routing.get_collection("applied")
        batch: list[str] = []
        async for one in applied.find(projection={"_id": 1}):
            batch.append(one["_id"])
            if len(batch) == BATCH:
                await self._forget(applied, batch)
                batch = []
        await self._forget(applied, batch)

    async def _forget(self, applied: Collection, ids: Sequence[str]) -> None:
        known = await _ids(self._tickets.get_collection("log"), ids)
        left = [one for one in ids if one not in known]
        told = await _ids(self._routing.get_collection("log"), [event_id(one, 0) for one in left])
        await applied.delete_many({"_id": {"$in": [one for one in left if event_id(one, 0) not in told]}})


def _decided(row: Document) -> Document:
    value: Mapping[str, Any] = json.loads(row["value"])
    return {
        "_id": row["_id"],
        "seq": row["seq"],
        "decision_id": value["decision_id"],
        "trigger": value["trigger"]["seq"],
    }


async def _by_id(collection: Collection, ids: AnyOf[str]) -> dict[str, Document]:
    return {one["_id"]: one async for one in collection.find({"_id": {"$in": list(ids)}})}


async def _ids(collection: Collection, ids: AnyOf[str]) -> set[str]:
    found = collection.find({"_id": {"$in": list(ids)}}, projection={"_id": 1})
    return {one["_id"] async for one in found}
