"""A whole service in its smallest form, as a process: `python -m tests.integration.shared.service_program way`.

`slow` takes SLOW_S over each batch, `stuck` never finishes one; `plain` neither.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from typing import Any

from shared.http import http_app
from shared.service import Service, run
from shared.settings import Settings
from tests.integration.shared.pattern_service import Pattern
from tests.integration.shared.relay_program import quick_leases

SLOW_S = 3.0
WAY = sys.argv[1] if len(sys.argv) > 1 else "plain"


class Slow(Pattern):
    async def handle(self, everything: Sequence[Any]) -> None:
        print("batch in hand", flush=True)
        await asyncio.sleep({"slow": SLOW_S, "stuck": 3600.0}.get(WAY, 0.0))
        await super().handle(everything)


def build_app() -> Service:
    quick_leases()
    settings = Settings(drain_s=float(os.environ.get("DRAIN_S", "15")))
    pattern = Slow(settings)
    http = http_app(service="test", title="Test", about="A test.", settings=settings)

    @http.get("/slow")
    async def slow() -> str:
        print("request in hand", flush=True)
        await asyncio.sleep(SLOW_S)
        return "done"

    return Service(
        name="test",
        settings=settings,
        http=http,
        parts=[pattern.relay, pattern.consumer],
        prepare=[pattern.log.ensure_indexes],
        closing=[pattern.client.close],
    )


if __name__ == "__main__":
    run(build_app)
