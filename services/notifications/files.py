"""Attachments' bytes, fetched where ingest serves them, by the same signed links that a browser gets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import quote

import httpx

from services.notifications.settings import NotificationsSettings
from shared.clock import Clock
from shared.contracts.common import Attachment
from shared.errors import Invalid, Transient
from shared.signing import Signer

LINK_S = 300


class Files:
    """Reads files over HTTP, and makes the links that others read them by. `limit_bytes` bounds all files of a mail."""

    def __init__(self, settings: NotificationsSettings, signer: Signer, clock: Clock) -> None:
        self._for_browsers = settings.files_url.rstrip("/")
        self._from_here = settings.files_fetch_url.rstrip("/") or self._for_browsers
        self._signer = signer
        self._clock = clock
        self._limit_bytes = settings.attachments_limit_bytes
        self._http = httpx.AsyncClient(timeout=httpx.Timeout(10.0), follow_redirects=False, trust_env=False)

    async def close(self) -> None:
        await self._http.aclose()

    def link(self, file_id: str, *, lasts_s: int) -> str:
        """An address that opens the file in a browser for `lasts_s`."""
        return f"{self._for_browsers}{self._path(file_id, lasts_s)}"

    def _path(self, file_id: str, lasts_s: int) -> str:
        query = self._signer.file_query(file_id, self._clock() + timedelta(seconds=lasts_s))
        return f"/attachments/{quote(file_id, safe='')}?{query}"

    async def fetch(self, attachments: Sequence[Attachment]) -> dict[str, bytes]:
        """Each file's bytes by its id. Raises Transient while ingest is away, Invalid when it is gone or too big."""
        left = self._limit_bytes
        found: dict[str, bytes] = {}
        for one in attachments:
            if one.id not in found:
                found[one.id] = await self._fetch_one(one, left)
                left -= len(found[one.id])
        return found

    async def _fetch_one(self, one: Attachment, limit_bytes: int) -> bytes:
        content = bytearray()
        try:
            async with self._http.stream("GET", f"{self._from_here}{self._path(one.id, LINK_S)}") as answer:
                if answer.status_code in (404, 410):
                    raise Invalid("file_gone", f"The attached file {one.name[:100]!r} is no longer there.")
                if answer.status_code != 200:
                    raise Transient(f"the file store answered {answer.status_code}")
                async for chunk in answer.aiter_bytes():
                    content += chunk
                    if len(content) > limit_bytes:
                        raise Invalid("files_too_large", "The attached files are too large for a mail together.")
        except httpx.HTTPError as error:
            raise Transient(f"the file store is away ({type(error).__name__})") from error
        return bytes(content)
