"""The HTTP side of every service: each refusal is a problem that says what it is and how to mend it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Annotated, Any

import pytest
import pytest_asyncio
from fastapi import FastAPI, Request
from httpx import ASGITransport, AsyncClient, Response
from prometheus_client import REGISTRY
from pydantic import Field
from pymongo.errors import AutoReconnect
from redis.exceptions import ConnectionError as RedisConnectionError

from shared import mongo, redis  # noqa: F401  they say which of their errors mean that a server is away
from shared.access import CurrentViewer
from shared.errors import (
    Conflict,
    FieldError,
    Forbidden,
    Invalid,
    NotFound,
    Overloaded,
    Transient,
    Unauthenticated,
)
from shared.http import Body, http_app
from shared.settings import Settings


class Nested(Body):
    size: Annotated[int, Field(le=5)]


class Question(Body):
    name: Annotated[str, Field(min_length=1, max_length=20)]
    nested: tuple[Nested, ...] = ()


RAISED: dict[str, Exception] = {
    "not-found": NotFound("conversation_not_found", "There is no such conversation."),
    "forbidden": Forbidden("not_permitted", "Ask an admin."),
    "unauthenticated": Unauthenticated("no_token", "Please sign in."),
    "conflict": Conflict("newer_message", "The customer wrote again."),
    "invalid": Invalid("bad_rule", "A field is wrong.", (FieldError("when.0.field", "Use one of: subject."),)),
    "overloaded": Overloaded("too_busy", "Try again."),
    "transient": Transient("MongoDB: away at mongodb://user:hunter2@host"),
    "mongo": AutoReconnect("mongodb://user:hunter2@host: connection refused"),
    "redis": RedisConnectionError("redis://:hunter2@host refused"),
    "bug": ZeroDivisionError("the customer's own words"),
}
EXPECTED = {
    "not-found": (404, "conversation_not_found"),
    "forbidden": (403, "not_permitted"),
    "unauthenticated": (401, "no_token"),
    "conflict": (409, "newer_message"),
    "invalid": (422, "bad_rule"),
    "overloaded": (429, "too_busy"),
    "transient": (503, "away"),
    "mongo": (503, "away"),
    "redis": (503, "away"),
    "bug": (500, "internal"),
}


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    made = http_app(service="test", title="Test", about="A test.", settings=settings, larger={"/large": 5000})

    @made.get("/raise/{way}")
    async def fail(way: str) -> None:
        raise RAISED[way]

    @made.post("/ask")
    async def ask(question: Question) -> str:
        return question.name

    @made.post("/large")
    @made.post("/raw")
    async def raw(request: Request) -> int:
        return len(await request.body())

    @made.get("/me")
    async def me(viewer: CurrentViewer) -> str:
        return viewer.name

    return made


@pytest_asyncio.fixture
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://test") as made:
        yield made


def problem(answer: Response, status: int, code: str) -> dict[str, Any]:
    """The answer's body, checked to be a whole problem (RFC 9457)."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert (body["type"], body["status"], body["code"]) == ("about:blank", status, code)
    assert body["title"]
    assert body["detail"]
    assert body["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    return body


@pytest.mark.parametrize("way", RAISED)
async def test_every_error_is_a_problem(client: AsyncClient, way: str) -> None:
    answer = await client.get(f"/raise/{way}")
    body = problem(answer, *EXPECTED[way])
    assert "hunter2" not in answer.text
    assert "own words" not in answer.text
    assert ("retry-after" in answer.headers) == (answer.status_code in {429, 503})
    assert bool(body["errors"]) == (way == "invalid")


async def test_the_place_of_a_wrong_field_is_named(client: AsyncClient) -> None:
    body = problem(await client.post("/raise/x", json={}), 405, "method_not_allowed")
    body = problem(await client.post("/ask", json={"name": "x", "nested": [{"size": 6}]}), 422, "invalid")
    assert body["errors"] == [
        {"path": "body.nested.0.size", "message": "Input should be less than or equal to 5"},
    ]
    assert "body.nested.0.size" in body["detail"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [({}, "is needed"), ({"name": ""}, "is needed"), ({"name": "x" * 21}, "has at most 20 characters")],
)
async def test_what_is_left_empty_or_too_long_is_said_in_plain_words(
    client: AsyncClient, asked: dict[str, Any], said: str
) -> None:
    body = problem(await client.post("/ask", json={"nested": [], **asked}), 422, "invalid")
    assert body["errors"] == [{"path": "body.name", "message": said}]


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ('{"name": "\\ud800"}', "name"),
        ('{"name": "x", "nested": [{"size": 1}, {"size": "a\\udfff"}]}', "nested.1.size"),
        ('{"name": "x", "\\ud800": {"a": 1}}', "it"),
        ('{"name": "x", "nested": {"\\udc00\\ud800": ["\\ud800"]}}', "nested"),
    ],
)
async def test_half_a_character_is_refused_with_its_place(client: AsyncClient, asked: str, place: str) -> None:
    headers = {"Content-Type": "application/json"}
    body = problem(await client.post("/ask", content=asked, headers=headers), 422, "invalid")
    assert body["errors"] == [
        {"path": "body", "message": f"{place} holds half of a character (a lone surrogate); please send it whole"}
    ]


async def test_a_whole_pair_is_a_character(client: AsyncClient) -> None:
    sent = '{"name": "\\ud83d\\ude00"}'
    assert (await client.post("/ask", content=sent, headers={"Content-Type": "application/json"})).status_code == 200


async def test_of_a_thousand_wrong_places_the_first_are_named(client: AsyncClient) -> None:
    body = problem(await client.post("/ask", json={"name": "x", "nested": [{}] * 50}), 422, "invalid")
    assert [one["path"] for one in body["errors"]] == [f"body.nested.{n}.size" for n in range(20)]


async def test_an_unknown_field_is_refused_by_name(client: AsyncClient) -> None:
    body = problem(await client.post("/ask", json={"name": "x", "colour": "red"}), 422, "invalid")
    assert [one["path"] for one in body["errors"]] == ["body.colour"]


async def test_a_refused_value_is_not_repeated(client: AsyncClient) -> None:
    answer = await client.post("/ask", json={"name": {"secret": "hunter2"}})
    problem(answer, 422, "invalid")
    assert "hunter2" not in answer.text


@pytest.mark.parametrize("raw", [b"{", b"", b"\xff", b"[" * 900, b"null"])
async def test_a_body_that_is_no_json_is_a_problem(client: AsyncClient, raw: bytes) -> None:
    answer = await client.post("/ask", content=raw, headers={"content-type": "application/json"})
    assert answer.status_code in {400, 422}
    problem(answer, answer.status_code, answer.json()["code"])


async def test_a_path_that_is_not_there_is_a_problem(client: AsyncClient) -> None:
    problem(await client.get("/nowhere"), 404, "not_found")


async def test_routes_answer_with_and_without_the_prefix(client: AsyncClient) -> None:
    for path in ("/ask", "/api/test/ask"):
        assert (await client.post(path, json={"name": "ann"})).json() == "ann"
    problem(await client.post("/api/other/ask", json={"name": "ann"}), 404, "not_found")


async def test_a_request_without_a_token_is_a_problem(client: AsyncClient) -> None:
    for headers in ({}, {"authorization": "Basic YTpi"}, {"authorization": "Bearer"}):
        problem(await client.get("/me", headers=headers), 401, "no_token")


# ── size ─────────────────────────────────────────────────────────────────────────────────────────
async def _chunks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * 100


@pytest.mark.parametrize("path", ["/raw", "/ask"])
async def test_a_body_that_is_too_large_is_refused_whether_it_says_so_or_not(client: AsyncClient, path: str) -> None:
    json = {"content-type": "application/json"}
    problem(await client.post(path, content=b"x" * 1001, headers=json), 413, "too_large")
    problem(await client.post(path, content=_chunks(11), headers=json), 413, "too_large")


async def test_a_body_of_the_limit_is_taken(client: AsyncClient) -> None:
    assert (await client.post("/raw", content=b"x" * 1000)).json() == 1000
    assert (await client.post("/raw", content=_chunks(10))).json() == 1000


async def test_some_paths_take_more(client: AsyncClient) -> None:
    assert (await client.post("/large", content=b"x" * 5000)).json() == 5000
    problem(await client.post("/api/test/large", content=b"x" * 5001), 413, "too_large")


# ── request ids, metrics ─────────────────────────────────────────────────────────────────────────
async def test_a_request_keeps_its_id_or_gets_one(client: AsyncClient) -> None:
    assert (await client.get("/nowhere", headers={"x-request-id": "abc-1"})).headers["x-request-id"] == "abc-1"
    for odd in ("x" * 101, "", "a\x01b", "é"):
        answer = await client.get("/nowhere", headers={"x-request-id": odd.encode()})
        assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["x-request-id"]), odd
    ids = {(await client.get("/nowhere")).headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3


async def test_metrics_name_routes_never_paths_or_strange_methods(client: AsyncClient) -> None:
    """Otherwise anybody could fill the memory of whoever scrapes us."""
    await client.get("/raise/not-found")
    await client.get("/secret-path-1")
    await client.request("BREW", "/ask")
    labels = [sample.labels for metric in REGISTRY.collect() for sample in metric.samples if "route" in sample.labels]
    assert {"method": "GET", "route": "/raise/{way}", "status": "404"} in labels
    assert not [one for one in labels if "secret" in one["route"] or one["method"] == "BREW"]
    assert "switchboard_http_requests_total" in (await client.get("/metrics")).text
