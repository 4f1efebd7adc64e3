"""The HTTP client of customers and agents, whose servers die at any moment."""

from __future__ import annotations

import httpx


class Mortal(httpx.AsyncHTTPTransport):
    """With uvloop, a server that is gone as soon as it has taken the connection leaves no socket behind, and anyio
    asks that socket for its peer."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await super().handle_async_request(request)
        except AttributeError as error:
            raise httpx.ConnectError("gone while connecting", request=request) from error


def client() -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=10, transport=Mortal(limits=httpx.Limits(max_connections=200)))
