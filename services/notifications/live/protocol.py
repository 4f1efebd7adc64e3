"""What clients may say on a WebSocket: small JSON objects, `hello` first, then nothing but new tokens."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from fastapi import WebSocket, WebSocketDisconnect

from shared.errors import Unauthenticated

FRAME_LIMIT = 8192
TOKENS_PER_MINUTE = 30
"""Each costs a signature's check; a browser sends one every few minutes."""
ID_LIMIT = 40


class BadFrame(Exception):
    """The client said something that is not in the protocol. Never explained to it."""


@dataclass(frozen=True, slots=True)
class Hello:
    """`last_id` is the last place that the client has seen, None for a first visit."""

    token: str
    last_id: str | None


async def read_hello(web: WebSocket) -> Hello:
    """The first frame. Raises BadFrame, WebSocketDisconnect."""
    frame = await _read(web)
    last_id = frame.get("last_id")
    if frame.get("type") != "hello" or not (last_id is None or isinstance(last_id, str)):
        raise BadFrame
    if last_id is not None and len(last_id) > ID_LIMIT:
        raise BadFrame
    return Hello(_token(frame), last_id or None)


async def read_token(web: WebSocket) -> str:
    """Any later frame: a new token. Raises BadFrame, WebSocketDisconnect."""
    frame = await _read(web)
    if frame.get("type") != "token":
        raise BadFrame
    return _token(frame)


def expiry_of(token: str) -> float:
    """`exp` of a JWT whose signature was checked already, in seconds since the epoch."""
    try:
        payload = token.split(".")[1]
        return float(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["exp"])
    except (IndexError, KeyError, TypeError, ValueError) as error:
        raise Unauthenticated("bad_token", "Please sign in again.") from error


def _token(frame: dict[str, Any]) -> str:
    token = frame.get("token")
    if not isinstance(token, str):
        raise BadFrame
    return token


async def _read(web: WebSocket) -> dict[str, Any]:
    message = await web.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1006))
    text = message.get("text")
    if text is None or len(text) > FRAME_LIMIT:
        raise BadFrame
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        raise BadFrame from None
    if not isinstance(frame, dict):
        raise BadFrame
    return frame
