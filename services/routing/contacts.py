"""What happens on `tickets.contacts.v1`: routing knows the customers that rules ask about. Emits nothing."""

from __future__ import annotations

from services.routing.store import Store
from shared.consume import Batch
from shared.contracts.contacts import ContactEvent
from shared.mongo import in_transaction


class ContactHandlers:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def on_contact_events(self, batch: Batch) -> None:
        """Consumes every event of a contact. Idempotent: each says the whole contact and its number."""
        contacts = [one.data.contact for one in batch if isinstance(one.data, ContactEvent)]
        await in_transaction(self._store.client, lambda session: self._store.contacts.learn(contacts, session))
