"""Which ports this checkout uses: asked for, else remembered, else the usual or the next free.

Loopback only. Who holds a port is read from /proc, so that an error can say it.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path

from deploy.local.errors import LaunchError

HOST = "127.0.0.1"
OUTSIDE = "127.0.0.3"
"""This machine as the one part of it that may be called as others are, for images, apps and webhooks: tests put
strangers' servers there."""
MAIL_SERVER = "mx.switchboard.example"
"""The mail server in front of a local desk: whose word on a sender is believed (RFC 8601)."""
SEARCH = 400
# name: (usual port, the process that listens on it)
PORTS = {
    "kafka": (9092, "kafka"),
    "kafka-controller": (9093, "kafka"),
    "mongo": (27017, "mongo"),
    "redis": (6379, "redis"),
    "smtp": (2525, "ingest"),
    "smtp-sink": (2526, "smtp-sink"),
    "smtp-sink-http": (2580, "smtp-sink"),
    "aircall": (2590, "aircall"),
    "sign-in": (2591, "sign-in"),
    "ingest": (8001, "ingest"),
    "tickets": (8002, "tickets"),
    "routing": (8003, "routing"),
    "notifications": (8004, "notifications"),
    "web": (8080, "web"),
    "messenger": (8081, "messenger"),
    "shop": (8082, "shop"),
}


def is_free(port: int, host: str = HOST) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def any_free(count: int) -> list[int]:
    """`count` different ports that nobody listens on, chosen by the system."""
    probes = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((HOST, 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def owner(port: int) -> str:
    """Who listens on a port, as far as this user may see: 'redis-server (process 123)'."""
    inode = _listening_inode(port)
    wanted = f"socket:[{inode}]"
    for process in Path("/proc").glob("[0-9]*") if inode else ():
        try:
            if any(os.readlink(fd) == wanted for fd in (process / "fd").iterdir()):
                name = (process / "comm").read_text().strip()
                return f"{name} (process {process.name})"
        except OSError:
            continue
    return "another program"


def _listening_inode(port: int) -> str | None:
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            fields = row.split()
            if fields[3] == "0A" and int(fields[1].rsplit(":", 1)[1], 16) == port:
                return fields[9]
    return None


def variable(name: str) -> str:
    """The environment variable that chooses a port: SWITCHBOARD_PORT_WEB."""
    return f"SWITCHBOARD_PORT_{name.upper().replace('-', '_')}"


class Ports:
    """The choices of one checkout, kept in a JSON file between runs."""

    def __init__(self, file: Path, environ: Mapping[str, str] = os.environ) -> None:
        self.file = file
        self.environ = environ
        try:
            self.kept: dict[str, int] = json.loads(file.read_text())
        except (OSError, ValueError):
            self.kept = {}
        self.chosen: dict[str, int] = {}

    def choose(self, name: str, usual: int, held: bool = False) -> int:
        """The port for `name`; `held` says that our own running process listens on the kept one."""
        asked = self.environ.get(variable(name))
        if asked:
            port = self._asked(name, asked, held)
        elif held and name in self.kept:
            port = self.kept[name]
        else:
            port = self._next_free(name, usual)
        self.chosen[name] = port
        return port

    def save(self) -> None:
        self.kept = {**self.kept, **self.chosen}
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps(self.kept, indent=1))

    def _asked(self, name: str, asked: str, held: bool) -> int:
        if not asked.isdigit() or not 0 < int(asked) < 65536:
            raise LaunchError(f"{variable(name)}={asked} is not a port number (1 to 65535).")
        port = int(asked)
        if held and self.kept.get(name) == port:
            return port
        if port in self.chosen.values():
            raise LaunchError(f"{variable(name)}={port} is already given to another part of Switchboard.")
        if not is_free(port):
            raise LaunchError(
                f"Port {port} for {name} is taken by {owner(port)}; "
                f"choose another with {variable(name)}=… or unset it to have a free one chosen."
            )
        return port

    def _next_free(self, name: str, usual: int) -> int:
        first = self.kept.get(name, usual)
        reserved = set(self.chosen.values()) | {p for n, p in self.kept.items() if n != name}
        candidates: list[int] = [first, *range(usual, usual + SEARCH)]
        for port in candidates:
            if (port not in reserved or port == self.kept.get(name)) and is_free(port):
                return port
        raise LaunchError(
            f"No free port for {name} from {usual} to {usual + SEARCH}; choose one with {variable(name)}=…"
        )
