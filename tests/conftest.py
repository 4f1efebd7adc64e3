"""Fixtures for every test: the real servers, a name space of one's own, and the running desk."""

from tests.servers import namespace, servers

__all__ = ["namespace", "servers"]
