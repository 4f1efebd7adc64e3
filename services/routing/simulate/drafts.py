"""The rules as they would be: those in force with some changed, added or retired. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from services.routing.rules.schema import Rule, RuleDraft, RuleField

DRAFT = "draft:"
"""Before the place of a draft that was never saved, as its id: no kept rule has such a one."""


def drafted(n: int, draft: RuleDraft, kept: Rule | None, fields: tuple[RuleField, ...], by: str, now: datetime) -> Rule:
    """The n-th draft as the rule that it would be: the next version of the kept one, or a new one."""
    written = {name: getattr(draft, name) for name in RuleDraft.model_fields}
    id_, version = (kept.id, kept.version + 1) if kept else (f"{DRAFT}{n}", 1)
    return Rule(**written, id=id_, version=version, fields=fields, saved_at=now, saved_by=by)


def instead(
    published: Sequence[Rule], drafts: Sequence[Rule], retired: Collection[str], order: Sequence[str]
) -> list[Rule]:
    """The set in which the drafts stand. A drafted rule keeps its place; one that is not in force gets the place that
    `order` (ids of all kept rules) gives it; a new one comes last."""
    changed = {one.id: one for one in drafts}
    there = [changed.pop(one.id, one) for one in published if one.id not in retired]
    places = {id_: place for place, id_ in enumerate(order)}
    for one in changed.values():
        there.insert(_place(one, there, places), one)
    return there


def _place(one: Rule, among: Sequence[Rule], places: Mapping[str, int]) -> int:
    """Before the first rule that comes later by `order`; the rules themselves may stand otherwise."""
    mine = places.get(one.id)
    if mine is None:
        return len(among)
    later = (n for n, other in enumerate(among) if places.get(other.id, len(places)) > mine)
    return next(later, len(among))
