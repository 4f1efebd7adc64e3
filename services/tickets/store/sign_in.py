"""Sessions and failed sign-ins. A session's token is random; only its hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from shared.clock import Clock
from shared.mongo import Database, Document

SESSION_FOR = timedelta(days=14)
WINDOW = timedelta(minutes=15)


class SignInStore:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._sessions = database.get_collection("sessions")
        self._failures = database.get_collection("sign_in_failures")
        self._clock = clock

    async def ensure_indexes(self) -> None:
        # MongoDB removes them within a minute of their time; what is over is refused at once all the same.
        await self._sessions.create_indexes(
            [IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0), IndexModel([("agent_id", ASCENDING)])]
        )
        await self._failures.create_indexes([IndexModel([("until", ASCENDING)], expireAfterSeconds=0)])

    async def open_session(self, agent_id: str) -> str:
        """A new session; the token is told once, here."""
        token = secrets.token_urlsafe(32)
        now = self._clock()
        await self._sessions.insert_one(
            {"_id": _hashed(token), "agent_id": agent_id, "created_at": now, "expires_at": now + SESSION_FOR}
        )
        return token

    async def session(self, token: str) -> Document | None:
        """`agent_id` and `created_at` of a session that is not over."""
        return await self._sessions.find_one({"_id": _hashed(token), "expires_at": {"$gt": self._clock()}})

    async def close_session(self, token: str) -> None:
        await self._sessions.delete_one({"_id": _hashed(token)})

    async def close_sessions_of(self, agent_id: str) -> None:
        await self._sessions.delete_many({"agent_id": agent_id})

    async def failures(self, keys: list[str]) -> dict[str, int]:
        """Failed attempts in the running window of each key (`account:…`, `address:…`)."""
        found = self._failures.find({"_id": {"$in": keys}, "until": {"$gt": self._clock()}})
        return {row["_id"]: row["count"] async for row in found}

    async def count_failure(self, key: str) -> None:
        """One more; a window begins with the first failure and is not prolonged by others."""
        now = self._clock()
        running = {"_id": key, "until": {"$gt": now}}
        if (await self._failures.update_one(running, {"$inc": {"count": 1}})).matched_count:
            return
        try:
            await self._failures.replace_one(
                {"_id": key, "until": {"$lte": now}}, {"_id": key, "count": 1, "until": _end(now)}, upsert=True
            )
        except DuplicateKeyError:  # somebody began the window meanwhile
            await self._failures.update_one(running, {"$inc": {"count": 1}})

    async def forget_failures(self, key: str) -> None:
        await self._failures.delete_one({"_id": key})


def _end(now: datetime) -> datetime:
    return now + WINDOW


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
