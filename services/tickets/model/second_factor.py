"""One-time passwords by time (TOTP, RFC 6238) and recovery codes: which of them fit. No clock, no storage, no chance.

A code is good in its own 30 seconds and in those before and after (RFC 6238 §5.2), and never in one that was used
already or came before such a one: `after` is the last step that was used.
"""

from __future__ import annotations

import hmac
from datetime import datetime

import pyotp

STEP_S = 30
DRIFT_STEPS = 1
RECOVERY_CODES = 10
RECOVERY_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look like others."""
RECOVERY_CHARS = 12


def step_of(secret: str, code: str, now: datetime, after: int) -> int | None:
    """The step that a code is of, when it may be used now. `secret` is base32; blanks in a code don't count."""
    digits = "".join(code.split())
    if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        return None
    totp = pyotp.TOTP(secret, interval=STEP_S)
    current = int(now.timestamp()) // STEP_S
    for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
        if step > after and hmac.compare_digest(totp.generate_otp(step), digits):
            return step
    return None


def link_of(secret: str, email: str, issuer: str) -> str:
    """What an authenticator app reads from the picture: an `otpauth://totp/…` address."""
    return pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=email, issuer_name=issuer)


def shown(code: str) -> str:
    """A recovery code as people copy it: `abcd-efgh-jkmn`."""
    return "-".join(code[n : n + 4] for n in range(0, len(code), 4))


def plain(typed: str) -> str | None:
    """A recovery code as it is kept, however it was typed; None when it is none."""
    letters = "".join(one for one in typed.lower() if one.isascii() and one.isalnum())
    fits = len(letters) == RECOVERY_CHARS and all(one in RECOVERY_LETTERS for one in letters)
    return letters if fits else None
