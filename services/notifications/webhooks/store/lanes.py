"""Lanes as values: what a lane's row says after calls were added to its end or taken from its front.

A row: `endpoint_id`, `first` (the call whose turn it is), `due_at` (when), `waiting` (how many calls), `last` (the
place given last), `seq` (the version).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from services.notifications.webhooks.model import Call
from shared.mongo import Document


class Queue:
    """Some lanes, read and then changed together."""

    def __init__(self, rows: Sequence[Document]) -> None:
        self._before = {row["_id"]: row["seq"] for row in rows}
        self._rows = {row["_id"]: dict(row) for row in rows}
        self._gone: set[str] = set()

    def add(self, call: Call) -> Call:
        """The call with its place, at the end of its lane."""
        lane = self._rows.get(call.lane)
        if lane is None:
            lane = {"_id": call.lane, "endpoint_id": call.endpoint_id, "waiting": 0, "last": 0}
            lane |= {"first": call.id, "due_at": call.updated_at}
            self._rows[call.lane] = lane
        lane["last"] += 1
        lane["waiting"] += 1
        self._changed(lane)
        return call.model_copy(update={"place": lane["last"]})

    def ask_for_next(self, calls: Sequence[Call]) -> list[str]:
        """The lanes that go on after these calls: others wait in them."""
        over = {one.lane for one in calls if one.state != "queued"}
        return [one for one in over if one in self._rows and self._rows[one]["waiting"] > 1]

    def take(self, call: Call, next_id: str | None) -> None:
        """The first call of its lane was made: the lane waits for its retry, goes on with `next_id`, or ends."""
        lane = self._rows.get(call.lane)
        if lane is None or lane["first"] != call.id:
            return  # the lane was ended meanwhile, or begun anew
        if call.state == "queued":
            lane["due_at"] = call.retry_at
        elif next_id is None:
            self._gone.add(call.lane)
            return
        else:
            lane |= {"first": next_id, "due_at": call.updated_at, "waiting": lane["waiting"] - 1}
        self._changed(lane)

    def hurry(self, lane_id: str, now: datetime) -> None:
        """What waits for its retry is due now."""
        if lane := self._rows.get(lane_id):
            lane["due_at"] = min(lane["due_at"], now)
            self._changed(lane)

    def _changed(self, lane: Document) -> None:
        lane["seq"] = self._before.get(lane["_id"], 0) + 1

    def changes(self) -> list[tuple[int, Document]]:
        """For `replace_versions`."""
        kept = ((self._before.get(one, 0), row) for one, row in self._rows.items() if one not in self._gone)
        return [(before, row) for before, row in kept if row["seq"] != before]

    def ended(self) -> Mapping[str, int]:
        """Lanes that end, with the versions that they were read in."""
        return {one: self._before[one] for one in self._gone}


def outcome_of(call: Call) -> dict[str, Any]:
    """A call's state in the words of `report`."""
    state = {"queued": "queued", "sent": "sent", "dead": "failed"}[call.state]
    return {"state": state, "attempt": call.attempt, "reason": call.reason, "retry_at": call.retry_at}


def call_of(row: Document) -> Call:
    fields = {name: value for name, value in row.items() if name in Call.model_fields}
    return Call(id=row["_id"], **fields)
