"""What Aircall's answers mean, and when it is asked at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.phone.model import Dialing, before_asking, ended, judge, retry_at
from services.notifications.phone.statuses import pause_after
from shared.contracts.deliveries import CallDialed, CallDialFailed

NOW = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
ROW = Dialing(
    id="r1",
    conversation_id="c1",
    number="+14155550137",
    line="+13105550104",
    agent_id="maya",
    asked_at=NOW,
    due_at=NOW,
    correlation_id="c1",
)


@pytest.mark.parametrize(
    ("status", "code", "known"),
    [
        (204, "", True),
        (400, "wrong_number", True),
        (401, "account_refused", True),
        (403, "account_refused", True),
        (404, "unknown_user", True),
        (405, "not_available", True),
        (418, "refused", True),
        (429, "rate_limited", True),
        (480, "not_available", True),
        (500, "not_known", False),
        (503, "not_known", False),
    ],
)
def test_an_answer_is_a_reason_for_a_person(status: int, code: str, known: bool) -> None:
    verdict = judge(status, {}, NOW)
    assert (verdict.code, verdict.known, verdict.dialed) == (code, known, status == 204)
    assert bool(verdict.reason) == (status != 204)
    assert verdict.reason == "" or verdict.reason.endswith(".")


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"retry-after": "20"}, 20),
        ({"x-aircallapi-reset": str(int(NOW.timestamp()) + 35)}, 35),
        ({"x-aircallapi-reset": str((int(NOW.timestamp()) + 35) * 1000)}, 35),
        ({"x-aircallapi-reset": "0"}, 1),
        ({"retry-after": "99999999"}, 300),
        ({"retry-after": "soon"}, 60),
        ({}, 60),
    ],
)
def test_the_limit_says_when_to_call_again(headers: dict[str, str], wait_s: int) -> None:
    verdict = judge(429, headers, NOW)
    assert verdict.retry_at == NOW + timedelta(seconds=wait_s)
    assert f"{wait_s} s" in verdict.reason


@given(st.dictionaries(st.sampled_from(["retry-after", "x-aircallapi-reset"]), st.text(max_size=30)))
def test_whatever_they_send_is_a_time_soon(headers: dict[str, str]) -> None:
    assert timedelta(0) < retry_at(headers, NOW) - NOW <= timedelta(seconds=300)


def test_a_request_that_was_being_dialed_when_its_process_died_is_not_dialed_again() -> None:
    verdict = before_asking(ROW.model_copy(update={"state": "dialing"}), NOW)
    assert verdict is not None
    assert (verdict.code, verdict.known) == ("not_known", False)


def test_nobodys_phone_rings_minutes_later() -> None:
    assert before_asking(ROW, NOW + timedelta(seconds=59)) is None
    late = before_asking(ROW, NOW + timedelta(seconds=61))
    assert late is not None
    assert (late.code, late.known) == ("too_late", True)


@pytest.mark.parametrize("status", [204, 405, 500])
def test_the_end_is_one_event_and_nothing_due(status: int) -> None:
    verdict = judge(status, {}, NOW)
    row, event = ended(ROW, verdict, NOW)
    assert row.due_at is None
    assert row.seq == ROW.seq + 1
    assert isinstance(event, CallDialed if status == 204 else CallDialFailed)
    assert row.state == {204: "dialed", 405: "failed", 500: "unknown"}[status]


def test_a_status_is_tried_ever_more_slowly() -> None:
    pauses = [pause_after(n) for n in range(20)]
    assert pauses == sorted(pauses)
    assert pauses[-1] <= timedelta(minutes=15)
