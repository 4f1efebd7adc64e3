"""A stand-in for Aircall, written from its public documentation (https://developer.aircall.io/api-references): users,
availability, starting a call, errors, the rate limit, and the webhooks that all this causes.

In a test: `with Aircall(users=…, lines=…) as aircall`. As a program, for the demo desk: `python -m
tests.standins.aircall --port … --accounts FILE --lines …`. What a person does in Aircall's own app, and what goes wrong
there, is told to it under `/standin`, which the real one does not have.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import httpx

HOST = "127.0.0.1"
SUBSTATUSES = frozenset({"out_for_lunch", "on_a_break", "in_training", "doing_back_office", "other"})
LIMIT_PER_MINUTE = 120
WINDOW_S = 60.0


class Aircall:
    """One company. `users` is email → name, `lines` E.164. `webhook` is where its webhooks go, if anywhere.

    `rings_s`: how long a call rings before it ends unanswered. `answers` are answers to the next requests to start a
    call, instead of the usual one: (status, headers); `hang` holds back its answers until it is set.
    """

    def __init__(
        self,
        users: Mapping[str, str],
        lines: Sequence[str],
        *,
        port: int = 0,
        api_id: str = "id",
        api_token: str = "token",
        webhook: str = "",
        webhook_token: str = "",
        rings_s: float = 2.0,
        limit_per_minute: int = LIMIT_PER_MINUTE,
    ) -> None:
        self.numbers = [
            {"id": 100 + n, "name": f"Line {n}", "digits": line, "country": "US", "time_zone": "America/New_York"}
            for n, line in enumerate(lines)
        ]
        self.users = {
            500 + n: {
                "id": 500 + n,
                "name": name,
                "email": email,
                "available": True,
                "availability_status": "available",
                "substatus": "always_opened",
                "time_zone": "America/New_York",
                "language": "en-US",
            }
            for n, (email, name) in enumerate(users.items())
        }
        self.answers: deque[tuple[int, dict[str, str]]] = deque()
        self.hang: threading.Event | None = None
        self.started: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str]] = []
        self._authorization = "Basic " + base64.b64encode(f"{api_id}:{api_token}".encode()).decode()
        self._webhook, self._webhook_token, self._rings_s = webhook, webhook_token, rings_s
        self._limit, self._times = limit_per_minute, deque[float]()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer((HOST, port), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://{HOST}:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.hang:
            self.hang.set()
        self._server.shutdown()
        self._server.server_close()

    def serve(self) -> None:
        self._server.serve_forever()

    # ── what people do in Aircall's app ──────────────────────────────────────────────────────────
    def user(self, email: str) -> dict[str, Any]:
        return next(one for one in self.users.values() if one["email"] == email)

    def choose(self, email: str, status: str, substatus: str = "") -> None:
        """Somebody sets their own availability in the app."""
        self._set(self.user(email), status, substatus)

    # ── the API ──────────────────────────────────────────────────────────────────────────────────
    def answer(
        self, method: str, target: str, headers: Mapping[str, str], body: Any
    ) -> tuple[int, dict[str, str], Any]:
        url = urlsplit(target)
        path = url.path.strip("/").split("/")
        if path[0] == "standin":
            return self._standin(method, path[1:], body)
        if path == [""]:
            return 200, {}, {"resource": "Aircall, a stand-in"}
        with self._lock:
            self.asked.append((method, url.path))
        if headers.get("Authorization") != self._authorization:
            return 403, {}, {"error": "Forbidden", "troubleshoot": "Check your API ID and API token."}
        if (limited := self._limited()) is not None:
            return 429, limited, {"error": "Too Many Requests", "troubleshoot": "Wait for the limit's reset."}
        match [method, *path]:
            case ["GET", "v1", "ping"]:
                return 200, {}, {"ping": "pong"}
            case ["GET", "v1", "users"]:
                return 200, {}, self._page(parse_qs(url.query))
            case [_, "v1", "users", user_id, *rest]:
                user = self.users.get(int(user_id)) if user_id.isdigit() else None
                return self._of_user(method, user, rest, body if isinstance(body, dict) else {})
        return 404, {}, {"error": "Not Found"}

    def _page(self, query: Mapping[str, list[str]]) -> dict[str, Any]:
        page, per_page = (int(query.get(name, [usual])[0]) for name, usual in (("page", "1"), ("per_page", "20")))
        users = list(self.users.values())
        last = page * min(per_page, 50) >= len(users)
        following = None if last else f"{self.url}/v1/users?page={page + 1}&per_page={per_page}"
        shown = users[(page - 1) * per_page : page * per_page]
        meta = {"count": len(shown), "total": len(users), "current_page": page, "next_page_link": following}
        return {"meta": meta, "users": shown}

    def _of_user(
        self, method: str, user: dict[str, Any] | None, rest: list[str], body: dict[str, Any]
    ) -> tuple[int, dict[str, str], Any]:
        if user is None:
            return 404, {}, {"error": "Not Found", "troubleshoot": "This user does not exist."}
        match [method, *rest]:
            case ["GET"]:
                return 200, {}, {"user": {**user, "numbers": self.numbers}}
            case ["PUT"]:
                status, substatus = str(body.get("availability_status", "")), str(body.get("substatus", ""))
                if status not in ("available", "custom", "unavailable") or (substatus and substatus not in SUBSTATUSES):
                    return 400, {}, {"error": "Bad Request", "troubleshoot": "Unknown availability_status."}
                self._set(user, status, substatus)
                return 200, {}, {"user": user}
            case ["POST", "calls"]:
                return self._call(user, body)
        return 404, {}, {"error": "Not Found"}

    def _call(self, user: dict[str, Any], body: dict[str, Any]) -> tuple[int, dict[str, str], Any]:
        """204: the user's app is dialling. The user must be available and have the number."""
        number = next((one for one in self.numbers if one["id"] == body.get("number_id")), None)
        to = str(body.get("to") or "")
        if number is None or not (to.startswith("+") and to[1:].isdigit() and 8 <= len(to) <= 16):
            return 400, {}, {"error": "Bad Request", "troubleshoot": "Invalid number."}
        if self.answers:
            status, headers = self.answers.popleft()
            return status, headers, {"error": f"HTTP {status}"}
        if not user["available"]:
            return 405, {}, {"error": "Method Not Allowed", "troubleshoot": "User is not available."}
        with self._lock:
            self.started.append({"email": user["email"], "line": number["digits"], "to": to})
        if self.hang:
            self.hang.wait(60)
        threading.Thread(target=self._ring, args=(user, number, to, len(self.started)), daemon=True).start()
        return 204, {}, None

    def _limited(self) -> dict[str, str] | None:
        """The limit's headers once it is reached, by the minute."""
        now = time.time()
        with self._lock:
            while self._times and now - self._times[0] > WINDOW_S:
                self._times.popleft()
            if len(self._times) < self._limit:
                self._times.append(now)
                return None
            reset = str(int(self._times[0] + WINDOW_S) + 1)
        return {"X-AircallApi-Limit": str(self._limit), "X-AircallApi-Remaining": "0", "X-AircallApi-Reset": reset}

    # ── webhooks ─────────────────────────────────────────────────────────────────────────────────
    def _set(self, user: dict[str, Any], status: str, substatus: str) -> None:
        """A changed availability is told; of an unavailable user with a substatus twice, at first without it."""
        available = status != "unavailable"
        said = {"available": available, "availability_status": status}
        before = (user["availability_status"], user["substatus"])
        user.update(said, substatus=substatus or ("always_opened" if available else "always_closed"))
        if before == (user["availability_status"], user["substatus"]):
            return
        event = "user.opened" if available else "user.closed"
        told = {name: value for name, value in user.items() if name != "substatus"}
        hooks = [told, dict(user)] if substatus else [dict(user)]
        at = int(time.time())
        threading.Thread(target=lambda: [self.tell("user", event, one, at=at) for one in hooks], daemon=True).start()

    def _ring(self, user: dict[str, Any], number: dict[str, Any], to: str, n: int) -> None:
        at = int(time.time())
        call = {
            "id": at * 1000 + n,
            "direction": "outbound",
            "status": "initial",
            "started_at": at,
            "answered_at": None,
            "ended_at": None,
            "raw_digits": to,
            "number": number,
            "user": user,
            "comments": [],
            "tags": [],
        }
        self.tell("call", "call.created", call)
        time.sleep(self._rings_s)
        self.tell("call", "call.ended", {**call, "status": "done", "ended_at": int(time.time()), "duration": 2})

    def tell(self, resource: str, event: str, data: Mapping[str, Any], *, at: int | None = None) -> None:
        if not self._webhook:
            return
        body = {
            "resource": resource,
            "event": event,
            "timestamp": at or int(time.time()),
            "token": self._webhook_token,
            "data": data,
        }
        for pause_s in (0.5, 2.0, 0.0):  # theirs are tried again for hours
            try:
                if httpx.post(self._webhook, json=body, timeout=5).status_code < 500:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(pause_s)

    # ── what only the stand-in has ───────────────────────────────────────────────────────────────
    def _standin(self, method: str, path: list[str], body: Any) -> tuple[int, dict[str, str], Any]:
        match [method, *path]:
            case ["GET"]:
                return 200, {}, {"users": list(self.users.values()), "started": self.started}
            case ["PUT", "users", email]:
                self.choose(email, body["availability_status"], body.get("substatus", ""))
                return 204, {}, None
            case ["POST", "answers"]:
                self.answers.append((body["status"], body.get("headers", {})))
                return 204, {}, None
        return 404, {}, {"error": "Not Found"}


def _handler(aircall: Aircall) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            try:
                body = json.loads(raw) if raw else None
            except ValueError:
                body = None
            status, headers, answer = aircall.answer(self.command, self.path, self.headers, body)
            content = json.dumps(answer).encode() if answer is not None else b""
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = _serve

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--accounts", type=Path, required=True, help="JSON: [{email, name}]")
    parser.add_argument("--lines", required=True, help="the company's numbers, E.164, with commas")
    parser.add_argument("--webhook", default="", help="where its webhooks go; the tokens are read from the environment")
    given = parser.parse_args()
    users = {one["email"]: one["name"] for one in json.loads(given.accounts.read_text())}
    aircall = Aircall(
        users,
        given.lines.split(","),
        port=given.port,
        api_id=os.environ["SWITCHBOARD_AIRCALL_API_ID"],
        api_token=os.environ["SWITCHBOARD_AIRCALL_API_TOKEN"],
        webhook=given.webhook,
        webhook_token=os.environ.get("SWITCHBOARD_AIRCALL_TOKEN", ""),
    )
    aircall.serve()


if __name__ == "__main__":
    main()
