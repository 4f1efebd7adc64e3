"""How a demo customer's words reach tickets: as ingest's events, on the story's channel."""

from __future__ import annotations

import html
import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from services.tickets.demo.story import Story
from shared import ids
from shared.cloudevents import Received, Record
from shared.contracts.base import Event
from shared.contracts.common import Actor, Address, Call, CallStep, Handle, Message
from shared.contracts.deliveries import DeliverySent
from shared.contracts.directory import BrandChanged
from shared.contracts.ingest import CallProgressed, MessageReceived
from shared.topics import DELIVERIES, MESSAGES


class Voices:
    """One customer with one brand on one channel."""

    def __init__(
        self, n: int, story: Story, brand: BrandChanged, person: tuple[str, str], chance: random.Random
    ) -> None:
        self.story = story
        self.brand = brand
        self._name, self._address = person
        self._chance = chance
        self._number = f"+1{chance.choice((208, 303, 415, 512, 602, 718, 917))}555{n:04d}"
        self.handle = self._handle(n)
        self._last_id: str | None = None

    def _handle(self, n: int) -> Handle:
        match self.story.channel:
            case "email":
                return Handle(kind="email", value=self._address, name=self._name)
            case "phone":
                # Half of the callers are known by name; the others show as their number.
                return Handle(kind="phone", value=self._number, name=self._name if n % 2 else "")
            case "chat":
                visitor = ids.derived("demo", "visitor", str(n))
                return Handle(kind="visitor", value=visitor, name=self._name if n % 3 else "")
            case _:
                return Handle(kind="external", value=f"{self.story.account}:{n}", name=self._name)

    @property
    def account(self) -> str:
        match self.story.channel:
            case "email":
                return self.brand.addresses[0].address
            case "phone":
                return self.brand.lines[0]
            case "chat":
                return f"messenger:{self.brand.brand_id}"
            case _:
                return self.story.account

    def message(
        self, conversation_id: str, input_id: str, subject: str, text: str, at: datetime, number: int, automatic: bool
    ) -> MessageReceived:
        """What the customer wrote. Lines after `--` are what their mail program quoted."""
        said, _, quoted = text.partition("\n--\n")
        email = self.story.channel == "email"
        message_id = f"<{input_id}@{self._address.rpartition('@')[2]}>" if email else None
        message = Message(
            entry_id=ids.derived("entry", input_id),
            direction="in",
            author=Actor(kind="customer", name=self.handle.name),
            sender=self.handle,
            subject=subject if number == 0 else f"Re: {subject}" if subject else "",
            text=said,
            quoted_text=quoted,
            to=(Address(address=self.account),) if email else (),
            message_id=message_id,
            in_reply_to=self._last_id,
            references=(self._last_id,) if self._last_id else (),
            automatic="auto_reply" if automatic else None,
            joined="thread_root" if number else "new",
            sent_at=at,
            received_at=at,
        )
        self._last_id = message_id
        return MessageReceived(
            input_id=input_id,
            conversation_id=conversation_id,
            brand_id=self.brand.brand_id,
            channel=self.story.channel,
            account=self.account,
            sender=self.handle,
            message=message,
        )

    def call(
        self, how: str, at: datetime, conversation_id: str, agent_name: str
    ) -> Iterator[tuple[CallProgressed, datetime]]:
        """The webhooks of one call: answered, missed or voicemail."""
        call = Call(
            call_id=ids.derived("demo", "call", conversation_id)[:8],
            direction="inbound",
            state="created",
            number=self._number,
            line=self.brand.lines[0],
            line_name=self.brand.name,
            started_at=at,
        )
        yield self._step("created", call, conversation_id, at)
        files = f"https://recordings.example/{call.call_id}"
        if how == "answered":
            talked = timedelta(seconds=self._chance.randrange(45, 900))
            answered = at + timedelta(seconds=self._chance.randrange(4, 30))
            known = {"state": "answered", "answered_at": answered, "agent_name": agent_name}
            call = call.model_copy(update=known | {"agent_email": "leo@switchboard.example"})
            yield self._step("answered", call, conversation_id, answered)
            ended = {"state": "ended", "ended_at": answered + talked, "duration_s": int(talked.total_seconds())}
            call = call.model_copy(update=ended | {"recording_url": f"{files}.mp3"})
            yield self._step("ended", call, conversation_id, answered + talked)
            return
        rang = at + timedelta(seconds=40)
        missed = {"state": "ended", "ended_at": rang, "duration_s": 0, "missed_reason": "no_available_agent"}
        call = call.model_copy(update=missed)
        yield self._step("ended", call, conversation_id, rang)
        if how == "voicemail":
            left = call.model_copy(update={"voicemail_url": f"{files}-voicemail.mp3"})
            yield self._step("voicemail", left, conversation_id, rang + timedelta(seconds=30))

    def _step(self, step: CallStep, call: Call, conversation_id: str, at: datetime) -> tuple[CallProgressed, datetime]:
        event = CallProgressed(
            input_id=ids.derived("demo", conversation_id, step),
            conversation_id=conversation_id,
            brand_id=self.brand.brand_id,
            account=self.account,
            caller=self.handle,
            step=step,
            call=call,
            at=at,
        )
        return event, at

    @staticmethod
    def received(event: Event, id_: str, at: datetime) -> Received[Event]:
        """The event as a consumer would have got it."""
        topic = DELIVERIES if isinstance(event, DeliverySent) else MESSAGES
        return Received(
            id=id_,
            type=topic.type_of(type(event)),
            source="/switchboard/demo",
            subject="",
            time=at,
            sequence=None,
            correlation_id=id_,
            causation_id="",
            traceparent="",
            data=event,
            record=Record(topic.name, 0, 0, None, b"", (), 0),
        )

    @staticmethod
    def html(text: str) -> str:
        """Paragraphs, as the composer would have made them."""
        blocks = [html.escape(block, quote=False).replace("\n", "<br>") for block in text.split("\n\n")]
        return "".join(f"<p>{block}</p>" for block in blocks)
