"""Fixtures for every test: the real servers, a name space of one's own, the running desk and a browser."""

from tests.desk import desk
from tests.servers import namespace, servers
from tests.tabs import browser, context, page, signed_in

__all__ = ["browser", "context", "desk", "namespace", "page", "servers", "signed_in"]
