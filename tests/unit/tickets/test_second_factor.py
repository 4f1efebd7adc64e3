"""Which codes fit, when, and how often."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from services.tickets.model.second_factor import RECOVERY_CHARS, link_of, plain, shown, step_of

SECRET = base64.b32encode(b"12345678901234567890").decode()
"""The one of RFC 6238, appendix B."""


@pytest.mark.parametrize(
    ("at_s", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (2000000000, "279037"), (20000000000, "353130")],
)
def test_the_vectors_of_the_rfc_fit(at_s: int, code: str) -> None:
    """Its codes have eight digits; ours are their last six, as apps show."""
    now = datetime.fromtimestamp(at_s, UTC)
    assert step_of(SECRET, code, now, 0) == at_s // 30


def test_a_code_fits_one_step_early_and_late_and_never_again() -> None:
    now = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
    step = int(now.timestamp()) // 30
    code = pyotp.TOTP(SECRET).generate_otp(step)
    for seconds, fits in ((-60, False), (-30, True), (0, True), (59, True), (60, False)):
        found = step_of(SECRET, code, now + timedelta(seconds=seconds), 0)
        assert (found == step) is fits, seconds
    assert step_of(SECRET, f" {code[:3]} {code[3:]} ", now, 0) == step
    assert step_of(SECRET, code, now, step) is None
    assert step_of(SECRET, code, now, step + 1) is None


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "12 34", "-12345"])
def test_what_is_no_code_fits_nothing(code: str) -> None:
    assert step_of(SECRET, code, datetime(2026, 5, 4, tzinfo=UTC), 0) is None


def test_recovery_codes_are_read_however_they_are_typed() -> None:
    code = "abcdefghjkmn"
    assert len(code) == RECOVERY_CHARS
    assert shown(code) == "abcd-efgh-jkmn"
    for typed in ("abcd-efgh-jkmn", " ABCD EFGH JKMN ", "abcdefghjkmn"):
        assert plain(typed) == code
    for wrong in ("", "abcd-efgh-jkm", "abcd-efgh-jkmo", "abcd-efgh-jkm1", "287082"):
        assert plain(wrong) is None


def test_the_picture_names_the_desk_and_the_account() -> None:
    link = link_of(SECRET, "maya@switchboard.example", "Switchboard")
    assert link.startswith("otpauth://totp/Switchboard:maya%40switchboard.example?")
    assert f"secret={SECRET}" in link
