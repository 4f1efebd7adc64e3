"""Which addresses we call when somebody typed them in, and which never. Decides; connects to nothing.

Private, loopback, link-local, metadata, multicast, carrier and embedded IPv4 ranges are refused (OWASP API7:2023,
CVE-2021-42091) unless a setting allows them.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import httpx

from shared.errors import FieldError, Invalid

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

PORTS = frozenset({80, 443, 8080, 8443})
"""Where web servers listen. A host in `outside_networks` may use any port."""
URL_LENGTH = 2000
_EMBEDDED = [
    ip_network(one)
    for one in ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "192.88.99.0/24")
]
"""Ranges that carry an IPv4 address inside (mapped, NAT64, 6to4, Teredo): a private one would hide in them."""
_METADATA = [ip_network(one) for one in ("168.63.129.16", "100.100.100.200", "192.0.0.0/24", "fd00:ec2::254")]
"""Clouds' own services at addresses that look public, or that some versions of Python take for public."""
_GLOBAL_V6 = ip_network("2000::/3")


def refusal(address: Address, allowed: Iterable[Network] = ()) -> str | None:
    """Why we do not connect to `address`; None when we do."""
    if any(address in network for network in allowed if network.version == address.version):
        return None
    if any(address in network for network in _METADATA if network.version == address.version):
        return f"{address} is a cloud's own service"
    if any(address in network for network in _EMBEDDED if network.version == address.version):
        return f"{address} is in a range that hides an IPv4 address"
    outside = address.is_global and not address.is_multicast and not address.is_reserved
    if isinstance(address, IPv6Address):
        outside = outside and address in _GLOBAL_V6
    return None if outside else f"{address} is not an address of the public internet"


def check_url(url: str, *, allowed: Sequence[Network] = (), path: str = "body.url") -> str:
    """The address as it will be called, or Invalid with what to mend. Names are not resolved here.

    https only; http where `allowed` names networks of one's own. A host written as a number in any notation
    (decimal, octal, hexadecimal, shortened, mapped) is looked at as what it means.
    """

    def refuse(message: str) -> Invalid:
        return Invalid("bad_url", message, (FieldError(path, message),))

    if len(url) > URL_LENGTH or not url.isprintable() or any(one.isspace() for one in url) or "\\" in url:
        raise refuse(f"Use an address of at most {URL_LENGTH} characters without spaces or backslashes.")
    try:
        read = httpx.URL(url)
        host = read.raw_host.decode("ascii")
    except (httpx.InvalidURL, ValueError):
        raise refuse("This is not a web address.") from None
    if read.scheme not in (("https", "http") if allowed else ("https",)):
        raise refuse("Use an https:// address.")
    if not host or "%" in host or read.userinfo or read.fragment:
        raise refuse("Use an address with a host and without user name, password, network zone or #fragment.")
    host = host.rstrip(".")
    literal = _literal(host)
    if literal is not None and (why := refusal(literal, allowed)):
        raise refuse(f"We do not call this address: {why}.")
    if (
        literal is None
        and not allowed
        and (host == "localhost" or host.endswith((".localhost", ".local", ".internal")))
    ):
        raise refuse("We do not call this address: it is not a name of the public internet.")
    if not 0 < _port(read) < 2**16:
        raise refuse("Use a port from 1 to 65535.")
    if _port(read) not in PORTS and not allowed:
        raise refuse(f"Use one of the ports {', '.join(str(one) for one in sorted(PORTS))}.")
    return str(read)


def _port(url: httpx.URL) -> int:
    return url.port if url.port is not None else 443 if url.scheme == "https" else 80


def _literal(host: str) -> Address | None:
    """What a host means that is written as a number: `2130706433`, `0177.1`, `0x7f000001` are 127.0.0.1."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return None
    return ip_address(str(found[0][4][0]).partition("%")[0])
