"""Images of the web, fetched for an agent who asked to see them: their sender learns our address and not the agent's.

Nothing of the agent's request is sent on. What comes back is one of four raster kinds by its own first bytes, whatever
it claims to be, or nothing. Each redirect is looked at like the first address.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import httpx

from services.ingest.model.files import TooLarge, WrongType, raster_type
from shared import metrics
from shared.errors import NotFound
from shared.outside_http import Answer, Blocked, NoAnswer, OutsideHttp, TooMuch

OUTCOMES = ("shown", "blocked", "unavailable", "too_large", "not_image")
MOST_REDIRECTS = 3
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_HEADERS = {"User-Agent": "Mozilla/5.0", "Accept": "image/webp,image/png,image/jpeg,image/gif"}
"""Of nobody. No Accept-Encoding, as images are compressed already: what is compressed again is not taken."""


@dataclass(frozen=True, slots=True)
class Image:
    content_type: str
    data: bytes


class Images:
    """`limit_bytes` only for the sentence that names it; `http` keeps it."""

    def __init__(self, http: OutsideHttp, *, total_s: float, limit_bytes: int) -> None:
        self._http = http
        self._total_s = total_s
        self._limit_bytes = limit_bytes

    async def fetch(self, url: str) -> Image:
        """Raises NotFound (404), TooLarge (413) or WrongType (415)."""
        try:
            async with asyncio.timeout(self._total_s):
                answer = await self._follow(url)
        except Blocked as error:
            metrics.images.labels("blocked").inc()
            raise NotFound("image_blocked", str(error)) from error
        except (NoAnswer, TimeoutError) as error:
            metrics.images.labels("unavailable").inc()
            raise NotFound("image_unavailable", "The server of this image does not answer.") from error
        except TooMuch as error:
            metrics.images.labels("too_large").inc()
            most = self._limit_bytes // (1024 * 1024)
            raise TooLarge("image_too_large", f"This image is larger than {most} MB.") from error
        return _image(answer)

    async def _follow(self, url: str) -> Answer:
        """Raises Blocked, NoAnswer or TooMuch."""
        for _ in range(1 + MOST_REDIRECTS):
            answer = await self._get(url)
            if answer.status not in _REDIRECTS or "location" not in answer.headers:
                return answer
            try:
                url = str(httpx.URL(url).join(answer.headers["location"]))
            except (httpx.InvalidURL, ValueError) as error:
                raise NoAnswer("It leads to something that is no address.") from error
        raise NoAnswer("It leads from one address to the next.")

    async def _get(self, url: str) -> Answer:
        """An address without TLS is asked with it, as browsers do with images in https pages; without, only where
        a setting allows it."""
        url = url.partition("#")[0]
        try:
            return await self._http.get(url, _HEADERS)
        except Blocked:
            if not url.lower().startswith("http:"):
                raise
        return await self._http.get(f"https:{url[5:]}", _HEADERS)


def _image(answer: Answer) -> Image:
    if answer.status != 200:
        metrics.images.labels("unavailable").inc()
        raise NotFound("image_unavailable", "This image is not there any more.")
    kind = raster_type(answer.body)
    if kind is None:
        metrics.images.labels("not_image").inc()
        raise WrongType("not_image", "This is not a PNG, JPEG, GIF or WebP image.")
    metrics.images.labels("shown").inc()
    return Image(kind, answer.body)
