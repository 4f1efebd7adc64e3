"""What customers did in a product, many events at a time (CH12)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, GetJsonSchemaHandler, StringConstraints, ValidationError
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, to_json

from services.ingest.api.parts import IntegrationOnly, The
from services.ingest.channels.activity import NEVER
from services.ingest.handlers.custom import Custom
from services.ingest.handlers.replay import event_of
from shared.contracts.integrations import ActivityPosted
from shared.errors import DomainError, FieldError, Invalid
from shared.http import Body, refusal
from shared.topics import INTEGRATIONS

router = APIRouter()

BATCH_MAX = 500
TYPE = INTEGRATIONS.type_of(ActivityPosted)


class PostedActivity(ActivityPosted):
    """One event. `id` is the integrator's own and stable: the same `source` and `id` again change nothing."""

    id: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _ShownAs:
    """The API's document says what an event is."""

    def __get_pydantic_json_schema__(self, _: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(PostedActivity.__pydantic_core_schema__)


AnyEvent = Annotated[dict[str, Any], _ShownAs()]
"""Read one by one, so that a bad one is refused and its neighbours are not."""


class ActivityBatch(Body):
    """`source` names the sending system, as a CloudEvent's does."""

    source: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    events: Annotated[list[AnyEvent], Field(min_length=1, max_length=BATCH_MAX)]


class RefusedPlace(BaseModel):
    path: str
    message: str


class RefusedActivity(BaseModel):
    """The batch's event `index` (from 0) was not taken, and why: mend it and send it again, under the same id."""

    index: int
    id: str
    code: str
    detail: str
    errors: list[RefusedPlace]


class ActivityAnswer(BaseModel):
    """Every event of the batch is in one of the three. `duplicates` had been accepted before, and changed nothing."""

    accepted: int
    duplicates: int
    refused: list[RefusedActivity]


@router.post(
    "/activity",
    status_code=202,
    dependencies=[IntegrationOnly],
    responses={207: {"model": ActivityAnswer, "description": "Some were refused; the others are accepted"}},
)
async def post_activity(body: ActivityBatch, the: The, response: Response) -> ActivityAnswer:
    """Up to 500 things that customers did. What can be accepted is, whatever its neighbours are; 202 says that all
    were, 207 that `refused` names some."""
    read, refused = [], []
    for index, event in enumerate(body.events):
        try:
            read.append((index, event_of(_checked(event), _headers(body.source, event))))
        except Invalid as error:
            refused.append(_refused(index, event, error))
    found = await Custom(the.intake).accept_each([one for _, one in read])
    accepted = [one for one in found if not isinstance(one, DomainError)]
    pairs = zip(read, found, strict=True)
    refused += [_refused(n, body.events[n], why) for (n, _), why in pairs if isinstance(why, DomainError)]
    if refused:
        response.status_code = 207
    duplicates = sum(one.duplicate for one in accepted)
    refused.sort(key=lambda one: one.index)
    return ActivityAnswer(accepted=len(accepted) - duplicates, duplicates=duplicates, refused=refused)


def _checked(event: dict[str, Any]) -> bytes:
    """The CloudEvent's data. Raises Invalid with every place of the event that is wrong."""
    try:
        PostedActivity.model_validate(event)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        places = (".".join(str(part) for part in one["loc"]) for one in found)
        fields = tuple(FieldError(place, refusal(one)) for place, one in zip(places, found, strict=True))
        raise Invalid(NEVER, f"{fields[0].path}: {fields[0].message}", fields) from error
    return to_json({name: value for name, value in event.items() if name != "id"})


def _headers(source: str, event: dict[str, Any]) -> dict[str, str]:
    """Of the CloudEvent that it is, in binary mode."""
    return {"ce_id": str(event.get("id", ""))[:200], "ce_source": source, "ce_type": TYPE}


def _refused(index: int, event: dict[str, Any], why: DomainError) -> RefusedActivity:
    errors = [
        RefusedPlace(path=f"events.{index}.{one.path.removeprefix('data.')}", message=one.message) for one in why.fields
    ]
    id_ = event.get("id")
    return RefusedActivity(
        index=index, id=id_[:200] if isinstance(id_, str) else "", code=why.code, detail=why.message, errors=errors
    )
