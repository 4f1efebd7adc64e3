"""Who a site says its user is: a JWT (RFC 7519) that the site's own server signs with the brand's key.

HS256 and nothing else. `sub` is the site's id of the user and `exp` is at most a day ahead; both must be there, so a
proof that was seen once is soon worth nothing. `name` and `email` are believed as the site's word.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from services.ingest.channels.email.headers import address_of
from services.ingest.channels.email.words import clean_line
from services.ingest.model.visitor import Identity
from shared.errors import Forbidden
from shared.signing import Signer

PROOF_LASTS = timedelta(days=1)
"""The longest that a proof may last, and so a session that one opened."""
CLOCKS_DIFFER = timedelta(minutes=5)
ID_LONGEST = 200


def proven(signer: Signer, brand_id: str, token: str, now: datetime) -> Identity:
    """The identity in a proof. Raises Forbidden, always alike, when it is not the brand's, is old or lasts too long."""
    try:
        claims = jwt.decode(token, OctKey.import_key(signer.user_key(brand_id)), algorithms=["HS256"]).claims
        jwt.JWTClaimsRegistry(now=int(now.timestamp()), sub={"essential": True}, exp={"essential": True}).validate(
            claims
        )
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise _refused() from error
    user_id, ends = claims["sub"], claims["exp"]
    # An id that reads like another once cleaned ("ann", "a\u200bnn") would be a way to become its owner.
    if not isinstance(user_id, str) or not user_id or clean_line(user_id, ID_LONGEST) != user_id:
        raise _refused()
    if isinstance(ends, bool) or ends > (now + PROOF_LASTS + CLOCKS_DIFFER).timestamp():
        raise _refused()
    return Identity(clean_line(_text(claims, "name"), 200), address_of(_text(claims, "email")), user_id, verified=True)


def _text(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    return value[:300] if isinstance(value, str) else ""


def _refused() -> Forbidden:
    return Forbidden(
        "user_token", "The user's token is not valid: a JWT, HS256 with the brand's key, with sub and exp within a day."
    )
