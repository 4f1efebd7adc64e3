"""`tickets.audit.v1`: each change of the desk's configuration and its author. Key: `<kind>:<id>`. Owner: tickets."""

from __future__ import annotations

from typing import Any

from shared.contracts.base import Event, Id, Time, Value
from shared.contracts.common import Actor


class FieldChange(Value):
    """A field as it was and as it is, as in the directory's event. `hidden`: its values are nobody's to see."""

    field: str
    before: Any = None
    after: Any = None
    hidden: bool = False


class ConfigurationChanged(Event):
    """Somebody made, changed or retired an entry of the directory or a governed artifact: `kind` and `entity_id` are
    those of its key, `name` what people call it, `seq` its own. `made`: there was none before, and `changes` are its
    first fields. `act`, `version` and `text`: what was done to an artifact, to which version and why; of other entries,
    `text` says how it was done, where that is not by signing in and doing it."""

    act_id: Id
    at: Time
    by: Actor
    kind: str
    entity_id: Id
    name: str
    seq: int
    made: bool = False
    changes: tuple[FieldChange, ...] = ()
    act: str = ""
    version: int | None = None
    text: str = ""
