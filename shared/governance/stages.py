"""Who has which version while one is rolled out. Pure.

A conversation's place among a hundred follows from the artifact's id and its own: it is the same for every version and
at every time, so that a higher percentage only adds conversations.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Generic, Protocol, TypeVar

from shared.contracts.governance import Rollout

NOBODY: frozenset[str] = frozenset()


class Versioned(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def version(self) -> int: ...


class Placed(Protocol):
    """A conversation, as its head says."""

    @property
    def id(self) -> str: ...
    @property
    def brand_id(self) -> str: ...
    @property
    def team_id(self) -> str | None: ...


K = TypeVar("K", bound=Versioned)


@dataclass(frozen=True, slots=True)
class Member(Generic[K]):
    """What is in force of one artifact: `now`, and for those whom `rollout` leaves out `before`, None: nothing. `since`
    when it is so; None: always was."""

    now: K
    before: K | None = None
    rollout: Rollout | None = None
    since: datetime | None = None

    @property
    def versions(self) -> tuple[K, ...]:
        return (self.now, self.before) if self.before is not None else (self.now,)


def takes(rollout: Rollout, artifact_id: str, conversation: Placed) -> bool:
    """Whether this conversation has the new version."""
    if rollout.brand_ids and conversation.brand_id not in rollout.brand_ids:
        return False
    if rollout.team_ids and conversation.team_id not in rollout.team_ids:
        return False
    return rollout.percentage == 100 or place_of(artifact_id, conversation.id) < rollout.percentage


def place_of(artifact_id: str, conversation_id: str) -> int:
    """0 to 99, evenly."""
    digest = sha256(f"{len(artifact_id)}:{artifact_id}{conversation_id}".encode()).digest()
    return int.from_bytes(digest[:8]) % 100


def version_id(one: Versioned) -> str:
    return f"{one.id}:{one.version}"


class Stages(Generic[K]):
    """The artifacts of a revision that not everybody has in one version."""

    def __init__(self, members: Iterable[Member[K]]) -> None:
        self._staged = [
            (member.rollout, member.now.id, version_id(member.now), version_id(member.before) if member.before else "")
            for member in members
            if member.rollout
        ]

    def left_out(self, conversation: Placed) -> frozenset[str]:
        """The versions (`version_id`) that are not this conversation's. Costs nothing when nothing is staged."""
        if not self._staged:
            return NOBODY
        found = (before if takes(rollout, id_, conversation) else now for rollout, id_, now, before in self._staged)
        return frozenset(one for one in found if one)
