"""A side conversation as its conversation's head shows it (CV8)."""

from __future__ import annotations

from typing import Literal

from shared.contracts.base import Id, Time, Value
from shared.contracts.common import Address


class Side(Value):
    """Mails with somebody else about a conversation; its customer never learns of them.

    `to` and `cc` are who our next mail goes to. `last_from` says who wrote last: we, or they. `last_message_id` and
    `references` are what our next mail quotes (RFC 5322 §3.6.4), of this thread alone.
    """

    id: Id
    subject: str
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    started_at: Time
    last_at: Time
    last_from: Literal["us", "them"] = "us"
    message_count: int = 1
    last_message_id: str | None = None
    references: tuple[str, ...] = ()
