"""Which open transactions nobody is behind any more."""

from __future__ import annotations

from typing import Any

import pytest

from shared.orphans import orphans_in

OPEN = {"autocommit": False}


def session(client: str | None, transaction: dict[str, Any] | None = OPEN, id_: str = "s1") -> dict[str, Any]:
    found: dict[str, Any] = {"type": "idleSession", "lsid": {"id": id_}, "transaction": transaction}
    return found | ({"client": client} if client else {})


def connection(client: str) -> dict[str, Any]:
    return {"type": "op", "client": client}


@pytest.mark.parametrize(
    ("operations", "found"),
    [
        ([], []),
        ([session("10.0.0.1:5000")], ["s1"]),
        ([session("10.0.0.1:5000"), connection("10.0.0.1:5000")], []),
        ([connection("10.0.0.1:5001"), session("10.0.0.1:5000")], ["s1"]),
        ([session("10.0.0.1:5000", transaction=None)], []),
        ([session("10.0.0.1:5000", transaction={})], []),
        ([session(None)], []),
        ([{"type": "op"}, {"type": "idleCursor", "client": "10.0.0.1:5000"}, session("10.0.0.1:5000")], []),
        ([session("a:1", id_="one"), session("a:2", id_="two"), connection("a:2")], ["one"]),
    ],
)
def test_a_transaction_is_an_orphan_when_its_connection_is_gone(
    operations: list[dict[str, Any]], found: list[str]
) -> None:
    assert orphans_in(operations) == found
