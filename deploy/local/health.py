"""Whether a started process serves: what is asked of each kind, and how."""

from __future__ import annotations

import socket
import urllib.request
from urllib.parse import urlsplit

from deploy.local.processes import Process

SERVICES = ("ingest", "tickets", "routing", "notifications")


def ready(process: Process) -> bool:
    """Services by their readiness, web servers by their first page, stores by their open port."""
    if process.address.startswith("http"):
        return answers(process.address + ("/health/ready" if process.name in SERVICES else "/"))
    address = urlsplit(process.address if "://" in process.address else f"//{process.address}")
    try:
        with socket.create_connection((address.hostname or "", address.port or 0), timeout=2):
            return True
    except OSError:
        return False


def answers(url: str, timeout_s: float = 2.0) -> bool:
    """Whether a GET is answered with a 2xx."""
    try:
        with urllib.request.urlopen(url, timeout=timeout_s) as answer:
            return 200 <= int(answer.status) < 300
    except (OSError, ValueError):
        return False
