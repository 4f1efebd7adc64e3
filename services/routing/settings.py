"""What routing is told by its environment, beside what every service is told."""

from __future__ import annotations

from pydantic import Field

from shared.settings import Settings


class RoutingSettings(Settings):
    """`sweep_s`: how often waiting conversations are looked at even when nothing seems to have changed.
    `audit_s`: how often the loads in Redis are compared with what MongoDB says."""

    sweep_s: float = Field(default=5.0, gt=0)
    audit_s: float = Field(default=30.0, gt=0)
