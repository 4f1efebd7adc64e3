"""The OpenID Connect provider that tells us who somebody is (OpenID Connect Core 1.0): what is asked of it, and what of
its answers is believed. The browser's side is `api/oidc.py`.

Authorization code with PKCE (RFC 7636, S256), `state` and `nonce`; endpoints and keys from discovery
(OpenID Connect Discovery 1.0). An ID token is believed when its signature, issuer, audience, times and nonce are right,
and its address only when the provider says that it is verified.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import extract_compact

from services.tickets.settings import TicketsSettings
from shared.clock import Clock
from shared.errors import Unauthenticated, Unavailable
from shared.logs import get_logger

log = get_logger(__name__)

CALLBACK = "/api/tickets/session/oidc/callback"
SCOPE = "openid email profile"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
"""Signatures only: with a shared secret for a key, whoever may check a token could make one."""
KEPT_S = 3600.0
KEYS_AGAIN_S = 30.0
"""A key that is not known is asked for anew, but not for every token that names one."""
CLOCKS_DIFFER_S = 60
ANSWER_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-in on its way: what only the browser that began it holds."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says it is. `subject` is theirs for ever; `email` is "" unless they say that it is verified."""

    issuer: str
    subject: str
    email: str


class Provider:
    def __init__(self, settings: TicketsSettings, clock: Clock) -> None:
        self._issuer = settings.oidc_issuer
        self._client_id = settings.oidc_client_id
        self._secret = settings.oidc_client_secret.get_secret_value()
        self._redirect_uri = settings.public_url.rstrip("/") + CALLBACK
        self._timeout_s = settings.oidc_s
        self._clock = clock
        self._about: tuple[float, Mapping[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def begin(self) -> tuple[str, Attempt]:
        """(where the browser goes, what it brings back)."""
        about = await self._discovered()
        made = Attempt(*(secrets.token_urlsafe(32) for _ in range(3)))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(made.verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "scope": SCOPE,
            "state": made.state,
            "nonce": made.nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        endpoint = about["authorization_endpoint"]
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}", made

    async def finish(self, attempt: Attempt, code: str, issuer: str | None) -> Identity:
        """Raises Unauthenticated when what comes back is not to be believed, Unavailable when nothing does."""
        if issuer is not None and issuer != self._issuer:  # RFC 9207: somebody else's answer
            raise _not_believed("another issuer answered")
        about = await self._discovered()
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": attempt.verifier,
        }
        methods = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        headers = {"Accept": "application/json"}
        if "client_secret_basic" in methods:  # RFC 6749 §2.3.1: both are form-encoded first
            pair = f"{quote(self._client_id, safe='')}:{quote(self._secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            asked |= {"client_id": self._client_id, "client_secret": self._secret}
        answer = await self._ask("POST", about["token_endpoint"], data=asked, headers=headers)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise _not_believed("no ID token")
        return self._identity(await self._claims(token), attempt)

    def _identity(self, claims: Mapping[str, Any], attempt: Attempt) -> Identity:
        nonce, subject, email = claims.get("nonce"), claims.get("sub"), claims.get("email")
        if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), attempt.nonce.encode()):
            raise _not_believed("another nonce")
        if not isinstance(subject, str) or not 0 < len(subject) <= 255:
            raise _not_believed("no subject")
        verified = claims.get("email_verified") is True and isinstance(email, str)
        return Identity(self._issuer, subject, str(email).strip().lower() if verified else "")

    async def _claims(self, token: str) -> Mapping[str, Any]:
        try:
            key_id = extract_compact(token.encode()).headers().get("kid")
            found = jwt.decode(token, await self._key_set(key_id), algorithms=list(ALGORITHMS))
            jwt.JWTClaimsRegistry(
                now=int(self._clock().timestamp()),
                leeway=CLOCKS_DIFFER_S,
                iss={"essential": True, "value": self._issuer},
                aud={"essential": True, "value": self._client_id},
                exp={"essential": True},
                iat={"essential": True},
            ).validate(found.claims)
        except (JoseError, ValueError, KeyError) as error:
            raise _not_believed(type(error).__name__) from error
        claims: Mapping[str, Any] = found.claims
        audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        if (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != self._client_id:
            raise _not_believed("made for another client")
        return claims

    async def _key_set(self, key_id: object) -> KeySet:
        now = time.monotonic()
        if self._keys is not None:
            read_at, known = self._keys
            has_it = key_id is None or any(one.kid == key_id for one in known.keys)
            if now - read_at < (KEPT_S if has_it else KEYS_AGAIN_S):
                return known
        about = await self._discovered()
        keys = KeySet.import_key_set(await self._ask("GET", about["jwks_uri"]))  # type: ignore[arg-type]  # checked there
        self._keys = (now, keys)
        return keys

    async def _discovered(self) -> Mapping[str, Any]:
        now = time.monotonic()
        if self._about is not None and now - self._about[0] < KEPT_S:
            return self._about[1]
        about = await self._ask("GET", self._issuer.rstrip("/") + "/.well-known/openid-configuration")
        wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        plain = self._issuer.startswith("http:")  # on this machine alone: the settings see to it
        good = all(isinstance(about.get(one), str) and (plain or about[one].startswith("https:")) for one in wanted)
        if about.get("issuer") != self._issuer or not good:
            log.error("the OpenID provider's discovery document does not fit the settings", issuer=self._issuer)
            raise _away()
        self._about = (now, about)
        return about

    async def _ask(self, method: str, url: str, **asked: Any) -> dict[str, Any]:
        """No redirects: what we send there is meant for nobody else."""
        import httpx  # here, as it is in `cards`

        try:
            async with httpx.AsyncClient(timeout=self._timeout_s, trust_env=False) as client:
                answer = await client.request(method, url, **asked)
            if answer.status_code in (400, 401, 403) and method == "POST":
                log.warning("the OpenID provider refused a code", status=answer.status_code)
                raise _not_believed("the code was refused")
            found = answer.raise_for_status().json() if len(answer.content) <= ANSWER_BYTES else None
        except (httpx.HTTPError, ValueError) as error:
            log.warning("the OpenID provider gives no answer", error=type(error).__name__)
            raise _away() from error
        if not isinstance(found, dict):
            raise _away()
        return found


def _not_believed(why: str) -> Unauthenticated:
    log.warning("a sign-in by OpenID is not believed", why=why)
    return Unauthenticated("oidc_refused", "This sign-in could not be checked. Start it again.")


def _away() -> Unavailable:
    return Unavailable("oidc_away", "The sign-in service gives no answer. Try again, or sign in with your password.")
