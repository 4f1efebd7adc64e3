"""The hand-written conditions of the benchmark match exactly what the rules match."""

from __future__ import annotations

import pytest

from tests.bench.reference.rules import written_out
from tests.bench.rules import facts, rule_set, rules


@pytest.mark.parametrize("seed", [7, 8])
def test_by_hand_and_by_rule_the_same_rules_match(seed: int) -> None:
    drafts = rules(200, seed)
    ours, by_hand = rule_set(drafts), written_out(drafts)
    matched = 0
    for one in facts(300, seed):
        found = [int(rule.id[1:]) for rule in ours.run("CustomerReplied", one).matched]
        assert found == by_hand(one.head, one.message)
        matched += len(found)
    assert matched > 100
