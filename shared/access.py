"""Who is asking, and what they may do. Access tokens are signed by tickets and verified here by all.

JWT (RFC 7519) signed with Ed25519 (EdDSA by RFC 8037, named as in RFC 9864): `sub` is the agent's id, `aud` is
"desk", `sid` the session, `gen` the agent's generation then, `kid` names the key in the directory. Roles, scope and the
generation come from there too, so a change takes effect at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from joserfc.jws import extract_compact

from shared.clock import Clock
from shared.contracts.directory import Permission, SigningKeyChanged
from shared.directory import Directory
from shared.errors import Forbidden, Transient, Unauthenticated
from shared.scope import Placed, Scope, scope_of

AUDIENCE = "desk"

_WORDS: dict[str, str] = {
    "conversations.read": "read conversations",
    "conversations.reply": "answer customers",
    "conversations.edit": "change conversations",
    "conversations.assign_others": "assign other people's conversations",
    "conversations.merge": "merge conversations",
    "rules.read": "read rules",
    "rules.write": "change rules",
    "rules.publish": "approve and publish rules",
    "directory.manage": "manage brands, teams and agents",
    "operations.manage": "see and replay rejected inputs and deliveries",
    "tickets.read": "see back-office tickets",
    "tickets.write": "work on back-office tickets",
    "contacts.read": "see contacts",
    "contacts.write": "change contacts",
    "macros.write": "change everybody's macros",
    "macros.publish": "approve and publish everybody's macros",
    "dashboard.read": "see the dashboard",
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """An agent as a request sees them. `brand_ids` empty means all brands; `scope` (all of it, unless given) says
    what of them they see. `session_id` and `generation` are their token's."""

    agent_id: str
    name: str
    email: str
    role_id: str
    permissions: frozenset[str]
    brand_ids: frozenset[str]
    team_ids: frozenset[str]
    scope: Scope = field(default=Scope(""))
    session_id: str = ""
    generation: int = 0

    def __post_init__(self) -> None:
        if not self.scope.agent_id:
            object.__setattr__(self, "scope", Scope(self.agent_id, self.brand_ids))

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def need(self, permission: Permission) -> None:
        """Raises Forbidden with a sentence that says who can help."""
        if permission not in self.permissions:
            raise Forbidden("not_permitted", f"Your role may not {_WORDS[permission]}. An admin can change your role.")

    def need_everywhere(self, permission: Permission) -> None:
        """For what concerns every brand: raises Forbidden for who is limited to a part of the desk as well."""
        self.need(permission)
        if not self.scope.whole:
            raise Forbidden("other_brands", f"To {_WORDS[permission]}, one must work for the whole desk.")

    def sees_brand(self, brand_id: str) -> bool:
        return not self.brand_ids or brand_id in self.brand_ids

    def sees(self, one: Placed) -> bool:
        """Whether this conversation, or what follows it, is in their scope."""
        return self.scope.sees(one)


class Access:
    """Turns a token into a viewer."""

    def __init__(self, directory: Directory, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock

    def viewer_of(self, token: str) -> Viewer:
        """Raises Unauthenticated when the token is not ours, is old, or its agent is gone; Transient while the
        directory is being read: good tokens would look wrong, and agents would be signed out at every restart."""
        if not self._directory.usable:
            raise Transient("the directory is not read yet")
        try:
            claims = self._claims(token)
            generation = claims.get("gen", 0)
            if type(generation) is not int:
                raise Unauthenticated("bad_token", "Please sign in again.")
            return self.viewer(str(claims["sub"]), str(claims.get("sid", "")), generation)
        except Unauthenticated as error:
            if missing := self._directory.missing():
                raise Transient(missing) from error
            raise

    def again(self, viewer: Viewer) -> Viewer:
        """The same viewer after a change of the directory. Raises Unauthenticated when they may not stay."""
        return self.viewer(viewer.agent_id, viewer.session_id, viewer.generation)

    def viewer(self, agent_id: str, session_id: str = "", generation: int = 0) -> Viewer:
        """The viewer as the directory knows them now. Raises Unauthenticated when they are gone, or signed out since
        their token was given."""
        agent = self._directory.agents.get(agent_id)
        if agent is None or not agent.active:
            raise Unauthenticated("unknown_agent", "This account is not active any more. Ask an admin.")
        if generation < agent.generation:
            raise Unauthenticated("signed_out", "Please sign in again.")
        role = self._directory.roles.get(agent.role_id)
        return Viewer(
            agent_id=agent.agent_id,
            name=agent.name,
            email=agent.email,
            role_id=agent.role_id,
            permissions=frozenset(role.permissions) if role and role.active else frozenset(),
            brand_ids=frozenset(agent.brand_ids),
            team_ids=frozenset(agent.team_ids),
            scope=scope_of(agent, role),
            session_id=session_id,
            generation=generation,
        )

    def _claims(self, token: str) -> dict[str, Any]:
        now = self._clock()
        try:
            header = extract_compact(token.encode()).headers()
            key = self._directory.entry(f"key:{header.get('kid', '')}")
            if not isinstance(key, SigningKeyChanged) or (key.ends_at is not None and key.ends_at <= now):
                raise Unauthenticated("bad_token", "Please sign in again.")
            claims: dict[str, Any] = jwt.decode(token, signing_key(key.jwk), algorithms=["Ed25519"]).claims
            jwt.JWTClaimsRegistry(
                now=int(now.timestamp()),
                aud={"essential": True, "value": AUDIENCE},
                exp={"essential": True},
                sub={"essential": True},
            ).validate(claims)
        except (JoseError, KeyError, ValueError) as error:
            raise Unauthenticated("bad_token", "Please sign in again.") from error
        return claims


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
    viewer = access.viewer_of(credentials.credentials)
    _acting.set(viewer)
    return viewer


_acting: ContextVar[Viewer | None] = ContextVar("acting", default=None)


def acting() -> Viewer | None:
    """Whose request is in hand; None outside of one, and before anybody is known. For records of who did what: what
    somebody may do is asked of the viewer that a route is given."""
    return _acting.get()


CurrentViewer = Annotated[Viewer, Depends(current_viewer)]
