"""One kind of governed artifacts as requests work with it: what a viewer sees, and one act carried out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

from fastapi import Response
from pydantic import BaseModel

from shared.access import Viewer
from shared.clock import Clock
from shared.contracts.governance import ActName
from shared.directory import Directory
from shared.errors import FieldError, Invalid, NotFound
from shared.governance.documents import D, Held, Past, Shown, Standing, past_standing, standing
from shared.governance.model import KeptForBrands, Terms
from shared.governance.requests import Asked, tagged
from shared.governance.rights import ForBrands, Rights, sees
from shared.governance.store import Governed, Step
from shared.governance.written import Act
from shared.ids import derived

B = TypeVar("B", bound=KeptForBrands)


V = TypeVar("V", bound=Shown)
Views = list[V]
Done = Callable[[str], Awaitable[None]]
Check = Callable[[D], Awaitable[tuple[D, dict[str, Any]]]]
"""A draft as it is kept, and what is kept with it. Raises Invalid."""


@dataclass(frozen=True)
class Kind(Generic[D, B, V]):
    """`view` and `listed` are what is answered: B's fields with a `standing`, and `{"items": [view]}`. `done`: told of
    every id that was written, when it is through."""

    governed: Governed[D, B, Any]
    rights: Rights
    view: type[V]
    listed: type[BaseModel]
    directory: Directory
    clock: Clock
    done: Done | None = None

    # ── what is seen ─────────────────────────────────────────────────────────────────────────────
    def shown(self, held: Held[B], terms: Terms) -> V:
        return self._view(held.kept, standing(held.artifact, terms))

    def shown_past(self, held: Held[B], past: Past[B], terms: Terms) -> V:
        return self._view(past.kept, past_standing(held.artifact, past, terms))

    async def answer(self, held: Held[B], response: Response) -> V:
        """After a write."""
        if self.done:
            await self.done(held.artifact.id)
        return tagged(self.shown(held, await self.governed.terms()), response)

    async def list(self, viewer: Viewer, *, retired: bool) -> list[V]:
        viewer.need(self.rights.read)
        terms = await self.governed.terms()
        return [self.shown(one, terms) for one in await self.governed.all(retired=retired) if sees(viewer, one.kept)]

    async def seen(self, viewer: Viewer, id_: str) -> Held[B]:
        """Raises NotFound, also for what is out of sight."""
        viewer.need(self.rights.read)
        held = await self.governed.get(id_)
        if not sees(viewer, held.kept):
            raise NotFound(self.governed.noun.name, f"There is no such {self.rights.words}.")
        return held

    async def one(self, viewer: Viewer, id_: str, response: Response) -> V:
        held = await self.seen(viewer, id_)
        return tagged(self.shown(held, await self.governed.terms()), response)

    def _view(self, kept: B, now: Standing) -> V:
        fields = {name: getattr(kept, name) for name in type(kept).model_fields}
        return self.view(**fields, standing=now)

    # ── what is done ─────────────────────────────────────────────────────────────────────────────
    def to_save(self, viewer: Viewer, draft: ForBrands, *, publish: bool) -> None:
        """Raises Forbidden for what the viewer may not write, or not publish."""
        self.rights.to_write(viewer, [draft])
        if publish:
            self.rights.to_publish(viewer, [draft])

    async def to_save_over(self, viewer: Viewer, id_: str, *, publish: bool) -> None:
        await self.to_write(viewer, id_)
        if publish:
            await self.to_publish(viewer, id_)

    async def create(self, asked: Asked, draft: D, check: Check[D], *, publish: bool, rationale: str) -> V:
        """The first version."""
        self.to_save(asked.viewer, cast(ForBrands, draft), publish=publish)
        written, also = await check(draft)
        id_ = derived(self.governed.noun.name.replace("_", " "), asked.command_id)
        by, now = asked.viewer.agent_id, self.clock()
        held = await self.governed.create(id_, written, also, by=by, now=now, publish=publish, rationale=rationale)
        return await self.answer(held, asked.response)

    async def replace(self, asked: Asked, id_: str, draft: D, check: Check[D], *, publish: bool, rationale: str) -> V:
        """The next version."""
        self.to_save(asked.viewer, cast(ForBrands, draft), publish=publish)
        await self.to_save_over(asked.viewer, id_, publish=publish)
        written, also = await check(draft)
        held = await self.governed.replace(
            id_,
            written,
            also,
            version=asked.version,
            command_id=asked.command_id,
            by=asked.viewer.agent_id,
            now=self.clock(),
            publish=publish,
            rationale=rationale,
        )
        return await self.answer(held, asked.response)

    async def reorder(self, viewer: Viewer, ids: Sequence[str]) -> Views[V]:
        self.rights.to_order(viewer)
        terms = await self.governed.terms()
        ordered = await self.governed.reorder(ids, by=viewer.agent_id, now=self.clock())
        return [self.shown(one, terms) for one in ordered]

    async def concerned(self, held: Held[B]) -> tuple[B, ...]:
        """What an act on it may change for somebody: the latest version and those in force."""
        id_ = held.artifact.id
        in_force = await self.governed.kept([(id_, version) for version in held.artifact.in_force])
        return (held.kept, *in_force.values())

    async def to_write(self, viewer: Viewer, id_: str) -> Held[B]:
        """Raises Forbidden and NotFound."""
        viewer.need(self.rights.write)
        held = await self.seen(viewer, id_)
        self.rights.to_write(viewer, await self.concerned(held))
        return held

    async def to_publish(self, viewer: Viewer, id_: str) -> Held[B]:
        viewer.need(self.rights.publish)
        held = await self.seen(viewer, id_)
        self.rights.to_publish(viewer, await self.concerned(held))
        return held

    async def to_retire(self, viewer: Viewer, id_: str) -> Held[B]:
        """What is not in force is thrown away by who may write it."""
        held = await self.to_write(viewer, id_)
        return held if held.artifact.published is None else await self.to_publish(viewer, id_)

    async def to_review(self, viewer: Viewer, id_: str) -> Held[B]:
        """To approve or reject."""
        self.rights.to_approve(viewer, await self.governed.terms())
        held = await self.seen(viewer, id_)
        self.rights.within(viewer, await self.concerned(held))
        return held

    async def act(self, asked: Asked, held: Held[B], name: ActName, step: Step, text: str = "") -> V:
        """Carry out an act that its author may do, and answer."""
        act = Act(name, asked.viewer.agent_id, self.clock(), text)
        done = await self.governed.act(held.artifact.id, step, act, version=asked.version, command_id=asked.command_id)
        return await self.answer(done, asked.response)


def unknown(path: str, id_: str, words: str) -> Invalid:
    """An id in a body that is nobody's."""
    return Invalid(f"unknown_{words}", f'There is no {words} "{id_}".', (FieldError(path, f"is no {words}"),))
