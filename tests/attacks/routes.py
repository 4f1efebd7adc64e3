"""Every HTTP route of the running services, from their own OpenAPI, and bodies that fit. Knows no route by name."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

SERVICES = ("ingest", "tickets", "routing", "notifications")

_BY_PATTERN = {
    "^#[0-9a-fA-F]{6}$": "#123456",
    r"^\+[0-9]{5,15}$": "+13105550100",
    "^[a-z0-9][a-z0-9-]{0,49}$": "whatsapp",
    "^[a-z0-9][a-z0-9-]{0,99}$": "some-slug",
    r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$": "09:00",
}
_BY_NAME = {"email": "ann@customer.example", "address": "ann@customer.example", "url": "https://hooks.example.com/x"}
_BY_FORMAT = {"date-time": "2030-01-01T09:00:00Z", "uuid": "0b0e5a4c-6a3f-4f7e-9a68-0f3d7a1c2b5d"}


@dataclass(frozen=True)
class Route:
    """`path` as OpenAPI has it, without the service's prefix; `body` is the schema of its JSON body. `needed`: what of
    the query must be given, which are texts."""

    service: str
    method: str
    path: str
    body: dict[str, Any] | None = None
    upload: bool = False
    query: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    schemas: dict[str, Any] = field(default_factory=dict, compare=False, hash=False)

    @property
    def name(self) -> str:
        return f"{self.service} {self.method} {self.path}"

    @property
    def ids(self) -> tuple[str, ...]:
        """The names of what stands in braces."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))

    def address(self, **ids: str) -> str:
        """Where it answers behind one origin; what is not given is an id of nothing."""
        parts = [ids.get(one[1:-1], "nothing") if one.startswith("{") else one for one in self.path.split("/")]
        return f"/api/{self.service}{'/'.join(parts)}"

    def sample(self, **given: Any) -> dict[str, Any] | None:
        """A body that fits, with the required fields and the given ones."""
        return {**sample(self.body, self.schemas), **given} if self.body else None

    def fields(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every named field of the body at any depth: (name, schema)."""
        yield from _fields(self.body, self.schemas, frozenset()) if self.body else ()

    def request(self, **ids: str) -> dict[str, Any]:
        """For httpx: method, address, and a query and a body that fit."""
        request: dict[str, Any] = {"method": self.method, "url": self.address(**ids)}
        if self.needed:
            request["params"] = dict.fromkeys(self.needed, "something")
        if self.upload:
            request["files"] = {"file": ("a.txt", b"hello", "text/plain")}
        elif self.body is not None:
            request["json"] = self.sample()
        return request


def all_routes(services: dict[str, str]) -> list[Route]:
    """`services`: where each answers by itself."""
    found = []
    for service, url in services.items():
        document = httpx.get(f"{url}/openapi.json", timeout=60).raise_for_status().json()
        schemas = document.get("components", {}).get("schemas", {})
        for path, methods in document["paths"].items():
            for method, route in methods.items():
                content = route.get("requestBody", {}).get("content", {})
                body = resolved(content.get("application/json", {}).get("schema"), schemas)
                asked = [one for one in route.get("parameters", ()) if one["in"] == "query"]
                query = tuple(one["name"] for one in asked)
                needed = tuple(one["name"] for one in asked if one.get("required"))
                upload = "multipart/form-data" in content
                found.append(Route(service, method.upper(), path, body, upload, query, needed, schemas))
    return found


def resolved(schema: dict[str, Any] | None, schemas: dict[str, Any]) -> dict[str, Any] | None:
    """The schema with its own properties, behind a $ref or not; None for a body that is not described."""
    while schema and "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    return schema if schema and "properties" in schema else None


def sample(schema: dict[str, Any], schemas: dict[str, Any], name: str = "") -> Any:
    """A value that a schema takes: the shortest one."""
    if "$ref" in schema:
        return sample(schemas[schema["$ref"].rpartition("/")[2]], schemas, name)
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return sample(schema[several][0], schemas, name)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            required = schema.get("required", ())
            return {one: sample(schema["properties"][one], schemas, one) for one in required}
        case "array":
            return [sample(schema["items"], schemas, name) for _ in range(max(schema.get("minItems", 0), 1))]
        case "string":
            return _text(schema, name)
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
    return None


def _text(schema: dict[str, Any], name: str) -> str:
    known = _BY_PATTERN.get(schema.get("pattern", "")) or _BY_FORMAT.get(schema.get("format", "")) or _BY_NAME.get(name)
    return known or "x" * max(schema.get("minLength", 1), 1)


def _fields(schema: Any, schemas: dict[str, Any], seen: frozenset[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    if not isinstance(schema, dict):
        return
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in seen:
            yield from _fields(schemas[name], schemas, seen | {name})
        return
    for name, one in schema.get("properties", {}).items():
        yield name, one
        yield from _fields(one, schemas, seen)
    inside = itertools.chain(
        *(schema.get(several, ()) for several in ("anyOf", "oneOf", "allOf")), [schema.get("items")]
    )
    for one in inside:
        yield from _fields(one, schemas, seen)
