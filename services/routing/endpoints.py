"""What happens on `notifications.endpoints.v1`: routing knows the webhooks that rules may call. Emits nothing."""

from __future__ import annotations

from services.routing.store import Store
from shared.consume import Batch
from shared.contracts.deliveries import EndpointChanged
from shared.mongo import in_transaction


class EndpointHandlers:
    def __init__(self, store: Store) -> None:
        self._store = store

    async def on_endpoint_events(self, batch: Batch) -> None:
        """Consumes EndpointChanged. Idempotent: each says the whole of it and its number."""
        changed = [one.data for one in batch if isinstance(one.data, EndpointChanged)]
        await in_transaction(self._store.client, lambda session: self._store.endpoints.learn(changed, session))
