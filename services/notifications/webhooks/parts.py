"""Puts webhooks together, for the service's `app.py`."""

from __future__ import annotations

from dataclasses import dataclass

from services.notifications.files import Files
from services.notifications.settings import NotificationsSettings
from services.notifications.store import Store
from services.notifications.webhooks.commands import Webhooks
from services.notifications.webhooks.handlers import WebhookHandlers
from services.notifications.webhooks.sender import WebhookSender
from services.notifications.webhooks.store.calls import Calls
from services.notifications.webhooks.store.endpoints import Endpoints
from services.notifications.webhooks.store.history import History
from services.notifications.webhooks.watch import WebhookWatch
from shared.clock import Clock
from shared.directory import Directory
from shared.outside_http import OutsideHttp
from shared.signing import Signer


@dataclass(frozen=True)
class WebhookParts:
    endpoints: Endpoints
    calls: Calls
    history: History
    http: OutsideHttp
    sender: WebhookSender
    watch: WebhookWatch
    handlers: WebhookHandlers
    commands: Webhooks

    async def ensure_indexes(self) -> None:
        await self.endpoints.ensure_indexes()
        await self.calls.ensure_indexes()

    async def close(self) -> None:
        await self.http.close()


def build_webhooks(
    settings: NotificationsSettings, store: Store, directory: Directory, signer: Signer, files: Files, clock: Clock
) -> WebhookParts:
    endpoints = Endpoints(store.client, store.database, store.log)
    calls = Calls(store, endpoints, kept_days=settings.webhook_days)
    history = History(store.database)
    http = OutsideHttp(
        allowed=settings.outside_networks,
        total_s=settings.webhook_s,
        connections=settings.webhook_endpoints_at_once * settings.webhook_calls_per_endpoint,
        ca_file=settings.outside_ca_file,
    )
    sender = WebhookSender(settings, endpoints, calls, history, http, signer, clock)

    def link(file_id: str) -> str:
        return files.link(file_id, lasts_s=settings.webhook_links_s)

    return WebhookParts(
        endpoints=endpoints,
        calls=calls,
        history=history,
        http=http,
        sender=sender,
        watch=WebhookWatch(endpoints, calls, history, clock),
        handlers=WebhookHandlers(endpoints, calls, store, sender, link, clock),
        commands=Webhooks(settings, endpoints, calls, history, sender, directory, signer, clock),
    )
