"""HTTP in and out, permissions and forms of answers; decisions are the model's, queries the store's."""

from __future__ import annotations

from fastapi import FastAPI

from services.tickets.api import (
    agents,
    apps,
    attributes,
    audit,
    brands,
    bulk,
    calls,
    changes,
    contact_activity,
    contact_commands,
    contacts,
    conversations,
    dashboard,
    desk_settings,
    directory,
    drafts,
    images,
    inboxes,
    invitations,
    links,
    macros,
    merging,
    messenger,
    oidc,
    outbox,
    preferences,
    roles,
    search,
    second_factor,
    segments,
    session,
    sessions,
    sidebar,
    sides,
    tags,
    teams,
    ticket_commands,
    ticket_types,
    tickets,
    writing,
)


def add_routes(app: FastAPI) -> None:
    """`app.state.tickets` (an `api.context.Tickets`) must be set before the first request."""
    account = (session, oidc, sessions, second_factor, preferences)
    people = (directory, agents, invitations, roles, teams)
    desk = (brands, ticket_types, attributes, apps, desk_settings, audit)
    work = (conversations, images, changes, tags, merging, links, tickets, ticket_commands, messenger)
    words = (drafts, macros, writing, sides, outbox, calls)
    lists = (inboxes, search, sidebar, bulk, dashboard)
    customers = (contacts, contact_activity, contact_commands, segments)
    for noun in (*account, *people, *desk, *lists, *work, *words, *customers):
        app.include_router(noun.router)
