"""Who is calling, when proxies stand between: X-Forwarded-For is believed from named proxies only. Decides; no I/O.

A header that a client sends itself must not choose its own address, or every limit by address is void
(CVE-2026-34720, RFC 7239 §8.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.requests import HTTPConnection

Networks = Sequence[IPv4Network | IPv6Network]
MOST_HOPS = 20


def client_address(peer: str, forwarded: Sequence[str], trusted: Networks) -> str:
    """The last address on the way to us that is no trusted proxy.

    `forwarded` are the values of X-Forwarded-For in order, to which each proxy has added whom it was called by.
    """
    hops = [one.strip() for value in forwarded for one in value.split(",")][-MOST_HOPS:]
    found = peer
    while is_in(found, trusted) and hops:
        told = _address(hops.pop())
        if told is None:
            break  # a proxy of ours writes addresses: this is not its work
        found = told
    return found


def caller(request: HTTPConnection) -> str:
    """Whose attempts are counted together."""
    return network_of(request.client.host if request.client else "")


def network_of(host: str) -> str:
    """What counts as one caller: an address, or the /64 network of an IPv6 one."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else str(IPv6Network((address, 64), strict=False))
    return host


def _address(text: str) -> str | None:
    """An address that may carry a port (`1.2.3.4:80`, `[::1]:80`); None when it is none."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ip_address(text))
    except ValueError:
        return None


def is_in(text: str, networks: Networks) -> bool:
    try:
        address = ip_address(text)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in network for network in networks if network.version == address.version)
