from services.tickets.store import Store


async def write_conversations(store: Store, secret: str) -> str:
    return "0 conversations"
