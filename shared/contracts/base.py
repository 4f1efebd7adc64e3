"""What every event model is: frozen, strict when produced, tolerant when read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self

from annotated_types import MinLen
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
"""An identifier of ours: a UUID for what is derived or made, a slug for what an admin names."""

Time = Annotated[AwareDatetime, Field(ge=datetime(1, 1, 2, tzinfo=UTC), le=datetime(9999, 12, 30, tzinfo=UTC))]
"""Always with a zone; UTC when we make it; whole milliseconds, because MongoDB keeps no more. Not within a day of the
calendar's ends: in UTC there would be no such time, and what cannot be kept must be refused where it is read."""

NonEmpty = MinLen(1)


class Value(BaseModel):
    """A frozen value. Unknown fields are refused, so that a typo cannot leave a producer unnoticed."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64")


class Event(Value):
    """Something that happened, in the past tense. `VERSION` rises when an old reader could not read it."""

    VERSION: ClassVar[int] = 1

    @classmethod
    def read(cls, raw: bytes | str) -> Self:
        """Parse what somebody published: unknown fields are ignored, so that they may add some."""
        return cls.model_validate_json(raw, extra="ignore")
