"""Rules with all their versions. MongoDB: `rules` and what `shared.governance` keeps beside them."""

from __future__ import annotations

from services.routing.rules.schema import Rule, RuleDraft
from services.routing.rules.staged import StagedRules
from services.routing.store.artifacts import Artifacts
from shared.governance.documents import Noun
from shared.log import Log
from shared.mongo import Client, Database

MAX_RULES = 1000

RULES = Noun("rule", "rules", "rule", RuleDraft, Rule, MAX_RULES)


class Rules(Artifacts[RuleDraft, Rule, StagedRules]):
    def __init__(self, client: Client, database: Database, log: Log) -> None:
        super().__init__(RULES, client, database, log, StagedRules)
