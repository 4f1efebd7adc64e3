"""A client of Aircall's public API (https://developer.aircall.io/api-references): users, calls, availability.

Basic authentication with the account's API id and token. The addresses come from our own settings, so no proxy of the
environment and no redirect is followed. Answers are bounded in time; what they say beyond what we need is ignored.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import phonenumbers

from services.notifications.settings import NotificationsSettings
from shared.phone_status import PhoneStatus

USERS_KNOWN_S = 600.0
USERS_ANEW_S = 30.0
"""The list of users is read again after so long; sooner, when somebody is not in it, but not for each request."""
PER_PAGE = 50
PAGES = 40


class NotReached(Exception):
    """The request did not leave: no connection. Nothing happened in Aircall."""


class NoAnswer(Exception):
    """The request may have arrived, the answer did not."""


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.headers = headers


@dataclass(frozen=True, slots=True)
class User:
    """`lines` are the numbers that the user may call from: E.164 → Aircall's id of the number."""

    id: int
    email: str
    available: bool
    lines: Mapping[str, int]


class Aircall:
    """All methods raise NotReached, NoAnswer or Refused."""

    def __init__(self, settings: NotificationsSettings) -> None:
        token = settings.aircall_api_token.get_secret_value()
        self.configured = bool(settings.aircall_api_id and token)
        self._http = httpx.AsyncClient(
            base_url=settings.aircall_api_url.rstrip("/"),
            auth=(settings.aircall_api_id, token),
            timeout=httpx.Timeout(settings.aircall_s),
            follow_redirects=False,
            trust_env=False,
        )
        self._ids: dict[str, int] = {}
        self._read_at = float("-inf")

    async def close(self) -> None:
        await self._http.aclose()

    async def user_id(self, email: str) -> int | None:
        """Aircall's id of the user with this address; None when there is none."""
        age_s = time.monotonic() - self._read_at
        if age_s > USERS_KNOWN_S or (email.lower() not in self._ids and age_s > USERS_ANEW_S):
            self._ids = await self._all_users()
            self._read_at = time.monotonic()
        return self._ids.get(email.lower())

    async def _all_users(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for page in range(1, PAGES + 1):
            body = await self._ask("GET", f"/v1/users?page={page}&per_page={PER_PAGE}")
            users = [one for one in _list(body.get("users")) if isinstance(one.get("id"), int)]
            found |= {str(one.get("email") or "").strip().lower(): one["id"] for one in users}
            if not _mapping(body.get("meta")).get("next_page_link"):
                break
        return found

    async def user(self, user_id: int) -> User:
        """One user, with the numbers that are theirs."""
        body = _mapping((await self._ask("GET", f"/v1/users/{user_id}")).get("user"))
        numbers = [one for one in _list(body.get("numbers")) if isinstance(one.get("id"), int)]
        available = body.get("available")
        return User(
            id=user_id,
            email=str(body.get("email") or ""),
            available=available if isinstance(available, bool) else body.get("availability_status") != "unavailable",
            lines={line: one["id"] for one in numbers if (line := _e164(one))},
        )

    async def call(self, user_id: int, number_id: int, to: str) -> None:
        """Have the user's phone call `to` (E.164) from one of their numbers. Nothing is tried twice here."""
        await self._ask("POST", f"/v1/users/{user_id}/calls", {"number_id": number_id, "to": to})

    async def set_availability(self, user_id: int, wanted: PhoneStatus) -> None:
        body: dict[str, Any] = {"availability_status": "available" if wanted.available else "unavailable"}
        if wanted.substatus:
            body["substatus"] = wanted.substatus
        await self._ask("PUT", f"/v1/users/{user_id}", body)

    async def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        try:
            answer = await self._http.request(method, path, json=body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            raise NotReached(type(error).__name__) from error
        except httpx.HTTPError as error:
            raise NoAnswer(type(error).__name__) from error
        if not answer.is_success:
            raise Refused(answer.status_code, {name.lower(): text for name, text in answer.headers.items()})
        try:
            return _mapping(answer.json()) if answer.content else {}
        except ValueError:
            return {}


def _e164(number: Mapping[str, Any]) -> str:
    """A number's digits as Aircall writes them ("+33 1 76 36 06 95"), in E.164; "" when they are none."""
    digits = str(number.get("e164_digits") or number.get("digits") or "")
    try:
        found = phonenumbers.parse(digits, str(number.get("country") or "") or None)
    except phonenumbers.NumberParseException:
        return ""
    return str(phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
