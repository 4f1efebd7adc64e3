"""The errors, one small tree; each kind has one answer, given in one place.

    SwitchboardError
    ├── InvalidMessage     a record that can never be read      → dead letter at once (shared.consume)
    ├── Transient          a server is away, a lock is taken    → wait with backoff, never a dead letter
    └── DomainError        a plain "no", with a stable code     → HTTP problem (RFC 9457, shared.http),
        ├── NotFound         or a recorded outcome in a consumer
        ├── Forbidden
        ├── Unauthenticated
        ├── Conflict
        ├── Invalid
        ├── Overloaded
        └── Unavailable

Anything else that is raised is a bug: three tries, then a dead letter, or a 500.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar


class SwitchboardError(Exception):
    """The root, never raised itself."""


class InvalidMessage(SwitchboardError):
    """A record that no retry can mend. The text says what is wrong and carries none of its content."""


class Transient(SwitchboardError):
    """Try again later: something outside this process is away."""


@dataclass(frozen=True)
class FieldError:
    """`path` is where in the request ("body.cc.0.address"), `message` how to mend it."""

    path: str
    message: str


@dataclass
class DomainError(SwitchboardError):
    """A refusal that the caller can act on. `code` is stable; `message` is a sentence for a person.

    `about` is what helps to mend it, such as the one that exists already: members of the problem (RFC 9457 §3.2).
    """

    code: str
    message: str
    fields: tuple[FieldError, ...] = field(default=())
    about: Mapping[str, Any] = field(default_factory=dict)
    status: ClassVar[int] = 400

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class NotFound(DomainError):
    status = 404


class Forbidden(DomainError):
    status = 403


class Unauthenticated(DomainError):
    status = 401


class Conflict(DomainError):
    status = 409


class Invalid(DomainError):
    status = 422


class Overloaded(DomainError):
    """Refused before it was accepted; try again after `Retry-After` (5 s)."""

    status = 429


class Unavailable(DomainError):
    """This process cannot answer it now, another may; try again after `Retry-After` (5 s)."""

    status = 503


_away_kinds: list[tuple[type[Exception], Callable[[Exception], bool]]] = []


def away_when(kind: type[Exception], holds: Callable[[Exception], bool] = lambda _: True) -> None:
    """Told by the module that connects to a server: which of its client's errors mean that it is away.

    So a service that does not use a server need not load its client to tell.
    """
    _away_kinds.append((kind, holds))


def away_kinds() -> list[type[Exception]]:
    """Every registered kind; not each error of a kind means that its server is away."""
    return [kind for kind, _ in _away_kinds]


def is_away(error: Exception) -> bool:
    """Whether the same work will succeed later without anybody mending anything."""
    return any(isinstance(error, kind) and holds(error) for kind, holds in _away_kinds)


away_when(Transient)
away_when(ConnectionError)
