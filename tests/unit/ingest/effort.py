"""How hard the fuzzers try: SWITCHBOARD_FUZZ=50 tries fifty times as many examples as a check does."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

TIMES = int(os.environ.get("SWITCHBOARD_FUZZ", "1"))


def effort(examples: int) -> settings:
    return settings(max_examples=examples * TIMES, suppress_health_check=list(HealthCheck))
