"""A back-up's files and manifest, and what routing must forget: no servers."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.backup import files
from deploy.backup.agree import rewind
from deploy.backup.errors import BackupError
from deploy.backup.manifest import NAME, Manifest, Stored, fingerprint, verify
from deploy.backup.parts import SERVICES, chosen
from deploy.local.progress import Progress

AT = datetime(2026, 5, 1, tzinfo=UTC)


def write(file: Path, *documents: dict[str, Any]) -> files.Content:
    with files.Writer(file) as out:
        out.add(b"".join(bson.encode(one) for one in documents[:2]))
        for one in documents[2:]:
            out.add(bson.encode(one))
    return out.content


def backup(folder: Path) -> Manifest:
    content = write(folder / "tickets" / "log.bson.gz", *({"_id": n, "text": "x" * n} for n in range(200)))
    stored = {"tickets": {"log": Stored.of("tickets/log.bson.gz", content)}}
    made = Manifest(taken_at=AT, secret=fingerprint("a secret"), databases=stored)
    made.write(folder)
    return made


def quiet() -> Progress:
    return Progress(io.StringIO())


# ── files ────────────────────────────────────────────────────────────────────────────────────────
@given(st.lists(st.dictionaries(st.text("abc", min_size=1), st.binary(max_size=50)), max_size=8))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, documents: list[dict[str, Any]]) -> None:
    file = tmp_path_factory.mktemp("files") / "one.bson.gz"
    content = write(file, *documents)
    assert [bson.decode(one) for one in files.read(file)] == documents
    assert files.measure(file) == content
    assert content.documents == len(documents)


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    backup(tmp_path)
    assert {one.stat().st_mode & 0o077 for one in tmp_path.rglob("*")} == {0}


def test_a_whole_back_up_is_verified(tmp_path: Path) -> None:
    made = backup(tmp_path)
    assert verify(tmp_path, quiet()) == made
    assert verify(tmp_path, quiet()).stored[0].documents == 200


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.99])
def test_a_file_that_was_cut_off_is_found(tmp_path: Path, cut: float) -> None:
    backup(tmp_path)
    file = tmp_path / "tickets" / "log.bson.gz"
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * cut)])
    with pytest.raises(BackupError, match=r"log\.bson\.gz"):
        verify(tmp_path, quiet())


def test_a_file_that_was_changed_is_found(tmp_path: Path) -> None:
    backup(tmp_path)
    file = tmp_path / "tickets" / "log.bson.gz"
    file.unlink()
    write(file, *({"_id": n, "text": "y" * n} for n in range(200)))
    with pytest.raises(BackupError, match="checksum"):
        verify(tmp_path, quiet())


def test_what_is_no_document_is_found(tmp_path: Path) -> None:
    file = tmp_path / "one.bson.gz"
    with files.Writer(file) as out:
        out._out.write(b"\x02\x00\x00\x00")
    with pytest.raises(BackupError, match="damaged"):
        files.measure(file)


def test_without_its_manifest_there_is_no_back_up(tmp_path: Path) -> None:
    backup(tmp_path)
    (tmp_path / NAME).unlink()
    with pytest.raises(BackupError, match="written last"):
        verify(tmp_path, quiet())


@pytest.mark.parametrize("text", ["", "{}", '{"format": 2, "taken_at": "2026-05-01T00:00:00Z", "secret": ""}'])
def test_a_manifest_of_another_kind_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    with pytest.raises(BackupError, match="cannot be read by this version"):
        Manifest.read(tmp_path)


def test_a_secret_is_told_from_another_and_not_told() -> None:
    assert fingerprint("one secret") != fingerprint("another secret")
    assert "secret" not in fingerprint("one secret")


def test_services_are_chosen_in_their_order() -> None:
    assert chosen("") == SERVICES
    assert chosen(" routing, ingest") == ("ingest", "routing")
    with pytest.raises(BackupError, match="no service billing"):
        chosen("billing,ingest")


# ── what routing forgets ─────────────────────────────────────────────────────────────────────────
def row(**changes: Any) -> dict[str, Any]:
    known = {"_id": "c", "seq": 9, "head_seq": 7, "decided_seq": 3, "open": True, "agent_id": "maya"}
    gone = {"assigned_seq": 6, "pending_at": AT, "pending_decision": "d3", "want": None, "last": {"seq": 7}}
    return {**known, **gone, **changes}


def head(**changes: Any) -> dict[str, Any]:
    known = {"_id": "c", "seq": 4, "status": "open", "spam": False, "assignee_id": None, "assigned_seq": 2}
    return {**known, **changes}


LAST = {
    "_id": "e4",
    "type": "switchboard.tickets.NoteAdded.v1",
    "seq": 4,
    "at": AT,
    "value": '{"head": {"id": "c", "seq": 4}}',
}
DECIDED = [
    {"_id": f"l{n}", "seq": n, "decision_id": f"d{n}", "trigger": trigger} for n, trigger in ((1, 1), (2, 4), (3, 6))
]


def test_it_goes_back_to_what_tickets_knows() -> None:
    back = rewind(row(), head(assignee_id="jonas", assigned_seq=3), LAST, DECIDED)
    assert back.row is not None
    assert (back.log_ids, back.decision_ids) == (("l3",), ("d3",))
    changed = {name: value for name, value in back.row.items() if value != row().get(name)}
    assert changed == {
        "seq": 10,
        "head_seq": 4,
        "decided_seq": 2,
        "agent_id": "jonas",
        "assigned_seq": 3,
        "moves": [],
        "pending_at": None,
        "pending_decision": None,
        "last": {"event_id": "e4", "event": "NoteAdded", "seq": 4},
        "head": '{"id": "c", "seq": 4}',
        "waits": [],
        "due_at": AT,
    }


def test_a_rule_waits_on_when_what_it_waits_from_is_known() -> None:
    then, since = {"since": AT - timedelta(hours=1)}, {"since": AT + timedelta(seconds=1)}
    back = rewind(row(waits=[then, since]), head(), LAST, DECIDED)
    assert back.row is not None
    assert (back.row["waits"], back.row["due_at"]) == ([then], AT), "and is looked at at once"


def test_a_conversation_that_tickets_does_not_know_is_forgotten_whole() -> None:
    back = rewind(row(), None, None, DECIDED)
    assert (back.row, back.log_ids) == (None, ("l1", "l2", "l3"))


@pytest.mark.parametrize(
    ("changes", "decision", "waits"),
    [
        ({}, "d2", True),
        ({}, "d3", False),  # that decision is gone with its event
        ({"assignee_id": "jonas"}, "d2", False),
        ({"status": "closed"}, "d2", False),
        ({"spam": True}, "d2", False),
    ],
)
def test_it_waits_on_for_an_agent_when_it_still_wants_one(changes: dict[str, Any], decision: str, waits: bool) -> None:
    back = rewind(row(want={"decision_id": decision}), head(**changes), LAST, DECIDED)
    assert back.row is not None
    assert (back.row["want"] is not None) is waits
    assert len(back.row["moves"]) == waits, "the decision that wants them is on its way once more"
    assert back.row["open"] is (changes.get("status", "open") == "open" and not changes.get("spam"))


@given(st.integers(0, 8), st.lists(st.integers(1, 9), max_size=5))
def test_nothing_is_left_that_came_after(known: int, triggers: list[int]) -> None:
    decided = [
        {"_id": f"l{n}", "seq": n + 1, "decision_id": f"d{n}", "trigger": one} for n, one in enumerate(sorted(triggers))
    ]
    back = rewind(row(head_seq=9), head(seq=known), {**LAST, "seq": known}, decided)
    assert back.row is not None
    left = [one for one in decided if one["_id"] not in back.log_ids]
    assert all(one["trigger"] <= known for one in left)
    assert back.row["decided_seq"] == len(left)  # counts on without a gap
    assert (back.row["head_seq"], back.row["last"]["seq"]) == (known, known)
