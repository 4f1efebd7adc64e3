"""Somebody signed in at the desk: an HTTP client that goes to another replica when one does not answer."""

from __future__ import annotations

import asyncio
import random
import time
from typing import Any

import httpx

from tests.chaos.senders.world import Never, Refused, judged

RENEW_S = 240.0
PATIENCE_S = 300.0


class Person:
    """One agent's session. `tickets` are the replicas' addresses."""

    def __init__(self, http: httpx.AsyncClient, tickets: list[str], email: str, password: str) -> None:
        self._http = http
        self._tickets = tickets
        self._email = email
        self._password = password
        self._token = ""
        self._signed_in_at = 0.0
        self._signing_in = asyncio.Lock()
        self._turn = random.randrange(len(tickets))

    async def token(self) -> str:
        """An access token with some minutes left."""
        async with self._signing_in:
            while time.monotonic() - self._signed_in_at > RENEW_S:
                try:
                    body = {"email": self._email, "password": self._password}
                    answer = judged(await self._http.post(f"{self._url()}/session", json=body))
                except (Refused, httpx.HTTPError):
                    self._turn += 1
                    await asyncio.sleep(0.5)
                    continue
                self._token, self._signed_in_at = answer.json()["access_token"], time.monotonic()
            return self._token

    async def once(self, method: str, path: str, *, base: str = "", key: str = "", **options: Any) -> Any:
        """One try; the answer's JSON. Raises Refused, Never, httpx.HTTPError."""
        headers = {"Authorization": f"Bearer {await self.token()}"}
        if key:
            headers["Idempotency-Key"] = key
        self._turn += 1
        answer = await self._http.request(method, f"{base or self._url()}{path}", headers=headers, **options)
        if answer.status_code == 401:
            self._signed_in_at = 0.0
            raise Refused("401")
        judged(answer)
        return answer.json() if answer.content else None

    async def insist(self, method: str, path: str, *, base: str = "", key: str = "", **options: Any) -> Any:
        """Until it is answered. Raises Never, and TimeoutError after PATIENCE_S."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                try:
                    return await self.once(method, path, base=base, key=key, **options)
                except (Refused, httpx.HTTPError):
                    await asyncio.sleep(random.uniform(0.2, 1.0))

    def _url(self) -> str:
        return self._tickets[self._turn % len(self._tickets)]


__all__ = ["Never", "Person", "Refused"]
