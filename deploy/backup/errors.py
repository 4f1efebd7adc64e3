"""What stops a back-up or a restore, as one sentence that says what to do."""

from __future__ import annotations


class BackupError(Exception):
    """Shown to the operator as it is."""
