"""Whose address counts: what a client writes into X-Forwarded-For never does."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from shared.proxies import caller, client_address

TRUSTED = [ip_network("10.0.3.0/24"), ip_network("fd00:1::/64")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["1.2.3.4"], "203.0.113.9"),  # nobody we know: what it says is its own invention
        ("10.0.3.7", [], "10.0.3.7"),
        ("10.0.3.7", ["198.51.100.4"], "198.51.100.4"),
        ("10.0.3.7", ["1.2.3.4, 198.51.100.4"], "198.51.100.4"),  # the client wrote the first one
        ("10.0.3.7", ["1.2.3.4", "198.51.100.4"], "198.51.100.4"),
        ("10.0.3.7", ["198.51.100.4, 10.0.3.8"], "198.51.100.4"),  # two proxies of ours
        ("10.0.3.7", ["198.51.100.4:5012"], "198.51.100.4"),
        ("10.0.3.7", ["[2001:db8::1]:5012"], "2001:db8::1"),
        ("10.0.3.7", ["2001:db8::1"], "2001:db8::1"),
        ("10.0.3.7", ["1.2.3.4, unknown"], "10.0.3.7"),
        ("10.0.3.7", [""], "10.0.3.7"),
        ("::ffff:10.0.3.7", ["198.51.100.4"], "198.51.100.4"),
        ("fd00:1::5", ["198.51.100.4"], "198.51.100.4"),
        ("unix", ["198.51.100.4"], "unix"),
    ],
)
def test_the_callers_address(peer: str, forwarded: list[str], found: str) -> None:
    assert client_address(peer, forwarded, TRUSTED) == found


@given(st.lists(st.text(max_size=60)), st.ip_addresses(v=4))
def test_nothing_before_the_last_proxy_matters(invented: list[str], real: object) -> None:
    """A client may write any header: our proxy adds whom it was called by, and that is who counts."""
    address = ip_address(str(real))
    if address in TRUSTED[0]:
        return
    assert client_address("10.0.3.7", [*invented, str(real)], TRUSTED) == str(real)
    assert client_address(str(real), invented, TRUSTED) == str(real)


@pytest.mark.parametrize(
    ("host", "who"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("testclient", "testclient"),
    ],
)
def test_who_is_counted_together(host: str, who: str) -> None:
    assert caller(Request({"type": "http", "client": (host, 1), "headers": []})) == who
