"""The timeline as HTTP shows it: rows of the log, each with links to its files."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel
from pydantic_core import from_json

from shared.clock import Clock
from shared.contracts.common import Actor, Attachment
from shared.contracts.conversations import Head
from shared.log import LogRow
from shared.signing import Signer

_LEFT_OUT = ("seq", "at", "by", "decision_id", "head", "ticket")
"""Of an event's fields: what stands elsewhere in the entry, and the ticket, which is for rules and read where it is."""


class LinkedFile(Attachment):
    """`url` is signed and expires."""

    url: str


class TimelineEntry(BaseModel):
    """One thing that happened. `type` is the event's name, `data` its own fields; files carry a `url`."""

    id: str
    seq: int
    type: str
    at: datetime
    by: Actor
    decision_id: str | None
    data: dict[str, Any]


class HeldReply(BaseModel):
    """A reply that leaves in `left_s` seconds, if its author does not take it back. `problem`: it could not leave, and
    why. `then`: what follows its sending."""

    id: str
    conversation_id: str
    contact_name: str
    then: Literal["close", "snooze"] | None = None
    left_s: float
    problem: str = ""


class Answer(BaseModel):
    """What a command led to; no events when everything was so already. `held`: nothing yet, it waits a moment."""

    head: Head
    events: list[TimelineEntry]
    held: HeldReply | None = None


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
        whose = "ticket_id" if "ticket_id" in event else "conversation_id"
        data = {name: value for name, value in event.items() if name not in _LEFT_OUT and name != whose}
        for carrier in (data.get("message"), data.get("mail"), data):
            if carrier and "attachments" in carrier:
                self._link(carrier)
        return TimelineEntry(
            id=row.id,
            seq=row.seq,
            type=row.name,
            at=event["at"],
            by=event["by"],
            decision_id=event.get("decision_id"),
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

    def linked(self, files: Sequence[Attachment]) -> list[LinkedFile]:
        """Each with its link."""
        return [LinkedFile(**one.model_dump(), url=self._url(one.id)) for one in files]

    def _link(self, message: dict[str, Any]) -> None:
        for attachment in message["attachments"]:
            attachment["url"] = self._url(attachment["id"])

    def _url(self, file_id: str) -> str:
        return f"{self._files_url}/attachments/{file_id}?{self._signer.file_query(file_id, self._until())}"

    def _until(self) -> datetime:
        now = self._clock()
        past_s = now.timestamp() % self._period_s
        return now + timedelta(seconds=2 * self._period_s - past_s)
