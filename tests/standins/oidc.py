"""A small OpenID Connect provider, written from OpenID Connect Core 1.0, Discovery 1.0, RFC 6749 and RFC 7636: with
discovery, a sign-in page, codes that open once, PKCE, and ID tokens signed with ES256.

A program of its own: `python -m tests.standins.oidc --port … --accounts FILE`, its client's id and secret from the
environment. Whoever names an account on its page is that person: it is for tests and for the demo on this machine. What
it should do wrong is told to it under `/standin/next`, which real ones do not have.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import html
import json
import os
import secrets
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

HOST = "127.0.0.1"
CODE_HOLDS_S = 60.0

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Demo ID</title>
<meta name="viewport" content="width=device-width"><style>body{{font:16px system-ui;max-width:24rem;margin:4rem auto;
padding:0 1rem}}button{{display:block;width:100%;margin:.5rem 0;padding:.6rem;font:inherit;text-align:left}}</style>
<h1>Demo ID</h1><p>Who are you? This page stands in for your company's sign-in.</p>
<form method="post">{hidden}{buttons}</form></html>"""


class Provider:
    """`accounts` is email → name. `next_claims` are set on the next ID token, over the right ones; `next_key`: it is
    signed with a key that is not published."""

    def __init__(self, accounts: dict[str, str], client_id: str, client_secret: str, port: int) -> None:
        self.accounts = accounts
        self.client_id, self.client_secret = client_id, client_secret
        self.key = ECKey.generate_key("P-256", {"kid": "demo-1", "use": "sig", "alg": "ES256"})
        self.other_key = ECKey.generate_key("P-256", {"kid": "demo-1", "use": "sig", "alg": "ES256"})
        self.codes: dict[str, dict[str, Any]] = {}
        self.next: dict[str, Any] = {}
        self.server = ThreadingHTTPServer((HOST, port), _handler(self))
        self.issuer = f"http://{HOST}:{self.server.server_port}"

    def get(self, path: str, asked: dict[str, str]) -> tuple[int, str, str]:
        """(status, content type, body)."""
        if path in ("/", "/.well-known/openid-configuration"):
            return _json(200, self.about())
        if path == "/jwks":
            return _json(200, {"keys": [self.key.as_dict(private=False)]})
        if path == "/authorize":
            if asked.get("client_id") != self.client_id or asked.get("response_type") != "code":
                return _json(400, {"error": "invalid_request"})
            hidden = "".join(
                f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
                for name, value in asked.items()
            )
            buttons = "".join(
                f'<button name="account" value="{html.escape(one)}">{html.escape(name)}</button>'
                for one, name in self.accounts.items()
            )
            return 200, "text/html; charset=utf-8", PAGE.format(hidden=hidden, buttons=buttons)
        return _json(404, {"error": "not_found"})

    def about(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def authorize(self, asked: dict[str, str]) -> str:
        """Where the browser goes back to, with a code."""
        code = secrets.token_urlsafe(24)
        self.codes[code] = {**asked, "until": time.monotonic() + CODE_HOLDS_S}
        said = {"code": code, "state": asked.get("state", ""), "iss": self.issuer}
        return f"{asked['redirect_uri']}?{urlencode(said)}"

    def token(self, authorization: str, asked: dict[str, str]) -> tuple[int, str, str]:
        given = base64.b64decode(authorization.removeprefix("Basic ") or b"").decode()
        if [unquote(one) for one in given.split(":", 1)] != [self.client_id, self.client_secret]:
            return _json(401, {"error": "invalid_client"})
        grant = self.codes.pop(asked.get("code", ""), None)
        challenge = hashlib.sha256(asked.get("code_verifier", "").encode()).digest()
        fits = (
            grant is not None
            and grant["until"] > time.monotonic()
            and asked.get("grant_type") == "authorization_code"
            and asked.get("redirect_uri") == grant["redirect_uri"]
            and grant.get("code_challenge_method") == "S256"
            and grant.get("code_challenge") == base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
        )
        if grant is None or not fits:
            return _json(400, {"error": "invalid_grant"})
        return _json(200, {"access_token": "x", "token_type": "Bearer", "id_token": self.id_token(grant)})

    def id_token(self, grant: dict[str, Any]) -> str:
        wrong, self.next = self.next, {}
        now, email = int(time.time()), grant["account"]
        claims = {
            "iss": self.issuer,
            "sub": hashlib.sha256(email.encode()).hexdigest()[:20],
            "aud": self.client_id,
            "iat": now,
            "exp": now + 300,
            "nonce": grant.get("nonce"),
            "email": email,
            "email_verified": True,
            "name": self.accounts.get(email, email),
        }
        key = self.other_key if wrong.pop("key", None) else self.key
        return jwt.encode({"alg": "ES256", "kid": "demo-1"}, {**claims, **wrong}, key)


def _json(status: int, body: Any) -> tuple[int, str, str]:
    return status, "application/json", json.dumps(body)


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            self._answer(*provider.get(url.path, _flat(url.query)))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            match urlsplit(self.path).path:
                case "/authorize":
                    self._answer(303, "text/plain", "", location=provider.authorize(_flat(body)))
                case "/token":
                    self._answer(*provider.token(self.headers.get("Authorization") or "", _flat(body)))
                case "/standin/next":
                    provider.next = json.loads(body)
                    self._answer(*_json(200, {}))
                case _:
                    self._answer(*_json(404, {"error": "not_found"}))

        def _answer(self, status: int, kind: str, body: str, *, location: str = "") -> None:
            content = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            if location:
                self.send_header("Location", location)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _flat(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="0: any free one")
    parser.add_argument("--accounts", type=Path, required=True, help="JSON: [{email, name}]")
    given = parser.parse_args()
    accounts = {one["email"]: one["name"] for one in json.loads(given.accounts.read_text())}
    client_id, secret = os.environ["SWITCHBOARD_OIDC_CLIENT_ID"], os.environ["SWITCHBOARD_OIDC_CLIENT_SECRET"]
    provider = Provider(accounts, client_id, secret, given.port)
    print(provider.issuer, flush=True)
    provider.server.serve_forever()


if __name__ == "__main__":
    main()
