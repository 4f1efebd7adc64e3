"""What the audit makes of its programs' answers: holes, none, and nobody to ask, which is never "none"."""

from __future__ import annotations

import json
from typing import Any

import pytest

from scripts.audit import Found, npm_found, pip_found

HOLE = {"id": "PYSEC-1", "fix_versions": ["1.1"]}


def packages(*found: dict[str, Any]) -> str:
    return json.dumps({"dependencies": [{"name": "a", "version": "1.0", **one} for one in found]})


@pytest.mark.parametrize(
    ("said", "problems", "tried"),
    [
        (packages({"vulns": []}), (), True),
        (packages({"vulns": [HOLE]}, {"vulns": []}), ("a 1.0: PYSEC-1, mended in 1.1",), True),
        (packages({"skip_reason": "not found"}, {"skip_reason": "not found"}), (), False),
        (packages({"skip_reason": "not found"}, {"vulns": [HOLE]}), ("a 1.0: PYSEC-1, mended in 1.1",), False),
        ("", (), False),
        ("{}", (), False),
    ],
)
def test_python_packages(said: str, problems: tuple[str, ...], tried: bool) -> None:
    found = pip_found(said, "ConnectionError: no route")
    assert (found.problems, not found.untried) == (problems, tried)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ('{"vulnerabilities": {}}', Found()),
        (
            '{"vulnerabilities": {"a": {"severity": "high", "via": [{"title": "ReDoS"}, "b"]}}}',
            Found(("a: high, ReDoS, through b",)),
        ),
        ('{"error": {"summary": "405"}}', Found(untried="npm's advisories can't be asked: 405")),
        ('{"message": "no"}', Found(untried="npm's advisories can't be asked: no")),
        ("", Found(untried="npm's advisories can't be asked: npm did not answer")),
    ],
)
def test_browser_packages(said: str, found: Found) -> None:
    assert npm_found(said) == found
