"""HTTP in and out, permissions and forms of answers; decisions are the model's, queries the store's."""

from __future__ import annotations

from fastapi import FastAPI

from services.tickets.api import changes, conversations, directory, inboxes, messenger, session, writing


def add_routes(app: FastAPI) -> None:
    """`app.state.tickets` (an `api.context.Tickets`) must be set before the first request."""
    for noun in (session, directory, inboxes, conversations, writing, changes, messenger):
        app.include_router(noun.router)
