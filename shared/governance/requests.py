"""What a request about an artifact says beside its body: which version was changed, and which command it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Protocol, TypeVar

from fastapi import Depends, Header, Query, Response

from shared.access import CurrentViewer, Viewer
from shared.errors import Invalid
from shared.ids import derived, random_id

IfMatch = Annotated[str | None, Header(description='The version that was changed, `"3"`.')]
IdempotencyKey = Annotated[str | None, Header(max_length=200)]
Publish = Annotated[bool, Query(description="Publish it in the same step, where no approval is needed.")]
Rationale = Annotated[str, Query(max_length=2000, description="Why, with `publish`.")]


class Tagged(Protocol):
    @property
    def version(self) -> int: ...


V = TypeVar("V", bound=Tagged)


def version_of(if_match: str | None) -> int:
    text = (if_match or "").removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid("if_match", 'Say which version you changed in the header If-Match, such as "3".')
    return int(text)


def command_of(viewer: Viewer, key: str | None) -> str:
    return derived("command", viewer.agent_id, key or random_id())


def tagged(one: V, response: Response) -> V:
    response.headers["ETag"] = f'"{one.version}"'
    return one


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for an act, on which version, by which command."""

    viewer: Viewer
    response: Response
    if_match: str | None
    key: str | None

    @property
    def version(self) -> int:
        """Raises Invalid when it is not said."""
        return version_of(self.if_match)

    @property
    def command_id(self) -> str:
        return command_of(self.viewer, self.key)


async def _asked(
    viewer: CurrentViewer, response: Response, if_match: IfMatch = None, idempotency_key: IdempotencyKey = None
) -> Asked:
    return Asked(viewer, response, if_match, idempotency_key)


CurrentAsked = Annotated[Asked, Depends(_asked)]
