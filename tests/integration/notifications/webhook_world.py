"""The parts of webhooks on a real MongoDB, with a clock that moves, and events as tickets publishes them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from services.notifications.files import Files
from services.notifications.settings import NotificationsSettings
from services.notifications.store import Store
from services.notifications.webhooks.model import Call, Endpoint, State
from services.notifications.webhooks.parts import WebhookParts, build_webhooks
from services.notifications.webhooks.shapes import NewEndpoint
from shared import mongo
from shared.access import Access, Viewer
from shared.cloudevents import Received, Record
from shared.contracts.automation import CustomEventEmitted
from shared.contracts.base import Event
from shared.contracts.common import Actor, Handle
from shared.contracts.conversations import Closed, NoteAdded, ReplySent
from shared.directory import Directory
from shared.signing import Signer
from shared.topics import BY_NAME
from tests.integration.notifications.world import SECRET, Desk, MovingClock, until
from tests.unit.notifications.examples import AT, MAYA, head, message

EMITTED = "switchboard.tickets.CustomEventEmitted.v1"
CLOSED = "switchboard.tickets.Closed.v1"
NOTED = "switchboard.tickets.NoteAdded.v1"
REPLIED = "switchboard.tickets.ReplySent.v1"


@dataclass
class World:
    settings: NotificationsSettings
    clock: MovingClock
    store: Store
    directory: Directory
    webhooks: WebhookParts
    admin: Viewer
    offset: itertools.count[int] = field(default_factory=itertools.count)

    @classmethod
    def of(cls, settings: NotificationsSettings) -> World:
        directory = Directory(settings)
        for _, event in Desk().events():
            directory.learn(event)
        at = MovingClock()
        client = mongo.connect(settings)
        store = Store(client, mongo.database(client, settings, "notifications"), at)
        signer = Signer(SECRET)
        webhooks = build_webhooks(settings, store, directory, signer, Files(settings, signer, at), at)
        return cls(settings, at, store, directory, webhooks, Access(directory, at).viewer("admin"))

    async def start(self) -> None:
        await self.store.ensure_indexes(applied_days=60)
        await self.webhooks.ensure_indexes()
        await self.webhooks.sender.start()

    async def stop(self) -> None:
        await self.webhooks.sender.stop()
        await self.webhooks.close()
        await self.store.client.close()

    async def endpoint(self, url: str, *types: str, key: str | None = None, **about: Any) -> Endpoint:
        body = NewEndpoint(name="Receiver", url=url, event_types=types, **about)
        return await self.webhooks.commands.create(self.admin, body, key)

    def secret(self, endpoint: Endpoint) -> str:
        return self.webhooks.commands.secret(endpoint)

    async def happens(self, *events: Event, ids: Sequence[str] = ()) -> None:
        """One batch, as the consumer hands it on."""
        batch = [self.received(one, ids[n] if ids else None) for n, one in enumerate(events)]
        await self.webhooks.handlers.on_events(batch)

    def received(self, event: Event, event_id: str | None = None) -> Received[Event]:
        offset = next(self.offset)
        topic = next(one for one in BY_NAME.values() if type(event) in one.events)
        key = str(getattr(event, "conversation_id", getattr(event, "contact_id", "")))
        record = Record(topic.name, 0, offset, key.encode(), b"{}", (), 0)
        return Received(
            id=event_id or f"00000000-0000-4000-a000-{offset:012d}",
            type=topic.type_of(type(event)),
            source=f"/switchboard/{topic.owner}",
            subject=key,
            time=self.clock(),
            sequence=getattr(event, "seq", None),
            correlation_id="input-1",
            causation_id="input-1",
            traceparent="",
            data=event,
            record=record,
        )

    async def calls(self, endpoint: Endpoint, state: State | None = None) -> list[Call]:
        found = await self.webhooks.history.page(endpoint.id, state=state, before=None, limit=1000)
        return sorted(found, key=lambda one: one.place)

    async def become(self, endpoint: Endpoint, state: State, count: int = 1, *, within_s: float = 15.0) -> list[Call]:
        """The calls in `state`, once there are `count`."""

        async def look() -> list[Call] | None:
            found = await self.calls(endpoint, state)
            return found if len(found) >= count else None

        return await until(look, within_s=within_s)

    async def attempted(self, endpoint: Endpoint, attempts: int) -> Call:
        """The one call, once it was tried so often."""

        async def look() -> Call | None:
            found = await self.calls(endpoint)
            return found[0] if found and found[0].attempt >= attempts else None

        return await until(look)

    async def told(self, delivery_id: str) -> list[str]:
        return [one.name for one in await self.store.log.read(delivery_id)]


def conversation(n: int) -> str:
    return f"00000000-0000-4000-8000-{n:012d}"


def closed(n: int = 1, *, seq: int = 3, **about: Any) -> Closed:
    """The n-th conversation was closed; `about` changes its head."""
    place = head(**{"id": conversation(n), "seq": seq, **about})
    return Closed(conversation_id=conversation(n), seq=seq, at=AT, by=MAYA, head=place)


def noted(n: int = 1, **about: Any) -> NoteAdded:
    place = head(**{"id": conversation(n), **about})
    said = {"entry_id": f"note-{n}", "text": "inner", "html": "<p>inner</p>"}
    return NoteAdded(conversation_id=conversation(n), seq=2, at=AT, by=MAYA, head=place, **said)


def emitted(n: int = 1, *, seq: int = 4, endpoint_id: str | None = None, **about: Any) -> CustomEventEmitted:
    """A rule emitted an event in the n-th conversation, or called one endpoint with it."""
    place = head(**{"id": conversation(n), "seq": seq, **about})
    return CustomEventEmitted(
        conversation_id=conversation(n),
        seq=seq,
        at=AT,
        by=Actor(kind="rule", id="late", name="Late orders"),
        decision_id="d-1",
        head=place,
        custom_id=f"act-{n}-{seq}",
        name="order.late",
        endpoint_id=endpoint_id,
    )


def answered(n: int = 1, *, seq: int = 2, channel: str = "whatsapp", **said: Any) -> ReplySent:
    """An agent's answer on the n-th conversation of a custom channel."""
    handle = Handle(kind="external", value=f"{channel}:u-{n}", name="Cy")
    place = head(id=conversation(n), seq=seq, channel="custom", account=channel, handle=handle)
    entry = f"00000000-0000-4000-9000-{n * 1000 + seq:012d}"
    return ReplySent(
        conversation_id=conversation(n), seq=seq, at=AT, by=MAYA, head=place, message=message(entry_id=entry, **said)
    )
