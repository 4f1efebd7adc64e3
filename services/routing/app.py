"""Puts routing together: which parts run, by `settings.roles`, and what each is given."""

from __future__ import annotations

from services.routing.api import availability, decisions, rules
from services.routing.desk import Desk
from services.routing.handlers import ConversationHandlers
from services.routing.settings import RoutingSettings
from services.routing.store import Store
from services.routing.store.seats import Seats
from services.routing.waiting import WaitingRoom
from shared import clock, mongo, redis
from shared.access import Access
from shared.consume import Consumer
from shared.directory import Directory
from shared.http import http_app
from shared.relay import Relay
from shared.service import Part, Service

ABOUT = """Says what should happen to conversations: rules, assignment to agents who are online and have room.

A rule is saved with `If-Match` and its version; every version is kept. Decisions carry their whole trace."""


def build_app(settings: RoutingSettings | None = None) -> Service:
    """The service with the parts of its roles. The waiting room runs beside each role that can make somebody free."""
    settings = settings or RoutingSettings()
    client = mongo.connect(settings)
    cache = redis.connect(settings)
    store = Store(client, mongo.database(client, settings, "routing"), clock.now)
    directory = Directory(settings)
    seats = Seats(cache, settings, store.conversations.holders)
    desk = Desk(directory, store.availability, seats)
    waiting = WaitingRoom(store, desk, seats, clock.now, settings)
    directory.on_change(lambda _: waiting.nudge())

    http = http_app(service="routing", title="Switchboard routing", about=ABOUT, settings=settings)
    http.state.access = Access(directory, clock.now)
    http.include_router(rules.routes(store.rules, directory, clock.now))
    http.include_router(decisions.routes(store.decisions, store.rules))
    http.include_router(availability.routes(store, directory, clock.now, waiting.nudge))

    parts: list[Part] = [directory]
    if "relay" in settings.roles:
        parts.append(Relay(settings, service="routing", database=store.database, client=client))
    if settings.roles & {"consume", "timers", "http"}:
        parts.append(waiting)
    if "consume" in settings.roles:
        handlers = ConversationHandlers(store, desk, seats, clock.now, waiting.nudge)
        parts.append(Consumer(settings, group="routing.conversations", handle=handlers.on_conversation_events))

    async def indexes() -> None:
        await store.ensure_indexes(applied_days=settings.applied_days)

    async def redis_answers() -> str | None:
        await cache.ping()
        return None

    return Service(
        name="routing",
        settings=settings,
        http=http,
        parts=parts,
        prepare=[indexes],
        checks=[store.not_reachable, redis_answers],
        closing=[cache.aclose, client.close],
    )
