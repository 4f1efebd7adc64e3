"""What a bundle would make of what there is: nothing more, nothing less, and another plan whenever either differs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.config import read, told, write
from shared.governance.config import Entry, Now, exported, plan, plan_hash

NAMES = st.sampled_from(["a", "b", "c", "d"])
CONTENTS = st.fixed_dictionaries({"name": NAMES, "stop": st.booleans()})
STANDS = st.dictionaries(NAMES, st.none() | CONTENTS, max_size=4)


def now(stands: dict[str, dict[str, Any] | None]) -> list[Now]:
    return [Now(id_, 1, content) for id_, content in stands.items()]


def entries(wanted: dict[str, dict[str, Any]]) -> list[Entry]:
    return [Entry(id=id_, content=content) for id_, content in wanted.items()]


def acts(stands: list[Now], wanted: list[Entry]) -> dict[str, str]:
    return {one.id: one.act for one in plan("rule", stands, wanted, {})}


@given(STANDS, st.dictionaries(NAMES, CONTENTS, max_size=4))
def test_carried_out_a_plan_leaves_nothing_to_do(stands: dict[str, Any], wanted: dict[str, Any]) -> None:
    found = acts(now(stands), entries(wanted))
    in_force = {id_ for id_, content in stands.items() if content is not None}
    assert {id_ for id_, act in found.items() if act == "retire"} == in_force - set(wanted)
    assert {id_ for id_, act in found.items() if act == "create"} == set(wanted) - in_force
    after = now({**wanted, **dict.fromkeys(in_force - set(wanted))})
    assert set(acts(after, entries(wanted)).values()) <= {"same"}
    assert set(acts(now(stands), list(exported(now(stands)))).values()) <= {"same"}


def test_another_order_moves_what_stays() -> None:
    stands = now({"a": {"name": "A"}, "b": {"name": "B"}, "c": {"name": "C"}})
    wanted = entries({"b": {"name": "B"}, "a": {"name": "A"}})
    assert acts(stands, wanted) == {"b": "move", "a": "move", "c": "retire"}


def test_the_plan_is_another_when_somebody_saved_meanwhile() -> None:
    wanted = entries({"a": {"name": "A"}})
    before, after = [Now("a", 1, {"name": "A"})], [Now("a", 2, {"name": "A"})]
    assert plan_hash(plan("rule", before, wanted, {}), before) != plan_hash(plan("rule", after, wanted, {}), after)


def test_files_are_read_as_they_were_written(tmp_path: Path) -> None:
    kinds = {
        "rule": [{"id": one, "content": {"name": f"Prüfung {one}", "then": []}} for one in ("z", "a")],
        "calendar": [],
    }
    write(tmp_path, kinds)
    assert read(tmp_path) == kinds
    (tmp_path / "rule" / "new.json").write_text('{"name": "New"}')
    assert [one["id"] for one in read(tmp_path)["rule"]] == ["z", "a", "new"]
    (tmp_path / "rule" / "new.json").write_text('{"name":')
    with pytest.raises(ValueError, match=r"new\.json is not JSON"):
        read(tmp_path)
    (tmp_path / "rule" / "z.json").unlink()
    with pytest.raises(ValueError, match="names z"):
        read(tmp_path)
    write(tmp_path, {"rule": kinds["rule"][:1]})
    assert [one["id"] for one in read(tmp_path)["rule"]] == ["z"], "what is gone leaves no file"


def test_a_step_is_told_in_words() -> None:
    (change,) = plan(
        "rule", [Now("a", 1, {"name": "A", "stop": True})], entries({"a": {"name": "A", "stop": False}}), {}
    )
    assert told(change.model_dump(mode="json")) == ["change rule “A” (a)", "    stop: true → false"]
    (same,) = plan("rule", [Now("a", 1, {"name": "A"})], entries({"a": {"name": "A"}}), {})
    assert told(same.model_dump(mode="json")) == []
