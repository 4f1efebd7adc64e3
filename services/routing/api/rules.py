"""Rules over HTTP: read, write, order, versions, and what they can be made of.

Who is limited to some brands sees the rules that concern those, and changes the ones that concern no other.
"""

from __future__ import annotations

from typing import Annotated, Any, get_args

from fastapi import APIRouter, Header, Response
from pydantic import BaseModel, TypeAdapter

from services.routing.rules.compile import Known, check
from services.routing.rules.fields import FIELDS, Refers, Type
from services.routing.rules.operators import OPERATORS, Takes
from services.routing.rules.schema import EventName, Rule, RuleAction, RuleDraft
from services.routing.store.rules import Rules
from shared.access import CurrentViewer, Viewer
from shared.clock import Clock
from shared.directory import Directory
from shared.errors import Forbidden, Invalid, NotFound
from shared.http import Body
from shared.ids import derived, random_id

IfMatch = Annotated[str | None, Header(description='The version that was changed, `"3"`.')]
IdempotencyKey = Annotated[str | None, Header(max_length=200)]


class OrderBody(Body):
    ids: list[str]


class RuleList(BaseModel):
    items: list[Rule]


class OperatorInfo(BaseModel):
    """`takes`: one value, many, none, or a pattern (RE2)."""

    name: str
    label: str
    takes: Takes


class FieldInfo(BaseModel):
    name: str
    label: str
    type: Type
    choices: tuple[str, ...]
    refers: Refers | None


class RuleSchema(BaseModel):
    """`actions` is the JSON Schema of one action."""

    events: tuple[str, ...]
    fields: list[FieldInfo]
    operators: dict[Type, list[OperatorInfo]]
    actions: dict[str, Any]


def routes(rules: Rules, directory: Directory, clock: Clock) -> APIRouter:
    router = APIRouter(prefix="/rules", tags=["rules"])

    @router.get("")
    async def list_rules(viewer: CurrentViewer) -> RuleList:
        viewer.need("rules.read")
        return RuleList(items=[rule for rule in await rules.all() if _sees(viewer, rule)])

    @router.get("/schema")
    async def rule_schema(viewer: CurrentViewer) -> RuleSchema:
        viewer.need("rules.read")
        return SCHEMA

    @router.put("/order")
    async def order_rules(body: OrderBody, viewer: CurrentViewer) -> RuleList:
        viewer.need("rules.write")
        if viewer.brand_ids:
            raise Forbidden("other_brands", "The order concerns every brand. Ask somebody who works for all of them.")
        return RuleList(items=await rules.reorder(body.ids, by=viewer.agent_id, now=clock()))

    @router.post("", status_code=201)
    async def create_rule(
        draft: RuleDraft, viewer: CurrentViewer, response: Response, idempotency_key: IdempotencyKey = None
    ) -> Rule:
        _may_write(viewer, draft)
        check(draft, known(directory))
        rule_id = derived("rule", _command(viewer, idempotency_key))
        rule = await rules.create(rule_id, draft, by=viewer.agent_id, now=clock())
        return _tagged(rule, response)

    @router.get("/{rule_id}")
    async def get_rule(rule_id: str, viewer: CurrentViewer, response: Response) -> Rule:
        viewer.need("rules.read")
        return _tagged(_seen(viewer, await rules.get(rule_id)), response)

    @router.get("/{rule_id}/versions")
    async def list_versions(rule_id: str, viewer: CurrentViewer) -> RuleList:
        viewer.need("rules.read")
        versions = await rules.versions(rule_id)
        _seen(viewer, versions[0])
        return RuleList(items=[version for version in versions if _sees(viewer, version)])

    @router.put("/{rule_id}")
    async def replace_rule(
        rule_id: str,
        draft: RuleDraft,
        viewer: CurrentViewer,
        response: Response,
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Rule:
        _may_write(viewer, draft)
        _may_write(viewer, _seen(viewer, await rules.get(rule_id)))
        check(draft, known(directory))
        rule = await rules.replace(
            rule_id,
            draft,
            version=_version(if_match),
            command_id=_command(viewer, idempotency_key),
            by=viewer.agent_id,
            now=clock(),
        )
        return _tagged(rule, response)

    @router.delete("/{rule_id}", status_code=204)
    async def delete_rule(rule_id: str, viewer: CurrentViewer, if_match: IfMatch = None) -> None:
        viewer.need("rules.write")
        _may_write(viewer, _seen(viewer, (await rules.versions(rule_id))[0]))
        await rules.delete(rule_id, version=_version(if_match), by=viewer.agent_id, now=clock())

    return router


def known(directory: Directory) -> Known:
    """What a rule may name."""
    brands = {brand.brand_id: brand.topics for brand in directory.brands.values()}
    return Known(brands=brands, teams=directory.teams, agents=directory.agents)


def _sees(viewer: Viewer, rule: RuleDraft) -> bool:
    return not rule.brand_ids or any(viewer.sees_brand(brand) for brand in rule.brand_ids)


def _seen(viewer: Viewer, rule: Rule) -> Rule:
    if not _sees(viewer, rule):
        raise NotFound("rule", "There is no such rule; it may have been deleted.")
    return rule


def _may_write(viewer: Viewer, rule: RuleDraft) -> None:
    viewer.need("rules.write")
    if viewer.brand_ids and not (rule.brand_ids and viewer.brand_ids.issuperset(rule.brand_ids)):
        raise Forbidden("other_brands", "This rule concerns brands that you do not work for. Limit it to your brands.")


def _version(if_match: str | None) -> int:
    text = (if_match or "").removeprefix("W/").strip('"')
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid("if_match", 'Say which version you changed in the header If-Match, such as "3".')
    return int(text)


def _command(viewer: Viewer, key: str | None) -> str:
    return derived("command", viewer.agent_id, key or random_id())


def _tagged(rule: Rule, response: Response) -> Rule:
    response.headers["ETag"] = f'"{rule.version}"'
    return rule


SCHEMA = RuleSchema(
    events=get_args(EventName),
    fields=[
        FieldInfo(name=one.name, label=one.label, type=one.type, choices=one.choices, refers=one.refers)
        for one in FIELDS.values()
    ],
    operators={
        type_: [OperatorInfo(name=one.name, label=one.label, takes=one.takes) for one in operators.values()]
        for type_, operators in OPERATORS.items()
    },
    actions=TypeAdapter(RuleAction).json_schema(),
)
