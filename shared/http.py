"""The HTTP side of every service: one application factory, one form of error.

Errors are problem details (RFC 9457): `type`, `title`, `status`, `detail`, and our own `code` (stable),
`errors` ([{path, message}]) and `request_id`.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic_core import PydanticCustomError
from starlette.exceptions import HTTPException
from starlette.websockets import WebSocket

from shared import metrics, trace
from shared.errors import DomainError, FieldError, Overloaded, Unavailable, away_kinds, is_away
from shared.ids import random_id
from shared.logs import get_logger
from shared.proxies import Networks, client_address
from shared.settings import Settings

log = get_logger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
WebSockets = MutableMapping[str, Callable[[WebSocket], Awaitable[None]]]
"""By path, without `/api/<service>`."""

QUIET = ("/health", "/metrics")
MOST_ERRORS = 20
"""How many places of a body are named at once; a list of a thousand wrong addresses is told by its first ones."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _whole(sent: Any) -> Any:
    """JSON can carry half of a surrogate pair (RFC 8259 section 8.2). No database takes it: refused here, where who
    sent it is still there to mend it."""
    for place, text in _texts(sent, ()):
        try:
            text.encode()
        except UnicodeEncodeError:
            said = "{place} holds half of a character (a lone surrogate); please send it whole"
            raise PydanticCustomError("half_character", said, {"place": ".".join(place) or "it"}) from None
    return sent


def _texts(sent: Any, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text in what was JSON with its place, keys as texts of the object that has them."""
    match sent:
        case str() if not sent.isascii():
            yield place, sent
        case dict():
            for key, value in sent.items():
                yield from _texts(key, place)
                yield from _texts(value, (*place, str(key)))
        case list():
            for n, value in enumerate(sent):
                yield from _texts(value, (*place, str(n)))


WHOLE = BeforeValidator(_whole)
"""For a request's body that is no `Body`: what the topics carry too."""


class Body(BaseModel):
    """The base of request bodies: unknown fields are refused, so that a misspelt one is noticed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _texts_are_whole(cls, sent: Any) -> Any:
        return _whole(sent)


class Problem(BaseModel):
    """RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    errors: list[dict[str, str]] = []
    request_id: str = ""


_TITLES = {
    400: "Bad request",
    401: "Sign-in needed",
    403: "Not permitted",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    412: "Changed meanwhile",
    413: "Too large",
    415: "Kind of file not accepted",
    422: "Not valid",
    428: "Version needed",
    429: "Too many requests",
    500: "Internal error",
    503: "Not available right now",
}


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    fields: tuple[FieldError, ...] = (),
    headers: dict[str, str] | None = None,
    about: Mapping[str, Any] | None = None,
) -> JSONResponse:
    body = Problem(
        title=_TITLES.get(status, "Error"),
        status=status,
        detail=detail,
        code=code,
        errors=[{"path": one.path, "message": one.message} for one in fields],
        request_id=str(structlog.contextvars.get_contextvars().get("request_id", "")),
    )
    members = {**(about or {}), **body.model_dump()}
    return JSONResponse(members, status_code=status, media_type="application/problem+json", headers=headers)


class Envelope:
    """The outermost layer, plain ASGI: request id, trace, caller, size limit, security headers, access log, metrics.

    WebSockets go from here to who answers them: what FastAPI and Starlette put around a route is made for a request's
    moment, and would be held for as long as a socket is open, 10 KB of each [measured].
    """

    def __init__(
        self,
        app: Any,
        *,
        root_path: str,
        limit_bytes: int,
        larger: dict[str, int],
        websockets: WebSockets,
        trusted: Networks = (),
    ) -> None:
        self._app = app
        self._websockets = websockets
        self._trusted = trusted
        self._root_path = root_path
        self._limit_bytes = limit_bytes
        self._larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # With it, routes match with the prefix that browsers use and without (Starlette's get_route_path).
        scope["root_path"] = self._root_path
        if self._trusted and scope.get("client"):
            scope["client"] = self._client(scope)
        if scope["type"] == "websocket" and (opened := self._websocket(scope["path"])):
            await opened(WebSocket(scope, receive, send))
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"").decode("ascii", "ignore")
        request_id = given if 0 < len(given) <= 100 and given.isprintable() else random_id()
        caller = headers.get(b"traceparent", b"").decode("latin-1")
        with structlog.contextvars.bound_contextvars(request_id=request_id), trace.begun(caller, request_id):
            await self._answer(scope, receive, send, headers, request_id)

    def _websocket(self, path: str) -> Callable[[WebSocket], Awaitable[None]] | None:
        return self._websockets.get(path.removeprefix(self._root_path))

    def _client(self, scope: Scope) -> tuple[str, int]:
        """The real caller for all that counts by address, behind our own proxies; its port is not known there."""
        peer, port = scope["client"]
        forwarded = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
        address = client_address(peer, forwarded, self._trusted)
        return (address, port if address == peer else 0)

    async def _answer(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[bytes, bytes], request_id: str
    ) -> None:
        started = time.perf_counter()
        status, begun = 500, False

        async def answer(message: MutableMapping[str, Any]) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
                extra = [(b"x-request-id", request_id.encode())]
                if not any(name == b"x-content-type-options" for name, _ in message["headers"]):
                    extra.append((b"x-content-type-options", b"nosniff"))
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        limit = self._limit_of(scope["path"])
        length = headers.get(b"content-length", b"")
        try:
            if length.isdigit() and int(length) > limit:
                refusal = problem(413, "too_large", f"The request is larger than {limit:,} bytes.")
                await refusal(scope, receive, answer)
            else:
                await self._app(scope, _bounded(receive, limit), answer)
        except Exception as error:
            # Here rather than in an exception handler: those of Exception answer outside of this layer, without the id.
            log.error("request failed", exc_info=error)
            if begun:
                raise
            told = "Something went wrong on our side. The request id helps us to find it."
            await problem(500, "internal", told)(scope, receive, answer)
        finally:
            self._report(scope, status, time.perf_counter() - started)

    def _limit_of(self, path: str) -> int:
        return next((size for end, size in self._larger.items() if path.endswith(end)), self._limit_bytes)

    def _report(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        method = scope["method"] if scope["method"] in METHODS else "other"
        metrics.http_requests.labels(method, route, str(status)).inc()
        metrics.http_seconds.labels(method, route).observe(seconds)
        if not scope["path"].startswith(QUIET):
            log.info("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))


def _bounded(receive: Receive, limit: int) -> Receive:
    """A body without Content-Length is counted as it comes."""
    got = 0

    async def bounded() -> MutableMapping[str, Any]:
        nonlocal got
        message = await receive()
        got += len(message.get("body", b""))
        if got > limit:
            raise HTTPException(413, f"The request is larger than {limit:,} bytes.")
        return message

    return bounded


def http_app(
    *, service: str, title: str, about: str, settings: Settings, larger: dict[str, int] | None = None
) -> FastAPI:
    """The application. Routes are declared without `/api/<service>` and are reachable with and without it.

    `larger` allows bigger bodies by the end of a path: {"/attachments": 26_214_400}. Who answers WebSockets enters
    itself in `state.websockets`.
    """
    app = FastAPI(
        title=title,
        description=about,
        version="1",
        servers=[{"url": f"/api/{service}"}],
        docs_url="/docs",
        redoc_url=None,
        responses={"4XX": {"model": Problem, "description": "A problem (RFC 9457) that says what and how to mend it"}},
    )
    app.state.websockets = {}
    app.add_middleware(
        Envelope,
        root_path=f"/api/{service}",
        limit_bytes=settings.http_limit_bytes,
        larger=larger or {},
        websockets=app.state.websockets,
        trusted=settings.trusted_proxies,
    )
    _answer_errors(app)

    @app.get("/metrics", include_in_schema=False)
    async def prometheus() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return app


def refusal(error: Mapping[str, Any]) -> str:
    """What pydantic refused, for who fills in a form: what is left empty is the commonest of it.

    https://docs.pydantic.dev/latest/errors/validation_errors/"""
    about = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return "is needed"
        case "string_too_short" if about["min_length"] == 1:
            return "is needed"
        case "string_too_short":
            return f"has at least {about['min_length']:,} characters"
        case "string_too_long":
            return f"has at most {about['max_length']:,} characters"
        case _:
            return str(error["msg"])


def _answer_errors(app: FastAPI) -> None:
    @app.exception_handler(DomainError)
    async def refused(_: Request, error: DomainError) -> JSONResponse:
        headers = {"Retry-After": "5"} if isinstance(error, Overloaded | Unavailable) else None
        return problem(error.status, error.code, error.message, fields=error.fields, headers=headers, about=error.about)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        fields = tuple(
            FieldError(".".join(str(part) for part in one["loc"]), refusal(one)) for one in error.errors()[:MOST_ERRORS]
        )
        said = f"{fields[0].path}: {fields[0].message}" if fields else "The request is not valid."
        return problem(422, "invalid", said, fields=fields)

    @app.exception_handler(HTTPException)
    async def plain(_: Request, error: HTTPException) -> JSONResponse:
        code = _TITLES.get(error.status_code, "error").lower().replace(" ", "_")
        return problem(error.status_code, code, str(error.detail), headers=dict(error.headers or {}))

    async def away(_: Request, error: Exception) -> JSONResponse:
        if not is_away(error):
            raise error
        log.warning("a server is away", error=repr(error)[:300])
        return problem(503, "away", "A server is not reachable; please try again.", headers={"Retry-After": "2"})

    for kind in away_kinds():
        app.add_exception_handler(kind, away)
