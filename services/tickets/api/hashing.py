"""How passwords are kept and checked: argon2id (RFC 9106)."""

from __future__ import annotations

import asyncio
from typing import Annotated

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import Field, SecretStr

from shared.mongo import Document

NewPassword = Annotated[SecretStr, Field(min_length=12, max_length=1024)]
GivenPassword = Annotated[SecretStr, Field(max_length=1024)]

HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's least for argon2id; more memory would show in what an idle service holds."""
_NOBODY = HASHER.hash("nobody has this password")
_AT_ONCE = asyncio.Semaphore(2)
"""How many passwords are hashed at a time: each takes a core and 19 MiB for some 30 ms."""


async def hashed(password: SecretStr) -> str:
    async with _AT_ONCE:
        return await asyncio.to_thread(HASHER.hash, password.get_secret_value())


async def verified(row: Document | None, password: SecretStr) -> bool:
    """Whether it is the password of an agent's document. Nobody's takes as long as somebody's, so that time tells
    nothing."""
    kept = (row or {}).get("private_password") or _NOBODY
    async with _AT_ONCE:
        return await asyncio.to_thread(_matches, kept, password.get_secret_value()) and kept is not _NOBODY


def _matches(kept: str, password: str) -> bool:
    try:
        return HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False
