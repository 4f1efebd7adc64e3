"""Who is asking, and what they may do. Access tokens are signed by tickets and verified here by all.

JWT (RFC 7519) signed with Ed25519 (EdDSA by RFC 8037, named as in RFC 9864): `sub` is the agent's id, `aud` is
"desk", `kid` names the key in the directory. Roles and scope come from there too, so a change takes effect at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.jws import extract_compact

from shared.clock import Clock
from shared.contracts.directory import Permission
from shared.directory import Directory
from shared.errors import Forbidden, Transient, Unauthenticated

AUDIENCE = "desk"

_WORDS: dict[str, str] = {
    "conversations.read": "read conversations",
    "conversations.reply": "answer customers",
    "conversations.edit": "change conversations",
    "conversations.assign_others": "assign other people's conversations",
    "rules.read": "read rules",
    "rules.write": "change rules",
    "directory.manage": "manage brands, teams and agents",
    "operations.manage": "see and replay rejected inputs and deliveries",
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """An agent as a request sees them. `brand_ids` empty means all brands."""

    agent_id: str
    name: str
    email: str
    role_id: str
    permissions: frozenset[str]
    brand_ids: frozenset[str]
    team_ids: frozenset[str]

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def need(self, permission: Permission) -> None:
        """Raises Forbidden with a sentence that says who can help."""
        if permission not in self.permissions:
            raise Forbidden("not_permitted", f"Your role may not {_WORDS[permission]}. An admin can change your role.")

    def sees_brand(self, brand_id: str) -> bool:
        return not self.brand_ids or brand_id in self.brand_ids


class Access:
    """Turns a token into a viewer."""

    def __init__(self, directory: Directory, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock

    def viewer_of(self, token: str) -> Viewer:
        """Raises Unauthenticated when the token is not ours, is old, or its agent is gone; Transient while the
        directory is being read: good tokens would look wrong, and agents would be signed out at every restart."""
        if not self._directory.whole:
            raise Transient("the directory is not read yet")
        return self.viewer(self._subject(token))

    def viewer(self, agent_id: str) -> Viewer:
        """The viewer as the directory knows them now."""
        agent = self._directory.agents.get(agent_id)
        if agent is None or not agent.active:
            raise Unauthenticated("unknown_agent", "This account is not active any more. Ask an admin.")
        role = self._directory.roles.get(agent.role_id)
        return Viewer(
            agent_id=agent.agent_id,
            name=agent.name,
            email=agent.email,
            role_id=agent.role_id,
            permissions=frozenset(role.permissions) if role else frozenset(),
            brand_ids=frozenset(agent.brand_ids),
            team_ids=frozenset(agent.team_ids),
        )

    def _subject(self, token: str) -> str:
        try:
            header = extract_compact(token.encode()).headers()
            jwk = self._directory.keys[str(header.get("kid", ""))]
            claims = jwt.decode(token, signing_key(jwk), algorithms=["Ed25519"]).claims
            jwt.JWTClaimsRegistry(
                now=int(self._clock().timestamp()),
                aud={"essential": True, "value": AUDIENCE},
                exp={"essential": True},
                sub={"essential": True},
            ).validate(claims)
        except (JoseError, KeyError, ValueError) as error:
            raise Unauthenticated("bad_token", "Please sign in again.") from error
        return str(claims["sub"])


def signing_key(jwk: Mapping[str, Any]) -> OKPKey:
    """A key in today's name of its algorithm: one that was made before RFC 9864 says "EdDSA" and is the same key."""
    return OKPKey.import_key({**jwk, "alg": "Ed25519"})


_bearer = HTTPBearer(auto_error=False, description="An access token from tickets' POST /session.")


async def current_viewer(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Viewer:
    """FastAPI dependency; `app.state.access` is set in the service's `app.py`."""
    if credentials is None:
        raise Unauthenticated("no_token", "Please sign in.")
    access: Access = request.app.state.access
    return access.viewer_of(credentials.credentials)


CurrentViewer = Annotated[Viewer, Depends(current_viewer)]
