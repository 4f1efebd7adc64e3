"""Rules with all their versions. MongoDB: `rules` (as they are), `rule_versions` and `rulesets` (kept for ever).

Every change publishes a revision: the versions in force, in order. A decision names the revision it was made
with, and every replica sees a new one before its next batch.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from pydantic import ValidationError
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.asynchronous.client_session import AsyncClientSession

from services.routing.rules.evaluate import RuleSet
from services.routing.rules.schema import Rule, RuleDraft
from shared.errors import Conflict, Invalid, NotFound, Transient
from shared.log import Log
from shared.mongo import Client, Database, in_transaction

T = TypeVar("T")

KEPT_SETS = 20
MAX_RULES = 1000


class Rules:
    def __init__(self, client: Client, database: Database, log: Log) -> None:
        self._client = client
        self._rules = database.get_collection("rules")
        self._versions = database.get_collection("rule_versions")
        self._sets = database.get_collection("rulesets")
        self._log = log
        self._compiled: OrderedDict[int, RuleSet] = OrderedDict()

    async def ensure_indexes(self) -> None:
        await self._rules.create_indexes([IndexModel([("order", ASCENDING), ("_id", ASCENDING)])])
        await self._versions.create_indexes([IndexModel([("rule_id", ASCENDING), ("version", ASCENDING)], unique=True)])

    # ── reading ──────────────────────────────────────────────────────────────────────────────────
    async def current(self) -> tuple[int, RuleSet]:
        """The revision in force and its compiled rules; 0 and none before the first rule."""
        newest = await self._sets.find_one({}, projection={"_id": 1}, sort=[("_id", DESCENDING)])
        revision: int = newest["_id"] if newest else 0
        return revision, await self.at(revision)

    async def at(self, revision: int) -> RuleSet:
        """The compiled rules of a revision, for an explanation too.

        Raises Transient when a newer release saved something that this one can't read: to wait for the upgrade
        is right, to go on without the rule is not.
        """
        if revision not in self._compiled:
            try:
                self._compiled[revision] = RuleSet(await self._rules_of(revision))
            except (ValidationError, Invalid) as error:
                raise Transient(f"rules of revision {revision} can't be read by this release: {error}") from error
            while len(self._compiled) > KEPT_SETS:
                self._compiled.popitem(last=False)
        self._compiled.move_to_end(revision)
        return self._compiled[revision]

    async def _rules_of(self, revision: int) -> list[Rule]:
        found = await self._sets.find_one({"_id": revision})
        names = [f"{one['id']}:{one['version']}" for one in found["rules"]] if found else []
        rows = {row["_id"]: row async for row in self._versions.find({"_id": {"$in": names}})}
        return [Rule.model_validate(rows[name]["rule"]) for name in names]

    async def all(self, session: AsyncClientSession | None = None) -> list[Rule]:
        found = self._rules.find({}, session=session).sort([("order", ASCENDING), ("_id", ASCENDING)])
        return [_rule(document) async for document in found]

    async def get(self, rule_id: str, session: AsyncClientSession | None = None) -> Rule:
        found = await self._rules.find_one({"_id": rule_id}, session=session)
        if found is None:
            raise NotFound("rule", "There is no such rule; it may have been deleted.")
        return _rule(found)

    async def versions(self, rule_id: str) -> list[Rule]:
        """Every version that ever was, newest first, those of a deleted rule too."""
        found = self._versions.find({"rule_id": rule_id}).sort("version", DESCENDING)
        rules = [Rule.model_validate(document["rule"]) async for document in found]
        if not rules:
            raise NotFound("rule", "There is no such rule.")
        return rules

    # ── writing ──────────────────────────────────────────────────────────────────────────────────
    async def create(self, rule_id: str, draft: RuleDraft, *, by: str, now: datetime) -> Rule:
        """Version 1, last in order. The same id again changes nothing and gives the rule as it is."""

        async def work(session: AsyncClientSession) -> Rule:
            rules = await self.all(session)
            if there := next((rule for rule in rules if rule.id == rule_id), None):
                return there
            if await self._versions.find_one({"rule_id": rule_id}, session=session):
                raise NotFound("rule", "This rule was made and deleted since.")
            if len(rules) >= MAX_RULES:
                raise Invalid("too_many_rules", f"There can be {MAX_RULES} rules. Delete one first.")
            order = max((rule.order for rule in rules), default=-1) + 1
            rule = _made(draft, rule_id, 1, order, by, now)
            await self._rules.insert_one(_document(rule), session=session)
            await self._keep(rule, session)
            return rule

        return await self._change(work, by, now)

    async def replace(
        self, rule_id: str, draft: RuleDraft, *, version: int, command_id: str, by: str, now: datetime
    ) -> Rule:
        """The next version. Raises Conflict("stale_version") when `version` is not the latest any more."""

        async def work(session: AsyncClientSession) -> Rule:
            before = await self.get(rule_id, session)
            if await self._log.already_applied([command_id], session):
                return before
            _need_version(before, version)
            rule = _made(draft, rule_id, version + 1, before.order, by, now)
            await self._rules.replace_one({"_id": rule_id}, _document(rule), session=session)
            await self._keep(rule, session)
            await self._log.remember([command_id], session)
            return rule

        return await self._change(work, by, now)

    async def delete(self, rule_id: str, *, version: int, by: str, now: datetime) -> None:
        """Its versions stay. A rule that is gone already is no error."""

        async def work(session: AsyncClientSession) -> None:
            if await self._rules.find_one({"_id": rule_id}, session=session):
                _need_version(await self.get(rule_id, session), version)
                await self._rules.delete_one({"_id": rule_id}, session=session)

        await self._change(work, by, now)

    async def reorder(self, ids: Sequence[str], *, by: str, now: datetime) -> list[Rule]:
        """Put all rules into this order. Raises Invalid unless each is named exactly once."""

        async def work(session: AsyncClientSession) -> list[Rule]:
            rules = {rule.id: rule for rule in await self.all(session)}
            if sorted(ids) != sorted(rules):
                raise Invalid("order", "Name every rule exactly once. Rules changed meanwhile? Load them again.")
            for order, rule_id in enumerate(ids):
                if rules[rule_id].order != order:
                    await self._rules.update_one({"_id": rule_id}, {"$set": {"order": order}}, session=session)
            return await self.all(session)

        return await self._change(work, by, now)

    async def _change(self, work: Callable[[AsyncClientSession], Awaitable[T]], by: str, now: datetime) -> T:
        async def change_and_publish(session: AsyncClientSession) -> T:
            result = await work(session)
            await self._publish(by, now, session)
            return result

        return await in_transaction(self._client, change_and_publish)

    async def _publish(self, by: str, now: datetime, session: AsyncClientSession) -> None:
        """A new revision, when anything differs. Two at once meet on the number, and the later runs again."""
        last = await self._sets.find_one({}, sort=[("_id", DESCENDING)], session=session)
        rules = [{"id": rule.id, "version": rule.version} for rule in await self.all(session)]
        if rules != (last["rules"] if last else []):
            number = last["_id"] + 1 if last else 1
            await self._sets.insert_one({"_id": number, "rules": rules, "by": by, "at": now}, session=session)

    async def _keep(self, rule: Rule, session: AsyncClientSession) -> None:
        document = {"_id": f"{rule.id}:{rule.version}", "rule_id": rule.id, "version": rule.version}
        await self._versions.insert_one({**document, "rule": rule.model_dump()}, session=session)


def _made(draft: RuleDraft, rule_id: str, version: int, order: int, by: str, now: datetime) -> Rule:
    written = {name: getattr(draft, name) for name in RuleDraft.model_fields}
    return Rule(**written, id=rule_id, version=version, order=order, saved_by=by, saved_at=now)


def _need_version(rule: Rule, version: int) -> None:
    if rule.version != version:
        raise Conflict(
            "stale_version",
            f'"{rule.name}" was changed meanwhile, from version {version} to {rule.version}. Load it again.',
        )


def _document(rule: Rule) -> dict[str, Any]:
    document = rule.model_dump()
    document["_id"] = document.pop("id")
    return document


def _rule(document: dict[str, Any]) -> Rule:
    document["id"] = document.pop("_id")
    return Rule.model_validate(document)
