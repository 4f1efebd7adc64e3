"""Who may read, write and publish artifacts. What concerns some brands alone is seen by who works for one of them, and
changed by who works for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from shared.access import Viewer
from shared.contracts.directory import Permission
from shared.errors import Forbidden
from shared.governance.model import Terms


class ForBrands(Protocol):
    """What concerns some brands, or every one when it names none."""

    @property
    def brand_ids(self) -> Sequence[str]: ...


@dataclass(frozen=True, slots=True)
class Rights:
    """What a role must allow for a kind of artifacts. `everywhere`: they act on every channel and team, so that who is
    limited to some changes none. `words` names one ("rule")."""

    read: Permission
    write: Permission
    publish: Permission
    words: str
    everywhere: bool = True

    def to_write(self, viewer: Viewer, ones: Iterable[ForBrands]) -> None:
        """Raises Forbidden unless the viewer may change all of these."""
        viewer.need(self.write)
        self.within(viewer, ones)

    def to_publish(self, viewer: Viewer, ones: Iterable[ForBrands]) -> None:
        viewer.need(self.publish)
        self.within(viewer, ones)

    def to_approve(self, viewer: Viewer, terms: Terms) -> None:
        """Those who may publish, and whose role is an approver's."""
        if viewer.role_id not in terms.approver_role_ids:
            viewer.need(self.publish)

    def to_order(self, viewer: Viewer) -> None:
        """The order is in force at once."""
        viewer.need(self.publish)
        if not viewer.scope.whole:
            raise Forbidden("other_brands", "The order concerns every brand. Ask somebody who works for all of them.")

    def within(self, viewer: Viewer, ones: Iterable[ForBrands]) -> None:
        """Raises Forbidden for what reaches beyond the viewer's part of the desk."""
        if self.everywhere and not viewer.scope.by_brand_alone:
            sentence = f"A {self.words} acts on every channel and team. Ask somebody who works for all of them."
            raise Forbidden("other_teams", sentence)
        if viewer.brand_ids and not all(one.brand_ids and viewer.brand_ids.issuperset(one.brand_ids) for one in ones):
            sentence = f"This {self.words} concerns brands that you do not work for. Limit it to your brands."
            raise Forbidden("other_brands", sentence)


def sees(viewer: Viewer, one: ForBrands) -> bool:
    return not one.brand_ids or any(viewer.sees_brand(brand) for brand in one.brand_ids)
