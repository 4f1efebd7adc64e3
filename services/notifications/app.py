"""Puts notifications together: which parts run, by `settings.roles`, and what each is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from services.notifications import api
from services.notifications.accounts.handlers import AccountHandlers
from services.notifications.accounts.mailer import AccountMailer
from services.notifications.accounts.store import AccountMails
from services.notifications.files import Files
from services.notifications.handlers import DeliveryHandlers
from services.notifications.leased import Leased
from services.notifications.live.hub import Hub
from services.notifications.live.replay import Replay
from services.notifications.live.sockets import Sockets
from services.notifications.live.stream import StreamReader, StreamWriter
from services.notifications.live.viewers import Viewers, ViewersReader
from services.notifications.live.viewers_api import routes as viewers_routes
from services.notifications.notices import api as notices_api
from services.notifications.notices.handlers import NoticeHandlers
from services.notifications.notices.mailer import NoticeMailer
from services.notifications.notices.store import Notices
from services.notifications.phone.aircall import Aircall
from services.notifications.phone.dialer import Dialer
from services.notifications.phone.handlers import PhoneHandlers
from services.notifications.phone.statuses import StatusPush
from services.notifications.phone.store import Dials, PhoneStatuses
from services.notifications.sender import Sender
from services.notifications.settings import NotificationsSettings
from services.notifications.smtp import Smtp
from services.notifications.store import Store
from services.notifications.webhooks import api as webhooks_api
from services.notifications.webhooks.parts import build_webhooks
from shared import clock, metrics, mongo, redis
from shared.access import Access
from shared.consume import Batch, Consumer
from shared.directory import Directory, DirectoryCopy
from shared.http import http_app
from shared.relay import Relay
from shared.sealing import RESET_LINKS, Seal
from shared.service import Part, Service
from shared.signing import Signer
from shared.watch import Watch

ABOUT = """Carries everything outward: replies to customers by mail, webhooks, and live updates to browsers.

WebSockets, beside the routes below: `/live` for agents and `/live/messenger` for visitors. The first frame is
`{"type":"hello","token":"…","last_id":null}`; the answer is `ready`, then frames
`event`, `notice`, `availability`, `viewers`, `message`, `status` or `resync`.
A newer token goes as `{"type":"token","token":"…"}`."""

DELIVERIES_EVERY_S = 0.1
WEBHOOKS_EVERY_S = 0.25
"""Mails and calls to other programs wait a moment when much comes at once; frames to browsers do not."""


def build_app(settings: NotificationsSettings | None = None) -> Service:
    """The service with the parts of its roles. Deliveries need MongoDB, live updates need Redis, neither the other."""
    settings = settings or NotificationsSettings()
    client = mongo.connect(settings)
    cache = redis.connect(settings)
    store = Store(client, mongo.database(client, settings, "notifications"), clock.now)
    metrics.expect(metrics.applied_duplicates, ["notifications"])
    signer = Signer(settings.secret.get_secret_value())
    directory = Directory(settings, DirectoryCopy(store.database))
    files = Files(settings, signer, clock.now)
    sender = Sender(settings, store, files, Smtp(settings), directory, clock.now)
    aircall, dials, statuses = (
        Aircall(settings),
        Dials(client, store.database, store.log),
        PhoneStatuses(store.database),
    )
    dialer = Dialer(settings, dials, aircall, directory, clock.now)
    push = StatusPush(settings, statuses, aircall, directory, clock.now)
    http = http_app(service="notifications", title="Switchboard notifications", about=ABOUT, settings=settings)
    http.state.access = Access(directory, clock.now)
    webhooks = build_webhooks(settings, store, directory, signer, files, clock.now)
    notices = Notices(client, store.database, store.log)
    mailer = NoticeMailer(settings, notices, Smtp(settings), directory, http.state.access, clock.now)
    accounts = AccountMails(store.database)
    seal = Seal(settings.secret.get_secret_value(), RESET_LINKS)
    account_mailer = AccountMailer(settings, accounts, Smtp(settings), directory, seal, clock.now)
    http.include_router(notices_api.routes(notices, clock.now))
    http.include_router(api.routes(store, sender, clock.now, webhooks.commands.resend))
    http.include_router(webhooks_api.routes(webhooks.commands))

    parts: list[Part] = [directory]
    if "timers" in settings.roles:
        parts += [sender, dialer, push, mailer, account_mailer, webhooks.sender, webhooks.watch]
    if "relay" in settings.roles:
        parts.append(Relay(settings, service="notifications", database=store.database, client=client))
        parts.append(Watch(settings, service="notifications", database=store.database))
    if "consume" in settings.roles:
        deliver = DeliveryHandlers(store, directory, signer, clock.now, sender.nudge)
        writer = StreamWriter(settings, cache, lambda file_id: files.link(file_id, lasts_s=settings.live_links_s))
        phone = PhoneHandlers(dials, statuses, clock.now, dialer.nudge, push.nudge)
        calls = webhooks.handlers.on_events

        async def deliveries(batch: Batch) -> None:
            """Messages and calls both leave by a row that is claimed; the events are read once for both."""
            await deliver.on_conversation_events(batch)
            await phone.on_conversation_events(batch)

        parts.append(
            Consumer(settings, group="notifications.deliveries", handle=deliveries, every_s=DELIVERIES_EVERY_S)
        )
        parts.append(Consumer(settings, group="notifications.webhooks", handle=calls, every_s=WEBHOOKS_EVERY_S))
        tell = NoticeHandlers(notices, directory, http.state.access, clock.now, mailer.nudge)
        asked = AccountHandlers(accounts, clock.now, account_mailer.nudge)

        async def agents(batch: Batch) -> None:
            """What agents are told, and the links that they asked for."""
            await asked.on_account_events(batch)
            await tell.on_events(batch)

        parts.append(Consumer(settings, group="notifications.notices", handle=agents, every_s=DELIVERIES_EVERY_S))
        parts.append(Consumer(settings, group="notifications.phone", handle=phone.on_availability))
        parts.append(Consumer(settings, group="notifications.live", handle=writer.on_events))
    if "http" in settings.roles:
        hub = Hub(
            Replay(settings.live_replay_bytes), queue=settings.live_queue, per_person=settings.live_sockets_per_person
        )
        sockets = Sockets(settings, hub, directory, http.state.access, signer, clock.now)
        http.state.websockets |= sockets.by_path()
        viewers = Viewers(settings, cache, clock.now)
        http.include_router(viewers_routes(viewers, signer, clock.now))
        parts += [StreamReader(settings, cache, hub), ViewersReader(viewers, hub), sockets]

    async def indexes() -> None:
        await store.ensure_indexes(applied_days=settings.applied_days)
        await webhooks.ensure_indexes()
        await dials.ensure_indexes()
        await notices.ensure_indexes(days=settings.notices_days)
        await accounts.ensure_indexes()

    async def tell_endpoints() -> None:
        await webhooks.endpoints.tell_unknown()

    def noticing(step: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """What is waited for before anything starts, every queue knows of: others may just have sent."""

        async def work() -> None:
            try:
                await step()
            except Exception as error:
                for part in parts:
                    if isinstance(part, Leased):
                        part.timers.notice(error)
                raise

        return work

    return Service(
        name="notifications",
        settings=settings,
        http=http,
        parts=parts,
        prepare=[noticing(indexes), noticing(tell_endpoints)],
        checks=[store.not_reachable],
        closing=[files.close, webhooks.close, aircall.close, cache.aclose, client.close],
    )
