"""Puts notifications together: which parts run, by `settings.roles`, and what each is given."""

from __future__ import annotations

from services.notifications import api
from services.notifications.files import Files
from services.notifications.handlers import DeliveryHandlers
from services.notifications.live.hub import Hub
from services.notifications.live.replay import Replay
from services.notifications.live.sockets import Sockets
from services.notifications.live.stream import StreamReader, StreamWriter
from services.notifications.sender import Sender
from services.notifications.settings import NotificationsSettings
from services.notifications.smtp import Smtp
from services.notifications.store import Store
from shared import clock, mongo, redis
from shared.access import Access
from shared.consume import Consumer
from shared.directory import Directory
from shared.http import http_app
from shared.relay import Relay
from shared.service import Part, Service
from shared.signing import Signer

ABOUT = """Carries everything outward: replies to customers by mail, and live updates to browsers.

WebSockets, beside the routes below: `/live` for agents and `/live/messenger` for visitors. The first frame is
`{"type":"hello","token":"…","last_id":null}`; the answer is `ready`, then frames
`event`, `availability`, `message`, `status` or `resync`. A newer token goes as `{"type":"token","token":"…"}`."""


def build_app(settings: NotificationsSettings | None = None) -> Service:
    """The service with the parts of its roles. Deliveries need MongoDB, live updates need Redis, neither the other."""
    settings = settings or NotificationsSettings()
    client = mongo.connect(settings)
    cache = redis.connect(settings)
    store = Store(client, mongo.database(client, settings, "notifications"), clock.now)
    signer = Signer(settings.secret.get_secret_value())
    directory = Directory(settings)
    files = Files(settings, signer, clock.now)
    sender = Sender(settings, store, files, Smtp(settings), directory, clock.now)
    http = http_app(service="notifications", title="Switchboard notifications", about=ABOUT, settings=settings)
    http.state.access = Access(directory, clock.now)
    http.include_router(api.routes(store, sender, clock.now))

    parts: list[Part] = [directory]
    if "timers" in settings.roles:
        parts.append(sender)
    if "relay" in settings.roles:
        parts.append(Relay(settings, service="notifications", database=store.database, client=client))
    if "consume" in settings.roles:
        deliver = DeliveryHandlers(store, directory, signer, clock.now, sender.nudge)
        writer = StreamWriter(settings, cache, lambda file_id: files.link(file_id, lasts_s=settings.live_links_s))
        parts.append(Consumer(settings, group="notifications.deliveries", handle=deliver.on_conversation_events))
        parts.append(Consumer(settings, group="notifications.live", handle=writer.on_events))
    if "http" in settings.roles:
        hub = Hub(
            Replay(settings.live_replay_bytes), queue=settings.live_queue, per_person=settings.live_sockets_per_person
        )
        sockets = Sockets(settings, hub, directory, http.state.access, signer, clock.now)
        http.include_router(sockets.routes())
        parts += [StreamReader(settings, cache, hub), sockets]

    async def indexes() -> None:
        await store.ensure_indexes(applied_days=settings.applied_days)

    return Service(
        name="notifications",
        settings=settings,
        http=http,
        parts=parts,
        prepare=[indexes],
        checks=[store.not_reachable],
        closing=[files.close, cache.aclose, client.close],
    )
