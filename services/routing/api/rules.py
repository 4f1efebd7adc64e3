"""Rules over HTTP: read, write, order, and what they can be made of; their reviews and versions are `governed`.

Who is limited to some brands sees the rules that concern those, and changes the ones that concern no other.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Response
from pydantic import BaseModel, TypeAdapter

from services.routing.api.known import known
from services.routing.rules.compile import check
from services.routing.rules.fields import FIELDS, Field, Refers, Type
from services.routing.rules.operators import OPERATORS, Operator, Takes
from services.routing.rules.own import attribute_field
from services.routing.rules.schema import EventName, Rule, RuleAction, RuleDraft
from services.routing.store import Store
from shared.access import CurrentViewer
from shared.clock import Clock
from shared.contracts.deliveries import EndpointChanged
from shared.directory import Directory
from shared.governance.desk import Kind
from shared.governance.documents import Shown
from shared.governance.requests import CurrentAsked, Publish, Rationale
from shared.governance.rights import Rights, sees
from shared.governance.routes import governed
from shared.http import WHOLE, Body

Sent = Annotated[RuleDraft, WHOLE]


class OrderBody(Body):
    ids: list[str]


class OperatorInfo(BaseModel):
    """`takes`: one value, many, none, a pattern (RE2), or a length of time (ISO 8601, such as PT2H)."""

    name: str
    label: str
    takes: Takes


class FieldInfo(BaseModel):
    """`changes`: events say when it changed, so that "changed" and "changed_to" can be asked. `of_ticket`: it is a
    ticket's own, which a rule that waits does not know of a tracker."""

    name: str
    label: str
    type: Type
    choices: tuple[str, ...]
    changes: bool
    of_ticket: bool
    refers: Refers | None


class RuleSchema(BaseModel):
    """`actions` is the JSON Schema of one action."""

    events: tuple[str, ...]
    fields: list[FieldInfo]
    operators: dict[Type, list[OperatorInfo]]
    actions: dict[str, Any]


class WebhookInfo(BaseModel):
    """A webhook that a rule may call. `brand_ids` empty: all brands."""

    id: str
    name: str
    brand_ids: tuple[str, ...]
    state: Literal["active", "disabled"]


class RuleView(Rule, Shown):
    """A rule with its standing: which version is in force, for whom, and what is to be done before the latest is."""


class RuleList(BaseModel):
    items: list[RuleView]


RIGHTS = Rights("rules.read", "rules.write", "rules.publish", "rule")


def routes(store: Store, directory: Directory, clock: Clock) -> APIRouter:
    async def checked(draft: RuleDraft) -> tuple[RuleDraft, dict[str, Any]]:
        there = [one.artifact.id for one in await store.policies.all()]
        hours = [one.id for one in await store.calendars.there()]
        return draft, {"fields": check(draft, known(directory, there, hours, await store.endpoints.there()))}

    kind = Kind(store.rules, RIGHTS, RuleView, RuleList, directory, clock)
    router = APIRouter(prefix="/rules", tags=["rules"])

    @router.get("")
    async def list_rules(viewer: CurrentViewer, retired: bool = False) -> RuleList:
        return RuleList(items=await kind.list(viewer, retired=retired))

    @router.get("/schema")
    async def rule_schema(viewer: CurrentViewer) -> RuleSchema:
        """The fields that there are, the desk's own attributes after them."""
        viewer.need("rules.read")
        return RuleSchema(
            events=get_args(EventName),
            fields=field_infos(directory),
            operators=OPERATOR_INFOS,
            actions=_ACTIONS,
        )

    @router.get("/webhooks")
    async def rule_webhooks(viewer: CurrentViewer) -> list[WebhookInfo]:
        """The webhooks that rules may call, by name, those that are switched off too: a rule says what it calls to
        whoever reads it. Who is limited to some brands sees those of no other."""
        viewer.need("rules.read")
        found = (await store.endpoints.there()).values()
        seen = [one for one in found if sees(viewer, one)]
        return [_webhook_info(one) for one in sorted(seen, key=lambda one: (one.name.casefold(), one.endpoint_id))]

    @router.put("/order")
    async def order_rules(body: OrderBody, viewer: CurrentViewer) -> RuleList:
        """At once in force."""
        return RuleList(items=await kind.reorder(viewer, body.ids))

    @router.post("", status_code=201)
    async def create_rule(
        draft: Sent, asked: CurrentAsked, publish: Publish = False, rationale: Rationale = ""
    ) -> RuleView:
        """A draft; in force at once with `publish`, where no approval is needed."""
        return await kind.create(asked, draft, checked, publish=publish, rationale=rationale)

    governed(router, kind, id_name="rule_id")

    @router.get("/{rule_id}")
    async def get_rule(rule_id: str, viewer: CurrentViewer, response: Response) -> RuleView:
        """The latest version; `standing.published` says which one is in force."""
        return await kind.one(viewer, rule_id, response)

    @router.put("/{rule_id}")
    async def replace_rule(
        rule_id: str, draft: Sent, asked: CurrentAsked, publish: Publish = False, rationale: Rationale = ""
    ) -> RuleView:
        """A draft of the next version; what is in force stays so until it is published."""
        return await kind.replace(asked, rule_id, draft, checked, publish=publish, rationale=rationale)

    return router


def _webhook_info(endpoint: EndpointChanged) -> WebhookInfo:
    return WebhookInfo(
        id=endpoint.endpoint_id,
        name=endpoint.name,
        brand_ids=endpoint.brand_ids,
        state="active" if endpoint.state == "active" else "disabled",
    )


def field_infos(directory: Directory) -> list[FieldInfo]:
    """All that can be asked about, the desk's own attributes last."""
    return [_info(one) for one in (*FIELDS.values(), *map(attribute_field, known(directory).attributes))]


def _info(field: Field) -> FieldInfo:
    return FieldInfo(
        name=field.name,
        label=field.label,
        type=field.type,
        choices=field.choices,
        changes=field.changes,
        of_ticket=field.of_ticket,
        refers=field.refers,
    )


def operator_infos(operators: Iterable[Operator]) -> list[OperatorInfo]:
    return [OperatorInfo(name=one.name, label=one.label, takes=one.takes) for one in operators]


OPERATOR_INFOS: dict[Type, list[OperatorInfo]] = {
    type_: operator_infos(operators.values()) for type_, operators in OPERATORS.items()
}

_ACTIONS = TypeAdapter[Any](RuleAction).json_schema()
