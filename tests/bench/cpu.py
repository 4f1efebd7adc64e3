"""CPU seconds of programs while they work: on a machine that others use too, a truer guide than the clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import psutil

from tests.servers import Servers


def servers_here(servers: Servers) -> dict[str, psutil.Process]:
    """The processes behind MongoDB's and Kafka's ports, when they run on this machine."""
    addresses = {"mongod": servers.mongo.split("//")[-1].split("/")[0].split("@")[-1], "kafka": servers.kafka}
    ports = {name: int(one.split(",")[0].rsplit(":", 1)[-1]) for name, one in addresses.items()}
    found = {}
    for one in psutil.net_connections("tcp"):
        for name, port in ports.items():
            if one.status == psutil.CONN_LISTEN and one.pid and one.laddr and one.laddr.port == port:
                found[name] = psutil.Process(one.pid)
    return found


@dataclass(frozen=True)
class Spent:
    """CPU seconds of each program, by name, up to a moment."""

    seconds: Mapping[str, float]

    @classmethod
    def now(cls, processes: Mapping[str, psutil.Process]) -> Spent:
        """User and system time, children included."""
        return cls({name: _seconds(process) for name, process in processes.items()})

    def us_for_each(self, since: Spent, events: int) -> dict[str, float]:
        """Microseconds for each of the events that were done since."""
        return {name: (after - since.seconds[name]) / events * 1e6 for name, after in self.seconds.items()}


def _seconds(process: psutil.Process) -> float:
    everyone = [process, *process.children(recursive=True)]
    return float(sum(one.cpu_times().user + one.cpu_times().system for one in everyone))
