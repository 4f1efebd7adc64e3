"""tickets, put together. Roles decide which parts a process runs."""

from __future__ import annotations

from services.tickets.api import add_routes
from services.tickets.api.context import Tickets
from services.tickets.api.entries import Entries
from services.tickets.api.tokens import Tokens
from services.tickets.handlers import GROUP, Handlers
from services.tickets.settings import TicketsSettings
from services.tickets.store import Store
from services.tickets.store.desk import CurrentDesk
from shared import clock, mongo
from shared.access import Access
from shared.consume import Consumer
from shared.directory import Directory
from shared.http import http_app
from shared.relay import Relay
from shared.service import Part, Service
from shared.signing import Signer
from shared.timers import Timers


def build_app(settings: TicketsSettings | None = None) -> Service:
    settings = settings or TicketsSettings()
    client = mongo.connect(settings)
    database = mongo.database(client, settings, "tickets")
    store = Store(client, database, clock.now)
    directory = Directory(settings)
    desk = CurrentDesk(directory)
    handlers = Handlers(store, desk)
    secret = settings.secret.get_secret_value()
    signer = Signer(secret)
    tokens = Tokens(store.directory, clock.now, secret=secret, holds_s=settings.access_token_s)
    http = http_app(
        service="tickets",
        title="Switchboard tickets",
        about="The system of record: conversations, contacts, agents, teams, roles and brands.",
        settings=settings,
    )
    parts: list[Part] = [directory]
    if "consume" in settings.roles:
        parts.append(Consumer(settings, group=GROUP, handle=handlers.on_batch))
    if "relay" in settings.roles:
        parts.append(Relay(settings, service="tickets", database=database, client=client))
    if "timers" in settings.roles:
        parts.append(Timers(store.timers, handlers.on_snooze_due, name="snooze", clock=clock.now))
    if "http" in settings.roles:
        entries = Entries(signer, clock.now, files_url=settings.files_url, period_s=settings.file_link_s)
        http.state.access = Access(directory, clock.now)
        http.state.tickets = Tickets(settings, store, directory, desk, signer, tokens, entries)
        add_routes(http)

    async def reachable() -> str | None:
        await client.admin.command("ping")
        return None

    return Service(
        name="tickets",
        settings=settings,
        http=http,
        parts=parts,
        prepare=[store.ensure_indexes, tokens.prepare],
        checks=[reachable],
        closing=[client.close],
    )
