"""The second thing that proves who signs in: asked for, checked, begun and confirmed. The routes are beside."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import pyotp
from pydantic import BaseModel

from services.tickets.model.second_factor import (
    RECOVERY_CHARS,
    RECOVERY_CODES,
    RECOVERY_LETTERS,
    link_of,
    plain,
    shown,
    step_of,
)
from services.tickets.store.second_factors import Factor, SecondFactorStore
from shared.clock import Clock
from shared.errors import Unauthenticated
from shared.sealing import Seal

ISSUER = "Switchboard"


class Enrolment(BaseModel):
    """`secret` is for who types it (base32), `link` for the phone itself, `picture` (a data: address of an SVG) for its
    camera. It counts once a code of it was right."""

    secret: str
    link: str
    picture: str


@dataclass(frozen=True, slots=True)
class Proof:
    """`second`: a second thing was proven. `recovery_codes`: new ones, told once, when an app was confirmed by it."""

    second: bool
    recovery_codes: list[str] | None = None


class Factors:
    def __init__(self, store: SecondFactorStore, seal: Seal, clock: Clock) -> None:
        self._store = store
        self._seal = seal
        self._clock = clock

    async def prove(self, agent_id: str, code: str | None, *, required: bool) -> Proof:
        """After the password was right. Raises Unauthenticated, whose code says what is missing."""
        factor = await self._store.of(agent_id)
        if factor is not None and factor.confirmed:
            if not code:
                raise Unauthenticated("second_factor_needed", "Type the code of your authenticator app as well.")
            if not await self.right(agent_id, code):
                raise Unauthenticated("wrong_code", "This code is not right, or was used already. Wait for the next.")
            return Proof(second=True)
        if not required:
            return Proof(second=False)
        if not code or factor is None:
            raise Unauthenticated("enrolment_needed", "Your role asks for an authenticator app. Set one up to sign in.")
        codes = await self.confirm(agent_id, code)
        if codes is None:
            raise Unauthenticated("wrong_code", "This code is not right. Scan the picture and type what the app shows.")
        return Proof(second=True, recovery_codes=codes)

    async def right(self, agent_id: str, code: str) -> bool:
        """Whether a code of the app, or a recovery code, is right; it is used up by this."""
        factor = await self._store.of(agent_id)
        if factor is None or not factor.confirmed:
            return False
        if (step := self._step(factor, code)) is not None:
            return await self._store.use_step(agent_id, step)
        recovery = plain(code)
        return recovery is not None and await self._store.use_recovery(agent_id, self._seal.hashed(recovery))

    async def begin(self, agent_id: str, email: str) -> Enrolment:
        """A new secret, told once, here. Raises Conflict when an app is confirmed."""
        secret = pyotp.random_base32()
        await self._store.begin(agent_id, self._seal.close(secret))
        link = link_of(secret, email, ISSUER)
        import segno  # here, as it is 1 MiB for what happens once in an agent's life [measured]

        picture = segno.make(link, error="m").svg_data_uri(scale=4, border=2, light="#fff")
        return Enrolment(secret=secret, link=link, picture=picture)

    async def confirm(self, agent_id: str, code: str) -> list[str] | None:
        """Recovery codes, told once, here; None when the code is not right or nothing was begun."""
        factor = await self._store.of(agent_id)
        if factor is None or factor.confirmed:
            return None
        step = self._step(factor, code)
        if step is None:
            return None
        codes, hashes = self._recovery()
        return codes if await self._store.confirm(agent_id, factor.sealed, step, hashes) else None

    async def new_recovery_codes(self, agent_id: str) -> list[str]:
        codes, hashes = self._recovery()
        await self._store.replace_recovery(agent_id, hashes)
        return codes

    def _step(self, factor: Factor, code: str) -> int | None:
        secret = self._seal.open(factor.sealed)
        return step_of(secret, code, self._clock(), factor.last_step) if secret else None

    def _recovery(self) -> tuple[list[str], list[str]]:
        plains = [
            "".join(secrets.choice(RECOVERY_LETTERS) for _ in range(RECOVERY_CHARS)) for _ in range(RECOVERY_CODES)
        ]
        return [shown(one) for one in plains], [self._seal.hashed(one) for one in plains]
