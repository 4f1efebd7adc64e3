"""Each service's HTTP contract: committed as the code says, built without any server, safe to rely on."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest

from scripts import contracts

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module", params=contracts.SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def document(service: str) -> Iterator[dict[str, Any]]:
    """Built with every connection refused, so that building one is known to need no server."""

    def refuse(*_: object) -> None:
        raise AssertionError(f"building {service} connects somewhere")

    with patch.dict(os.environ), patch.object(socket.socket, "connect", refuse):
        yield contracts.openapi(service)


def test_the_committed_document_is_what_the_code_says(service: str, document: dict[str, Any]) -> None:
    path = contracts.DOCS / "openapi" / f"{service}.json"
    assert path.exists(), f"docs/openapi/{service}.json is missing: run `make contracts`"
    committed = json.loads(path.read_text())
    for kind in ("paths", "components"):
        assert set(committed.get(kind, {})) == set(document.get(kind, {})), "run `make contracts`"
    assert committed == document, f"docs/openapi/{service}.json is old: run `make contracts`"


def test_operation_ids_are_unique(document: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, _, operation in _operations(document)]
    assert len(ids) == len(set(ids))


def test_every_operation_says_what_a_refusal_looks_like(document: dict[str, Any]) -> None:
    for path, method, operation in _operations(document):
        assert "4XX" in operation["responses"], f"{method} {path}"


def test_request_bodies_refuse_unknown_fields(document: dict[str, Any]) -> None:
    """A misspelt field is refused, not ignored (shared.http.Body)."""
    schemas = document.get("components", {}).get("schemas", {})
    for path, method, operation in _operations(document):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        name = body.get("$ref", "").rsplit("/", 1)[-1]
        if name:
            assert schemas[name].get("additionalProperties") is False, f"{method} {path} takes any field in {name}"


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, operation
