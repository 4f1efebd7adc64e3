"""The JSON line says how often everything happened, to whom."""

from __future__ import annotations

from tests.chaos import counts


def test_faults_are_counted_by_whom_they_hit_and_mending_is_none() -> None:
    lines = [
        {"what": "kill", "whom": "tickets-1"},
        {"what": "kill", "whom": "tickets-2"},
        {"what": "step down", "whom": "mongo"},
        {"what": "up again", "whom": "mongo"},
    ]
    assert counts.faults(lines) == {"kill": {"tickets": 2}, "step down": {"mongo": 1}}


def test_what_a_bad_receiver_did_is_counted_by_receiver_and_mood() -> None:
    lines = [{"whom": "mail", "what": "silent"}, {"whom": "mail", "what": "silent"}, {"whom": "hooks", "what": "slow"}]
    assert counts.spoilt(lines) == {"mail silent": 2, "hooks slow": 1}
