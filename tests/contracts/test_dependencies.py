"""What every request goes through runs on the event loop.

A plain `def` as a dependency or a route is run in a thread by FastAPI. Ours wait for nothing, so each cost a hand-over
to a thread and back, several for every request, which showed in the slowest pages of the inbox as soon as the machine
was busy.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from inspect import iscoroutinefunction
from unittest.mock import patch

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from scripts import contracts


def _routes(found: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    """Those of included routers too."""
    for one in found:
        if isinstance(one, APIRoute):
            yield one
        elif inner := getattr(one, "original_router", None):
            yield from _routes(inner.routes)


def _calls(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for inner in dependant.dependencies:
        yield from _calls(inner)


@pytest.mark.parametrize("service", contracts.SERVICES)
def test_no_request_is_handed_to_a_thread(service: str) -> None:
    with patch.dict(os.environ):
        routes = list(_routes(contracts.build(service).http.routes))
    for route in routes:
        for call in _calls(route.dependant):
            assert iscoroutinefunction(call) or iscoroutinefunction(type(call).__call__), (route.path, call)
    assert len(routes) > 5
