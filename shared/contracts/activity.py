"""`ingest.activity.v1`: what customers did in a brand's product. Key: the first handle by which they are known.

Owner: ingest. `input_id` is derived from the integrator's own id, so that the same event always is the same input.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from shared.contracts.base import Event, Id, Time, Value

ATTRIBUTES_MAX = 20
NAME_CHARS = 100
TEXT_CHARS = 300
"""Of an attribute's text: what one did is said in a word or a line, and each event of each contact is kept."""
KEPT_FOR = timedelta(days=90)
"""How long what one did is kept. What was longer ago when it comes is refused."""

ActivityName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NAME_CHARS)]
AttributeName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,49}$")]
AttributeText = Annotated[str, StringConstraints(max_length=TEXT_CHARS)]
AttributeNumber = Annotated[float, Field(ge=-1e15, le=1e15, allow_inf_nan=False)]
ActivityValue = bool | AttributeNumber | AttributeText
"""Flat and typed: a yes or no, a number, a text."""


class ActivityAttribute(Value):
    name: AttributeName
    value: ActivityValue


def _each_once(attributes: tuple[ActivityAttribute, ...]) -> tuple[ActivityAttribute, ...]:
    if len({one.name for one in attributes}) < len(attributes):
        raise ValueError("name each attribute once")
    return attributes


ActivityAttributes = Annotated[
    tuple[ActivityAttribute, ...], Field(max_length=ATTRIBUTES_MAX), AfterValidator(_each_once)
]


class Activity(Value):
    """One thing that somebody did, `at` by the product's own clock. Names are compared as they stand."""

    name: ActivityName
    at: Time
    attributes: ActivityAttributes = ()


class ActivityRecorded(Event):
    """A known or new customer of a brand did something in its product.

    Who: at least one of `external_id` (the product's own id of its user), `email` (lower case) and `phone` (E.164);
    empty where it was not said. The product's server vouches for all of them.
    """

    input_id: Id
    brand_id: Id
    external_id: str = ""
    email: str = ""
    phone: str = ""
    person: str = ""
    activity: Activity
    received_at: Time

    @property
    def key(self) -> str:
        """The strongest of the handles, so that what one user did stays in order."""
        if self.external_id:
            return f"external:{self.brand_id}:{self.external_id}"
        return f"email:{self.email}" if self.email else f"phone:{self.phone}"
