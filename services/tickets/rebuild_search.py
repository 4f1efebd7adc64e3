"""`python -m services.tickets.rebuild_search`: every process makes its search index anew, from MongoDB.

Each goes on answering from the old one until the new one is whole. For after data was changed by hand, or when an index
is doubted: it is never needed otherwise.
"""

from __future__ import annotations

import asyncio

from services.tickets.settings import TicketsSettings
from services.tickets.store.search.index import rename
from shared import mongo


async def rebuild() -> str:
    """The new index's name."""
    settings = TicketsSettings()
    client = mongo.connect(settings)
    try:
        return await rename(mongo.database(client, settings, "tickets"))
    finally:
        await client.close()


def main() -> None:
    name = asyncio.run(rebuild())
    print(
        f"every process makes the index {name} within seconds; switchboard_search_behind_seconds tells when it has it"
    )


if __name__ == "__main__":
    main()
