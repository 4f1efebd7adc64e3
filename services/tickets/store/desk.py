"""The directory as decisions take it: a snapshot of what the directory topic has told so far."""

from __future__ import annotations

from services.tickets.model.state import Desk, desk_of
from shared.contracts.base import Event
from shared.directory import Directory
from shared.errors import Transient


class CurrentDesk:
    """The directory as the model takes it: one snapshot, made anew when something changed."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._desk: Desk | None = None
        directory.on_change(self._forget)

    def _forget(self, _: Event) -> None:
        self._desk = None

    def __call__(self) -> Desk:
        if self._desk is None:
            known = self._directory
            self._desk = desk_of(
                known.agents,
                known.teams,
                known.brands,
                known.roles,
                known.ticket_types,
                known.attributes,
                known.macros,
            )
        return self._desk

    async def whole(self) -> Desk:
        """Raises Transient until the directory is read: deciding without it would refuse known agents."""
        missing = self._directory.missing()
        if missing:
            raise Transient(missing)
        return self()
