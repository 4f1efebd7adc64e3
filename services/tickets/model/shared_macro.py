"""Macros that everybody uses, as they are written and kept with all their versions. Shapes only."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from shared.contracts.base import Id, Value
from shared.contracts.directory import MacroAction, MacroChanged, MacroText
from shared.contracts.governance import Rollout
from shared.governance.model import KeptForBrands

Ids = Annotated[tuple[Id, ...], Field(max_length=200)]


class MacroDraft(Value):
    """What a person writes. `brand_ids`, `team_ids` empty: on every brand, by every team."""

    name: Annotated[str, Field(max_length=200)]
    html: Annotated[str, Field(max_length=400_000)] = ""
    actions: Annotated[tuple[MacroAction, ...], Field(max_length=20)] = ()
    brand_ids: Ids = ()
    team_ids: Ids = ()


class SharedMacro(MacroDraft, KeptForBrands):
    """A kept one."""


def told(now: SharedMacro, before: SharedMacro | None, rollout: Rollout | None, owner_id: str) -> MacroChanged:
    """As everybody hears of what is in force."""
    written = {name: getattr(now, name) for name in MacroDraft.model_fields}
    return MacroChanged(
        **written,
        macro_id=now.id,
        seq=1,
        created_by=owner_id,
        version=now.version,
        rollout=rollout,
        before=_text(before) if before else None,
    )


def _text(kept: SharedMacro) -> MacroText:
    return MacroText(version=kept.version, **{name: getattr(kept, name) for name in MacroDraft.model_fields})
