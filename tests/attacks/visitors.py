"""A site's visitors at the running desk: the proofs that its server signs for them, what they write, what they see."""

from __future__ import annotations

import base64
import hmac
import json
import time
import uuid
from pathlib import Path
from typing import Any

import httpx

from tests.attacks.people import OWN_BRAND, bearer
from tests.desk import Desk
from tests.e2e.outside import until

OTHER_BRAND = "paleo-hacks"
DAY_S = 24 * 3600
SESSIONS, MESSAGES = "/api/ingest/messenger/sessions", "/api/ingest/messenger/messages"
FILES, HISTORY = "/api/ingest/messenger/attachments", "/api/tickets/messenger/conversations"

Claims = dict[str, Any]


def secret_of(desk: Desk) -> str:
    """What everything is signed with: attackers who had it could do anything; here it makes keys of other purposes."""
    return (Path(desk.smtp_sink_maildir).parent / "secret").read_text().strip()


def claims(sub: Any = "", **more: Any) -> Claims:
    return {"sub": sub or f"u-{uuid.uuid4().hex}", "exp": int(time.time()) + 600, **more}


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def by_hand(header: dict[str, Any], said: Claims, secret: str | bytes, digest: str = "sha256") -> str:
    """Libraries refuse to make most of these."""
    body = f"{part(header)}.{part(said)}"
    mac = hmac.digest(secret.encode() if isinstance(secret, str) else secret, body.encode(), digest)
    return f"{body}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def proof(key: str, said: Claims) -> str:
    return by_hand({"alg": "HS256", "typ": "JWT"}, said, key)


async def opened(client: httpx.AsyncClient, brand_id: str = OWN_BRAND, /, **body: Any) -> dict[str, Any]:
    answer = await client.post(SESSIONS, json={"brand_id": brand_id, **body})
    assert answer.status_code == 200, answer.text
    session: dict[str, Any] = answer.json()
    return session


async def writes(client: httpx.AsyncClient, token: str, text: str, **more: Any) -> httpx.Response:
    body = {"client_id": uuid.uuid4().hex, "session_id": str(uuid.uuid4()), "text": text, **more}
    return await client.post(MESSAGES, json=body, headers=bearer(token))


async def history(client: httpx.AsyncClient, token: str) -> str:
    answer = await client.get(HISTORY, headers=bearer(token))
    assert answer.status_code == 200, answer.text
    return answer.text


async def shown(client: httpx.AsyncClient, token: str, text: str) -> str:
    async def there() -> str:
        found = await history(client, token)
        return found if text in found else ""

    return str(await until(there))
