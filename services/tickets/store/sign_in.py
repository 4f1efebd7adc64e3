"""Sessions, links for a new password, and how often somebody tried. Tokens are random; only their hashes are kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from pymongo import ASCENDING, IndexModel, ReturnDocument
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from shared.clock import Clock
from shared.mongo import Database, Document

SESSION_FOR = timedelta(days=14)
RESET_FOR = timedelta(hours=24)
MAILED_FOR = timedelta(hours=1)
MAILED_OPEN = 3
"""So many mailed links of an agent open at once: whoever knows an address may ask, and is not to end with it the link
that its owner is about to open."""
INVITATION_FOR = timedelta(days=7)
WINDOW = timedelta(minutes=15)


LinkKind = Literal["reset", "invitation"]


@dataclass(frozen=True, slots=True)
class Link:
    """What a link was made for. Those of the version before are all resets, made by admins. `mailed`: its agent asked
    for it, when their document had this `email` and `generation`."""

    agent_id: str
    kind: LinkKind
    expires_at: datetime
    mailed: bool = False
    email: str = ""
    generation: int = 0

    def opens(self, agent: Document) -> bool:
        """Whether one for a new password still opens this account. One that lies in the mailbox of an address that is
        theirs no more does not, nor one from before a new password, a deactivation or a sign-out elsewhere."""
        as_it_was = (agent["email"], agent.get("generation", 0)) == (self.email, self.generation)
        return bool(agent["active"]) and (as_it_was or not self.mailed)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that is not over. `id` names it to people; it opens nothing. `second_factor`: it began with one."""

    id: str
    agent_id: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    address: str
    browser: str
    second_factor: bool = False


class SignInStore:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._sessions = database.get_collection("sessions")
        self._resets = database.get_collection("password_resets")
        self._attempts = database.get_collection("sign_in_failures")
        self._clock = clock

    async def ensure_indexes(self) -> None:
        # MongoDB removes them within a minute of their time; what is over is refused at once all the same.
        ends = [IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0), IndexModel([("agent_id", ASCENDING)])]
        await self._sessions.create_indexes(ends)
        await self._resets.create_indexes(ends)
        await self._attempts.create_indexes([IndexModel([("until", ASCENDING)], expireAfterSeconds=0)])

    # ── sessions ─────────────────────────────────────────────────────────────────────────────────
    async def open_session(
        self, agent_id: str, *, address: str, browser: str, second_factor: bool = False
    ) -> tuple[str, str]:
        """(token, id) of a new session; the token is told once, here."""
        token = secrets.token_urlsafe(32)
        now = self._clock()
        row = {"_id": _hashed(token), "agent_id": agent_id, "created_at": now, "last_used_at": now}
        await self._sessions.insert_one(
            {
                **row,
                "expires_at": now + SESSION_FOR,
                "address": address,
                "browser": browser,
                "second_factor": second_factor,
            }
        )
        return token, _id(row)

    async def use_session(self, token: str) -> SignedIn | None:
        """The session, when it is not over; from now on it was last used now."""
        now = self._clock()
        running = {"_id": _hashed(token), "expires_at": {"$gt": now}}
        row = await self._sessions.find_one_and_update(running, {"$set": {"last_used_at": now}})
        return _signed_in(row) if row else None

    async def sessions_of(self, agent_id: str) -> list[SignedIn]:
        """Newest first."""
        found = self._sessions.find({"agent_id": agent_id, "expires_at": {"$gt": self._clock()}})
        return [_signed_in(row) async for row in found.sort("created_at", -1)]

    async def close_session(self, token: str) -> None:
        await self._sessions.delete_one({"_id": _hashed(token)})

    async def close_sessions_of(
        self,
        agent_id: str,
        ids: Sequence[str] | None = None,
        *,
        but: str = "",
        session: AsyncClientSession | None = None,
    ) -> int:
        """End an agent's sessions: those named (None: all), except `but`. How many there were. `session`: of the
        transaction that this is a part of."""
        found = self._sessions.find({"agent_id": agent_id}, projection={"_id": 1}, session=session)
        rows = await found.to_list(None)
        ends = [row["_id"] for row in rows if _id(row) != but and (ids is None or _id(row) in ids)]
        return (await self._sessions.delete_many({"_id": {"$in": ends}}, session=session)).deleted_count

    async def proved_second(self, agent_id: str, session_id: str) -> None:
        """This session's agent has proven a second thing since it began."""
        rows = await self._sessions.find({"agent_id": agent_id}, projection={"_id": 1}).to_list(None)
        ids = [row["_id"] for row in rows if _id(row) == session_id]
        await self._sessions.update_many({"_id": {"$in": ids}}, {"$set": {"second_factor": True}})

    async def last_used(self) -> dict[str, datetime]:
        """By agent: when one of their running sessions was used last."""
        newest = {"$group": {"_id": "$agent_id", "at": {"$max": "$last_used_at"}}}
        found = await self._sessions.aggregate([newest])
        return {row["_id"]: row["at"] async for row in found if row["at"] is not None}

    # ── links for a first or a new password ──────────────────────────────────────────────────────
    async def make_link(self, agent_id: str, kind: LinkKind, *, by: str) -> tuple[str, datetime]:
        """(token, until when) of a link that opens once; older ones of this agent open no more."""
        token = secrets.token_urlsafe(32)
        until = self._clock() + (INVITATION_FOR if kind == "invitation" else RESET_FOR)
        await self.drop_links(agent_id)
        row = {"_id": _hashed(token), "agent_id": agent_id, "kind": kind, "by": by, "expires_at": until}
        await self._resets.insert_one(row)
        return token, until

    async def make_mailed_link(self, agent: Document, until: datetime, session: AsyncClientSession) -> str:
        """The token of one for who asked by themselves. Of those that were mailed the last ones open, and all that an
        admin made: whoever knows an address may ask, and is not to undo what others did."""
        token, agent_id = secrets.token_urlsafe(32), agent["_id"]
        mailed = {"agent_id": agent_id, "mailed": True}
        older = self._resets.find(mailed, {"_id": 1}, session=session).sort("expires_at", -1).skip(MAILED_OPEN - 1)
        ends = [row["_id"] for row in await older.to_list(None)]
        await self._resets.delete_many({"_id": {"$in": ends}}, session=session)
        row = {"_id": _hashed(token), "agent_id": agent_id, "kind": "reset", "by": agent_id, "expires_at": until}
        as_it_is = {"email": agent["email"], "generation": agent.get("generation", 0)}
        await self._resets.insert_one({**row, "mailed": True, **as_it_is}, session=session)
        return token

    async def look_at_link(self, token: str) -> Link | None:
        """What it is for; it opens afterwards as before."""
        row = await self._resets.find_one({"_id": _hashed(token), "expires_at": {"$gt": self._clock()}})
        return _link(row) if row else None

    async def take_link(self, token: str, kind: LinkKind, session: AsyncClientSession | None = None) -> Link | None:
        """What it was made for; it is used up by this. One of another kind stays."""
        kinds = [kind, None] if kind == "reset" else [kind]
        wanted = {"_id": _hashed(token), "expires_at": {"$gt": self._clock()}, "kind": {"$in": kinds}}
        row = await self._resets.find_one_and_delete(wanted, session=session)
        return _link(row) if row else None

    async def invited(self) -> dict[str, datetime]:
        """By agent: until when their invitation opens."""
        found = self._resets.find({"kind": "invitation", "expires_at": {"$gt": self._clock()}})
        return {row["agent_id"]: row["expires_at"] async for row in found}

    async def drop_links(self, agent_id: str, session: AsyncClientSession | None = None) -> None:
        await self._resets.delete_many({"agent_id": agent_id}, session=session)

    # ── attempts ─────────────────────────────────────────────────────────────────────────────────
    async def attempt(self, key: str) -> int:
        """Count one more attempt of a key (`account:…`, `address:…`) and say how many there were in its window.

        It is counted before the password is looked at, so that a thousand at once are not a thousand guesses. A
        window begins with the first attempt and is not prolonged by others.
        """
        for _ in range(3):
            now = self._clock()
            running = {"_id": key, "until": {"$gt": now}}
            row = await self._attempts.find_one_and_update(
                running, {"$inc": {"count": 1}}, return_document=ReturnDocument.AFTER
            )
            if row is not None:
                return int(row["count"])
            try:
                first = {"_id": key, "count": 1, "until": now + WINDOW}
                await self._attempts.replace_one({"_id": key, "until": {"$lte": now}}, first, upsert=True)
                return 1
            except DuplicateKeyError:
                continue  # somebody began the window meanwhile
        raise RuntimeError("a window of attempts can neither be found nor begun")

    async def succeeded(self, account: str, address: str) -> None:
        """The account's attempts are forgotten; of the address' only this one, or one's own account would open it."""
        await self._attempts.delete_one({"_id": account})
        await self._attempts.update_one({"_id": address, "count": {"$gt": 0}}, {"$inc": {"count": -1}})


def _signed_in(row: Document) -> SignedIn:
    """Sessions of the version before have no `last_used_at`, address or browser."""
    return SignedIn(
        id=_id(row),
        agent_id=row["agent_id"],
        created_at=row["created_at"],
        last_used_at=row.get("last_used_at") or row["created_at"],
        expires_at=row["expires_at"],
        address=row.get("address", ""),
        browser=row.get("browser", ""),
        second_factor=row.get("second_factor", False),
    )


def _link(row: Document) -> Link:
    kept = {name: row[name] for name in ("mailed", "email", "generation") if name in row}
    return Link(row["agent_id"], row.get("kind") or "reset", row["expires_at"], **kept)


def _id(row: Document) -> str:
    """A part of the token's hash: nobody gets from it to the token."""
    return str(row["_id"])[:32]


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
