"""The entries of the directory as dictionaries, and what callers ask of them. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shared.contracts.base import Event
from shared.contracts.directory import (
    AWAY_REASONS,
    AgentChanged,
    AppChanged,
    AttributeChanged,
    BrandChanged,
    DeskSettingsChanged,
    MacroChanged,
    RoleChanged,
    SegmentChanged,
    SigningKeyChanged,
    TeamChanged,
    TicketTypeChanged,
)

KINDS: dict[type[Event], tuple[str, str]] = {
    AgentChanged: ("agent", "agent_id"),
    TeamChanged: ("team", "team_id"),
    RoleChanged: ("role", "role_id"),
    BrandChanged: ("brand", "brand_id"),
    SigningKeyChanged: ("key", "key_id"),
    TicketTypeChanged: ("ticket_type", "type_id"),
    AttributeChanged: ("attribute", "attribute_id"),
    SegmentChanged: ("segment", "segment_id"),
    MacroChanged: ("macro", "macro_id"),
    DeskSettingsChanged: ("settings", "settings_id"),
    AppChanged: ("app", "app_id"),
}
"""(kind, field of the id): the Kafka key is `<kind>:<id>`."""


def key_of(event: Event) -> str:
    """The Kafka key of a directory event."""
    kind, field = KINDS[type(event)]
    return f"{kind}:{getattr(event, field)}"


class Known:
    """Its dictionaries are by id and always current; callers only read them."""

    def __init__(self) -> None:
        self.agents: dict[str, AgentChanged] = {}
        self.teams: dict[str, TeamChanged] = {}
        self.roles: dict[str, RoleChanged] = {}
        self.brands: dict[str, BrandChanged] = {}
        self.ticket_types: dict[str, TicketTypeChanged] = {}
        self.attributes: dict[str, AttributeChanged] = {}
        self.segments: dict[str, SegmentChanged] = {}
        self.macros: dict[str, MacroChanged] = {}
        self.settings: dict[str, DeskSettingsChanged] = {}
        self.apps: dict[str, AppChanged] = {}
        self.keys: dict[str, SigningKeyChanged] = {}
        self._kinds: dict[str, dict[str, Any]] = {
            "agent": self.agents,
            "team": self.teams,
            "role": self.roles,
            "brand": self.brands,
            "ticket_type": self.ticket_types,
            "attribute": self.attributes,
            "segment": self.segments,
            "macro": self.macros,
            "settings": self.settings,
            "app": self.apps,
            "key": self.keys,
        }
        self._callbacks: list[Callable[[Event], None]] = []

    def brand_of_address(self, address: str) -> BrandChanged | None:
        """The active brand whose mailbox this is; `name+anything@` counts as `name@` (RFC 5233)."""
        local, _, domain = address.lower().partition("@")
        plain = f"{local.partition('+')[0]}@{domain}"
        for brand in self.brands.values():
            if brand.active and any(one.address in (address.lower(), plain) for one in brand.addresses):
                return brand
        return None

    def brand_of_line(self, number: str) -> BrandChanged | None:
        """The active brand whose phone line (E.164) this is."""
        return next((brand for brand in self.brands.values() if brand.active and number in brand.lines), None)

    @property
    def away_reasons(self) -> tuple[str, ...]:
        """What is offered to who goes away."""
        known = self.settings.get("desk")
        return known.away_reasons if known else AWAY_REASONS

    def zone_of(self, brand_id: str) -> str:
        """A brand's time zone; UTC for one that is not known."""
        brand = self.brands.get(brand_id)
        return brand.time_zone if brand else "UTC"

    def members(self, team_id: str) -> list[AgentChanged]:
        """Active agents of a team, by id."""
        found = [agent for agent in self.agents.values() if agent.active and team_id in agent.team_ids]
        return sorted(found, key=lambda agent: agent.agent_id)

    def on_change(self, callback: Callable[[Event], None]) -> None:
        self._callbacks.append(callback)

    def learn(self, event: Event) -> None:
        """Take in one change; one that is older than what we know is passed over, and nobody is told."""
        if type(event) not in KINDS:
            return
        before = self.entry(key_of(event))
        if before is None or _seq(before) <= _seq(event):
            self.put(event)

    # ── by the Kafka key ─────────────────────────────────────────────────────────────────────────
    def is_key(self, key: str) -> bool:
        return key.partition(":")[0] in self._kinds

    def entry(self, key: str) -> Event | None:
        kind, _, id_ = key.partition(":")
        found: Event | None = self._kinds[kind].get(id_)
        return found

    def entries(self) -> dict[str, Event]:
        return {f"{kind}:{id_}": event for kind, known in self._kinds.items() for id_, event in known.items()}

    def put(self, event: Event) -> None:
        """So it is now, whatever was known before."""
        kind, field = KINDS[type(event)]
        self._kinds[kind][getattr(event, field)] = event
        self._tell(event)

    def forget(self, key: str) -> None:
        """It is gone; told with its last state."""
        kind, _, id_ = key.partition(":")
        event = self._kinds[kind].pop(id_, None)
        if event is not None:
            self._tell(event)

    def _tell(self, event: Event) -> None:
        for callback in self._callbacks:
            callback(event)


def _seq(event: Event) -> int:
    seq: int = event.seq  # type: ignore[attr-defined]  # every event of the directory has one
    return seq
