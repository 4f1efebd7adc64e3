"""The timeline as HTTP shows it: rows of the log, each with links to its files."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel
from pydantic_core import from_json

from shared.clock import Clock
from shared.contracts.common import Actor
from shared.contracts.conversations import Head
from shared.log import LogRow
from shared.signing import Signer

_ENVELOPE = ("conversation_id", "seq", "at", "by", "decision_id", "head")


class TimelineEntry(BaseModel):
    """One thing that happened. `type` is the event's name, `data` its own fields; files carry a `url`."""

    id: str
    seq: int
    type: str
    at: datetime
    by: Actor
    decision_id: str | None
    data: dict[str, Any]


class Answer(BaseModel):
    """What a command led to; no events when everything was so already."""

    head: Head
    events: list[TimelineEntry]


class ChatMessage(BaseModel):
    """A message as a visitor sees it."""

    entry_id: str
    direction: str
    author_name: str
    text: str
    html: str | None
    attachments: list[dict[str, Any]]
    at: datetime


class Entries:
    """Makes entries. Links open for one to two periods and stay the same within one, so that they cache."""

    def __init__(self, signer: Signer, clock: Clock, *, files_url: str, period_s: int) -> None:
        self._signer = signer
        self._clock = clock
        self._files_url = files_url.rstrip("/")
        self._period_s = period_s

    def of(self, row: LogRow) -> TimelineEntry:
        event = from_json(row.value)
        data = {name: value for name, value in event.items() if name not in _ENVELOPE}
        if data.get("message"):
            self._link(data["message"])
        return TimelineEntry(
            id=row.id,
            seq=row.seq,
            type=row.name,
            at=event["at"],
            by=event["by"],
            decision_id=event["decision_id"],
            data=data,
        )

    def head_of(self, row: LogRow) -> dict[str, Any]:
        head: dict[str, Any] = from_json(row.value)["head"]
        return head

    def chat(self, row: LogRow) -> ChatMessage | None:
        """A message event as the visitor may see it: no addresses, no quoted mail, no scores."""
        message = from_json(row.value).get("message")
        if not message:
            return None
        self._link(message)
        return ChatMessage(
            entry_id=message["entry_id"],
            direction=message["direction"],
            author_name=message["author"]["name"],
            text=message["text"],
            html=message["html"],
            attachments=message["attachments"],
            at=message["received_at"],
        )

    def _link(self, message: dict[str, Any]) -> None:
        for attachment in message["attachments"]:
            query = self._signer.file_query(attachment["id"], self._until())
            attachment["url"] = f"{self._files_url}/attachments/{attachment['id']}?{query}"

    def _until(self) -> datetime:
        now = self._clock()
        past_s = now.timestamp() % self._period_s
        return now + timedelta(seconds=2 * self._period_s - past_s)
