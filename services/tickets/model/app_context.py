"""What an app beside a conversation is told, signed with a key that only its maker and we know. Pure.

A JWT (RFC 7519) by HS256 with claims of our own: `agent`, `conversation`, `customer`. It holds for five minutes and
names the app as its audience, so that what one app was told opens nothing at another.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from shared.contracts.contacts import Contact
from shared.contracts.conversations import Head
from shared.contracts.directory import AppChanged

HOLDS = timedelta(minutes=5)
ISSUER = "switchboard"


def shown_for(app: AppChanged, head: Head) -> bool:
    return app.active and (not app.brand_ids or head.brand_id in app.brand_ids)


def claims(
    app: AppChanged, head: Head, contact: Contact | None, agent: dict[str, str], now: datetime, token_id: str
) -> dict[str, Any]:
    """`agent`: {id, name, email}. Times in whole seconds since 1970."""
    issued = int(now.timestamp())
    return {
        "iss": ISSUER,
        "aud": app.app_id,
        "iat": issued,
        "exp": issued + int(HOLDS.total_seconds()),
        "jti": token_id,
        "agent": agent,
        "conversation": {
            "id": head.id,
            "brand_id": head.brand_id,
            "channel": head.channel,
            "subject": head.subject,
            "status": head.status,
        },
        "customer": _customer(head, contact),
    }


def _customer(head: Head, contact: Contact | None) -> dict[str, Any]:
    if contact is None:
        return {"id": head.contact_id}
    return {
        "id": contact.id,
        "kind": contact.kind,
        "name": contact.name,
        "emails": list(contact.emails),
        "phones": list(contact.phones),
        "external_ids": list(contact.external_ids),
    }
