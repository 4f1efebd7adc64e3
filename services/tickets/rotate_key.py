"""`python -m services.tickets.rotate_key [--at-once]`: a new key for access tokens, before its time."""

from __future__ import annotations

import argparse
import asyncio

from services.tickets.api.tokens import Tokens
from services.tickets.settings import TicketsSettings
from services.tickets.store import Store
from shared import clock, mongo


async def rotate(*, at_once: bool) -> str:
    settings = TicketsSettings()
    client = mongo.connect(settings)
    try:
        store = Store(client, mongo.database(client, settings, "tickets"), clock.now)
        secret = settings.secret.get_secret_value()
        tokens = Tokens(store.directory, clock.now, known=(), secret=secret, holds_s=settings.access_token_s)
        return await tokens.rotate(at_once=at_once)
    finally:
        await client.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="Make a new key that signs access tokens.")
    told = "the old key is in wrong hands: it ends now, and every agent's browser asks for a new token"
    parser.add_argument("--at-once", action="store_true", help=told)
    chosen = parser.parse_args()
    print(f"{asyncio.run(rotate(at_once=chosen.at_once))} signs {'now' if chosen.at_once else 'in five minutes'}")


if __name__ == "__main__":
    main()
