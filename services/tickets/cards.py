"""Asks an integrator's server what its card beside a conversation says, and signs what apps are told.

GET <url> with `Authorization: Bearer <signed context>` (RFC 6750), as `model/app_context.py` writes it; the answer is
JSON of at most 64 KB. Nobody else's address is called: see `shared/outside_http.py`.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Annotated, Any

from joserfc import jwt
from joserfc.jwk import OctKey
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from services.tickets.settings import TicketsSettings
from shared.clock import Clock
from shared.contracts.directory import AppChanged
from shared.sealing import Seal

if TYPE_CHECKING:
    from shared.outside_http import OutsideHttp

CARD_BYTES = 64 * 1024
AT_ONCE = 20
OF_ONE_APP = 5
"""Calls to one app at the same time: one that hangs must not take the places of the others."""

Words = Annotated[str, StringConstraints(max_length=500)]
Link = Annotated[str, StringConstraints(max_length=2000, pattern=r"^https://[^\s\\]+$")]


class CardField(BaseModel):
    """A line of a card; `url`: where its value leads."""

    model_config = ConfigDict(extra="ignore")

    label: Annotated[str, StringConstraints(max_length=100)]
    value: Words
    url: Link | None = None


class CardLink(BaseModel):
    model_config = ConfigDict(extra="ignore")

    label: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    url: Link


class Card(BaseModel):
    """What an app's server answers. All of it is plain text; fields that we do not know are passed over."""

    model_config = ConfigDict(extra="ignore")

    text: Annotated[str, StringConstraints(max_length=2000)] = ""
    fields: Annotated[tuple[CardField, ...], Field(max_length=50)] = ()
    links: Annotated[tuple[CardLink, ...], Field(max_length=10)] = ()


class CardTrouble(Exception):
    """The text is a sentence for the agent."""


class Cards:
    """httpx, httpcore and a TLS context are loaded when an app is first looked at: 6 MiB and 0.05 s of a start
    [measured], for desks that have apps."""

    def __init__(self, settings: TicketsSettings, seal: Seal, clock: Clock) -> None:
        self._settings = settings
        self._seal = seal
        self._clock = clock
        self._http: OutsideHttp | None = None
        if settings.outside_ca_file:
            self._client()  # a file that cannot be read is told at the start
        self._places: dict[str, asyncio.Semaphore] = {}

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()

    def check(self, url: str) -> str:
        """Raises Invalid for an address that cannot be an app's."""
        from shared.outside_addresses import check_url

        return check_url(url, allowed=self._settings.outside_networks)

    def new_secret(self) -> tuple[str, str]:
        """(the secret, for its maker alone; as it is kept)."""
        secret = secrets.token_urlsafe(32)
        return secret, self._seal.close(secret)

    def sign(self, claims: dict[str, Any], sealed: str) -> str:
        """Raises CardTrouble when the secret was sealed under another desk's."""
        secret = self._seal.open(sealed)
        if secret is None:
            raise CardTrouble("Its secret can't be read. An admin can make a new one in the settings.")
        return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret), algorithms=["HS256"])

    async def ask(self, app: AppChanged, token: str) -> Card:
        """Raises CardTrouble."""
        from shared.outside_http import Blocked, NoAnswer, TooMuch

        place = self._places.setdefault(app.app_id, asyncio.Semaphore(OF_ONE_APP))
        if place.locked():
            raise CardTrouble("It is slow to answer just now. Try again in a moment.")
        async with place:
            try:
                headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
                answer = await self._client().get(app.url, headers)
            except (Blocked, NoAnswer) as error:
                raise CardTrouble(str(error)) from error
            except TooMuch as error:
                raise CardTrouble("It answered more than 64 KB.") from error
        if answer.status != 200:
            raise CardTrouble(f"It answered with HTTP {answer.status}.")
        try:
            return Card.model_validate_json(answer.body)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(one) for one in first["loc"]) or "the answer"
            raise CardTrouble(f"It answered something that is no card: {where}: {first['msg']}.") from error

    def _client(self) -> OutsideHttp:
        from shared.outside_http import OutsideHttp

        if self._http is None:
            self._http = OutsideHttp(
                allowed=self._settings.outside_networks,
                total_s=self._settings.card_s,
                body_bytes=CARD_BYTES,
                connections=AT_ONCE,
                ca_file=self._settings.outside_ca_file,
            )
        return self._http
