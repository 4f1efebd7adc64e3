"""tickets, put together. Roles decide which parts a process runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from services.tickets.activity import GROUP as ACTIVITY_GROUP
from services.tickets.activity import ActivityHandlers
from services.tickets.api import add_routes, shared_macros
from services.tickets.api.context import Tickets
from services.tickets.api.entries import Entries
from services.tickets.api.factors import Factors
from services.tickets.api.html import to_text
from services.tickets.api.keys import Keys
from services.tickets.api.tokens import Tokens
from services.tickets.artifacts import ArtifactHandlers
from services.tickets.bulk import LEASE_S, Bulk
from services.tickets.cards import Cards
from services.tickets.departures import Departures
from services.tickets.forgotten import Forgotten
from services.tickets.handlers import GROUP, Handlers
from services.tickets.model.automation import Pen
from services.tickets.news import TicketNews
from services.tickets.outbox import LEASE_S as OUTBOX_LEASE_S
from services.tickets.outbox import Outbox
from services.tickets.provider import Provider
from services.tickets.settings import TicketsSettings
from services.tickets.store import Store
from services.tickets.store.desk import CurrentDesk
from services.tickets.store.search.index import SearchIndex
from services.tickets.tag_changes import LEASE_S as TAGS_LEASE_S
from services.tickets.tag_changes import TagChanges
from services.tickets.targets import TicketTargets
from shared import clock, metrics, mongo
from shared.access import Access
from shared.consume import Consumer
from shared.directory import Directory, DirectoryCopy
from shared.http import http_app
from shared.relay import Relay
from shared.sealing import RESET_LINKS, Seal
from shared.service import Part, Service
from shared.signing import Signer
from shared.timers import Timers
from shared.watch import Watch


def build_app(settings: TicketsSettings | None = None) -> Service:
    settings = settings or TicketsSettings()
    client = mongo.connect(settings)
    database = mongo.database(client, settings, "tickets")
    directory = Directory(settings, DirectoryCopy(database))
    store = Store(client, database, clock.now, directory.zone_of)
    metrics.expect(metrics.applied_duplicates, ["tickets"])
    metrics.expect(metrics.tickets_sign_ins, ["ok", "refused", "throttled"])
    metrics.expect(metrics.tickets_commands, ["changed", "unchanged", "repeated", "held"])
    desk = CurrentDesk(directory)
    secret = settings.secret.get_secret_value()
    signer = Signer(secret)
    handlers = Handlers(store, desk, Pen(signer.message_id_of, to_text))
    news = TicketNews(store, desk, signer.message_id_of)
    tokens = Tokens(
        store.directory,
        clock.now,
        known=directory.keys,
        secret=secret,
        holds_s=settings.access_token_s,
        keys_for=timedelta(days=settings.signing_key_days),
    )
    http = http_app(
        service="tickets",
        title="Switchboard tickets",
        about="The system of record: conversations, contacts, agents, teams, roles and brands.",
        settings=settings,
    )
    closing: list[Callable[[], Awaitable[None]]] = [client.close]
    parts: list[Part] = [directory, Keys(tokens, rotates="timers" in settings.roles)]
    if "consume" in settings.roles:
        parts.append(Consumer(settings, group=GROUP, handle=handlers.on_batch))
        activity = ActivityHandlers(store)
        parts.append(Consumer(settings, group=ACTIVITY_GROUP, handle=activity.on_batch, needed=False))
        acts = ArtifactHandlers(store, directory)
        parts.append(Consumer(settings, group="tickets.audit", handle=acts.on_artifacts, needed=False))
        targets = TicketTargets(store, desk)
        parts.append(Consumer(settings, group="tickets.targets", handle=targets.on_targets, needed=False))
    if "relay" in settings.roles:
        parts.append(Relay(settings, service="tickets", database=database, client=client))
        parts.append(Watch(settings, service="tickets", database=database))
    if "timers" in settings.roles:
        parts.append(Timers(store.timers, handlers.on_snooze_due, name="snooze", clock=clock.now))
        parts.append(Timers(store.tickets.news, news.on_due, name="ticket-news", clock=clock.now))
        outbox = Outbox(store, desk, signer.message_id_of)
        parts.append(Timers(store.outbox.rows, outbox.on_due, name="outbox", clock=clock.now, lease_s=OUTBOX_LEASE_S))
        parts.append(store.daily)
        tags, rows = TagChanges(store), store.tag_changes.rows
        parts.append(Timers(rows, tags.on_due, name="tags", clock=clock.now, lease_s=TAGS_LEASE_S, batch=10))
        departures = Departures(store, desk)
        parts.append(Timers(store.departures.rows, departures.on_due, name="departures", clock=clock.now, batch=10))
        parts.append(Timers(store.macros.rows, store.macros.on_due, name="macros", clock=clock.now))
        elsewhere = settings.oidc_name if settings.oidc_issuer else ""
        forgotten = Forgotten(store, Seal(secret, RESET_LINKS), elsewhere)
        parts.append(Timers(store.forgotten.rows, forgotten.on_due, name="forgotten-passwords", clock=clock.now))
        bulk = Bulk(store, desk)
        parts.append(Timers(store.bulk.jobs, bulk.on_due, name="bulk", clock=clock.now, lease_s=LEASE_S, batch=10))
    if "http" in settings.roles:
        entries = Entries(signer, clock.now, files_url=settings.files_url, period_s=settings.file_link_s)
        http.state.access = Access(directory, clock.now)
        search = SearchIndex(client, database, settings.search_folder) if "search" in settings.roles else None
        factors = Factors(store.second_factors, Seal(secret, "second-factor"), clock.now)
        cards = Cards(settings, Seal(secret, "app"), clock.now)
        closing.append(cards.close)
        provider = Provider(settings, clock.now) if settings.oidc_issuer else None
        http.state.tickets = Tickets(
            settings, store, directory, desk, signer, tokens, entries, factors, cards, provider, search
        )
        add_routes(http)
        http.include_router(shared_macros.routes(http.state.tickets))
        http.include_router(shared_macros.configuration(http.state.tickets))
        parts += [store.counts, *([search] if search else [])]

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
        closing=closing,
    )
