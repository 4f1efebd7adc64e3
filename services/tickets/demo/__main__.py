"""`python -m services.tickets.demo [--directory] [--conversations]`: both without a flag; harmless again."""

from __future__ import annotations

import argparse
import asyncio

from services.tickets.demo.conversations import write_conversations
from services.tickets.demo.directory import brands, write_directory
from services.tickets.settings import TicketsSettings
from services.tickets.store import Store
from shared import clock, mongo


async def write(*, directory: bool, conversations: bool) -> None:
    settings = TicketsSettings()
    client = mongo.connect(settings)
    try:
        zones = {brand.brand_id: brand.time_zone for brand in brands()}
        store = Store(client, mongo.database(client, settings, "tickets"), clock.now, lambda id_: zones.get(id_, "UTC"))
        await store.ensure_indexes()
        if directory:
            print(await write_directory(store), flush=True)
        if conversations:
            print(await write_conversations(store, settings.secret.get_secret_value()), flush=True)
    finally:
        await client.close()


def main() -> None:
    parser = argparse.ArgumentParser(description="Write demo data into tickets' database.")
    parser.add_argument("--directory", action="store_true", help="brands, teams, roles and agents")
    parser.add_argument("--conversations", action="store_true", help="200 conversations")
    chosen = parser.parse_args()
    both = chosen.directory == chosen.conversations
    asyncio.run(write(directory=both or chosen.directory, conversations=both or chosen.conversations))


if __name__ == "__main__":
    main()
