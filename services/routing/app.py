"""Puts routing together: which parts run, by `settings.roles`, and what each is given."""

from __future__ import annotations

from services.routing.api import (
    availability,
    calendars,
    config,
    decisions,
    presence,
    rules,
    simulations,
    sla,
    times,
    tries,
)
from services.routing.api.drafts import Drafts
from services.routing.clocks import PAGES_AT_ONCE, ClockChanges, ClockHandlers
from services.routing.contacts import ContactHandlers
from services.routing.desk import Desk
from services.routing.endpoints import EndpointHandlers
from services.routing.handlers import ConversationHandlers
from services.routing.horizon import Horizon
from services.routing.later import LaterHandlers, RuleChanges
from services.routing.phone import PhoneStatusHandlers
from services.routing.recent import Recent
from services.routing.settings import RoutingSettings
from services.routing.simulator.part import Simulator
from services.routing.store import Store
from services.routing.store.seats import Seats
from services.routing.targets import TargetHandlers, TargetsGauge
from services.routing.ticket_targets import TicketTargetHandlers
from services.routing.waiting import WaitingRoom
from shared import clock, metrics, mongo, redis
from shared.access import Access
from shared.consume import Consumer
from shared.directory import Directory, DirectoryCopy
from shared.http import http_app
from shared.relay import Relay
from shared.service import Part, Service
from shared.timers import Timers
from shared.topics import CONVERSATIONS, TICKETS
from shared.watch import Watch

ABOUT = """Says what should happen to conversations: rules, assignment to agents who are online and have room.

A rule is saved with `If-Match` and its version; every version is kept. Decisions carry their whole trace."""

DUE_AT_ONCE = 500
EVERY_S = 0.1
"""Who is assigned a tenth of a second later when much comes at once; the messages themselves do not wait for it."""


def build_app(settings: RoutingSettings | None = None) -> Service:
    """The service with the parts of its roles. The waiting room runs beside each role that can make somebody free."""
    settings = settings or RoutingSettings()
    client = mongo.connect(settings)
    cache = redis.connect(settings)
    store = Store(client, mongo.database(client, settings, "routing"), clock.now)
    metrics.expect(metrics.applied_duplicates, ["routing"])
    metrics.expect(metrics.assigned, ["at once", "after waiting"])
    directory = Directory(settings, DirectoryCopy(store.database))
    seats = Seats(cache, settings, store.conversations.holders)
    desk = Desk(directory, store.availability, seats, store.answers)
    waiting = WaitingRoom(store, desk, seats, clock.now, settings)
    horizon = Horizon(settings, group="routing.sla", topic=CONVERSATIONS.name, clock=clock.now)
    targets = TargetHandlers(store, clock.now, horizon)
    seen = Horizon(settings, group="routing.tickets", topic=TICKETS.name, clock=clock.now)
    ticket_targets = TicketTargetHandlers(store, clock.now, seen)
    heard = Horizon(settings, group="routing.conversations", topic=CONVERSATIONS.name, clock=clock.now)
    strikes = Horizon(settings, group="routing.conversations", topic=CONVERSATIONS.name, clock=clock.now)
    directory.on_change(lambda _: waiting.nudge())
    simulator = Simulator(settings, store.simulations, clock.now)
    drafts = Drafts(store, directory, clock.now)

    http = http_app(service="routing", title="Switchboard routing", about=ABOUT, settings=settings)
    http.state.access = Access(directory, clock.now)
    http.include_router(tries.routes(store, drafts, Recent(settings), clock.now))
    http.include_router(simulations.routes(store, drafts, simulator, clock.now))
    http.include_router(times.routes(directory, clock.now))
    http.include_router(rules.routes(store, directory, clock.now))
    http.include_router(decisions.routes(store.decisions, store.conversations, store.rules))
    http.include_router(presence.routes(store, directory, clock.now))
    http.include_router(sla.routes(store, directory, clock.now))
    http.include_router(calendars.routes(store.calendars, clock.now))
    http.include_router(config.routes(store, directory, clock.now))
    http.include_router(availability.routes(store, directory, clock.now, waiting.nudge))

    parts: list[Part] = [directory]
    if "relay" in settings.roles:
        parts.append(Relay(settings, service="routing", database=store.database, client=client))
        parts.append(Watch(settings, service="routing", database=store.database))
    if settings.roles & {"consume", "timers", "http"}:
        parts.append(waiting)
    if "http" in settings.roles:
        parts.append(simulator)
    if "consume" in settings.roles:
        handlers = ConversationHandlers(store, desk, seats, clock.now, waiting.nudge)
        handle = handlers.on_conversation_events
        parts.append(Consumer(settings, group="routing.conversations", handle=handle, every_s=EVERY_S))
        contacts = ContactHandlers(store)
        parts.append(Consumer(settings, group="routing.contacts", handle=contacts.on_contact_events))
        endpoints = EndpointHandlers(store)
        handle = endpoints.on_endpoint_events
        parts.append(Consumer(settings, group="routing.endpoints", handle=handle, needed=False))
        phone = PhoneStatusHandlers(store.availability, directory, clock.now, waiting.nudge)
        parts.append(Consumer(settings, group="routing.phone", handle=phone.on_statuses))
        handle = targets.on_conversation_events
        parts.append(Consumer(settings, group="routing.sla", handle=handle, needed=False, every_s=EVERY_S))
        handle = ticket_targets.on_ticket_events
        parts.append(Consumer(settings, group="routing.tickets", handle=handle, needed=False, every_s=EVERY_S))
    if "timers" in settings.roles:
        parts.append(
            Timers(
                store.targets.rows, targets.on_due, name="sla", clock=clock.now, batch=DUE_AT_ONCE, until=horizon.until
            )
        )
        rows, fire = store.ticket_targets.rows, ticket_targets.on_due
        parts.append(Timers(rows, fire, name="ticket-sla", clock=clock.now, batch=DUE_AT_ONCE, until=seen.until))
        parts.append(TargetsGauge(store))
        parts.append(Timers(store.rules.rows, store.rules.on_due, name="publish-rules", clock=clock.now))
        parts.append(Timers(store.policies.rows, store.policies.on_due, name="publish-policies", clock=clock.now))
        later = LaterHandlers(store, desk, seats, clock.now, heard, waiting.nudge)
        rows = store.conversations.rows
        parts.append(
            Timers(
                rows,
                later.on_due,
                name="asked-later",
                clock=clock.now,
                batch=DUE_AT_ONCE,
                until=heard.until,
                lease_s=120,
            )
        )
        parts.append(RuleChanges(store, clock.now))
        struck = ClockHandlers(store, desk, seats, clock.now, strikes, waiting.nudge)
        parts.append(
            Timers(
                store.clocks.rows,
                struck.on_due,
                name="clock",
                clock=clock.now,
                batch=PAGES_AT_ONCE,
                until=strikes.until,
                lease_s=120,
            )
        )
        parts.append(ClockChanges(store, desk, clock.now))

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
        closing=[horizon.close, seen.close, heard.close, strikes.close, cache.aclose, client.close],
    )
