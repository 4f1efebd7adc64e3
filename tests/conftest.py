"""Fixtures for every test: the real servers, a name space of one's own, the running desk and a browser."""

from hypothesis import HealthCheck, settings

from tests.desk import desk
from tests.servers import namespace, servers
from tests.tabs import browser, context, page, signed_in

__all__ = ["browser", "context", "desk", "namespace", "page", "servers", "signed_in"]

# A busy machine is not a fault: how long an example takes, or is in the making, fails no test.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
