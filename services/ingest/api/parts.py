"""What the routes need from the application: set on `app.state` in `app.py`."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from services.ingest.handlers.images import Images
from services.ingest.handlers.intake import Intake
from services.ingest.settings import IngestSettings
from services.ingest.store.limits import Limits
from shared.errors import Unauthenticated
from shared.signing import Visitor


@dataclass(frozen=True)
class Parts:
    intake: Intake
    limits: Limits
    images: Images
    settings: IngestSettings


async def parts_of(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


The = Annotated[Parts, Depends(parts_of)]
_bearer = HTTPBearer(auto_error=False)
_Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


async def integration(the: The, credentials: _Bearer) -> None:
    """Programs that post mail and events hold the integration token."""
    expected = the.settings.integration_token.get_secret_value()
    given = credentials.credentials if credentials else ""
    if not expected or not hmac.compare_digest(given.encode(), expected.encode()):
        raise Unauthenticated("integration_token", "Send the integration token: Authorization: Bearer <token>.")


async def visitor(the: The, credentials: _Bearer) -> Visitor:
    """Who holds a messenger token."""
    if credentials is None:
        raise Unauthenticated("no_token", "Open a session first: POST /messenger/sessions.")
    return the.intake.signer.read_visitor_token(credentials.credentials, the.intake.clock())


IntegrationOnly = Depends(integration)
CurrentVisitor = Annotated[Visitor, Depends(visitor)]
