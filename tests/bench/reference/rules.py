"""The floor for rules: the same conditions as a programmer would write them into the code, one `if` for each rule.

The source is written here from the rules, so that the two cannot drift apart, and compiled by Python once: every
field is read once into a local variable, texts are folded once, cheap comparisons stand first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

Rule = dict[str, Any]
Matching = Callable[[Any, Any], list[int]]
"""(head, message) → the numbers of the rules that match."""

FIELDS = {
    "conversation.channel": "head.channel",
    "conversation.team": "head.team_id",
    "conversation.priority": "head.priority",
    "conversation.messages": "head.message_count",
    "conversation.tags": "frozenset(tag.casefold() for tag in head.tags)",
    "conversation.subject": "head.subject.casefold()",
    "contact.domain": "head.handle.value.rpartition('@')[2].casefold()",
    "message.text": "message.text.casefold()",
    "message.attachments": "len(message.attachments)",
    "message.spam_score": "message.spam.score",
}

TESTS = {
    "is": "{field} == {value!r}",
    "is_not": "{field} != {value!r}",
    "in": "{field} in {value!r}",
    "contains": "{value!r} in {field}",
    "not_contains": "{value!r} not in {field}",
    "starts_with": "{field}.startswith({value!r})",
    "ends_with": "{field}.endswith({value!r})",
    "contains_any": "not {field}.isdisjoint({value!r})",
    "greater": "{field} is not None and {field} > {value!r}",
    "less": "{field} is not None and {field} < {value!r}",
    "matches": "{pattern}({field}) is not None",
}
DEAR = ("contains", "not_contains", "matches")


def written_out(rules: Sequence[Rule]) -> Matching:
    """One function for all of them."""
    names = {field: f"f{n}" for n, field in enumerate(FIELDS)}
    patterns: dict[str, Any] = {}
    lines = ["def matching(head, message):", "    found = []"]
    lines += [f"    {names[field]} = {read}" for field, read in FIELDS.items()]
    for number, rule in enumerate(rules):
        lines += [f"    if {_group(rule['if'], names, patterns)}:", f"        found.append({number})"]
    lines.append("    return found")
    made: dict[str, Any] = patterns
    exec("\n".join(lines), made)
    matching: Matching = made["matching"]
    return matching


def _group(group: dict[str, Any], names: dict[str, str], patterns: dict[str, Any]) -> str:
    ((joined, nodes),) = group.items()
    cheap_first = sorted(nodes, key=lambda node: node.get("operator", "matches") in DEAR)
    parts = [f"({_node(node, names, patterns)})" for node in cheap_first]
    if joined == "none":
        return "not (" + " or ".join(parts) + ")"
    return (" and " if joined == "all" else " or ").join(parts)


def _node(node: dict[str, Any], names: dict[str, str], patterns: dict[str, Any]) -> str:
    if "operator" not in node:
        return _group(node, names, patterns)
    value = node["value"]
    if isinstance(value, str) and node["operator"] != "matches":
        value = value.casefold()
    if isinstance(value, list):
        value = frozenset(value)
    pattern = f"p{len(patterns)}"
    if node["operator"] == "matches":
        patterns[pattern] = re.compile(value).search  # on a text that is folded already
    return TESTS[node["operator"]].format(field=names[node["field"]], value=value, pattern=pattern)
