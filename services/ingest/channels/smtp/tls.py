"""The certificate of STARTTLS (RFC 3207), read again when its file was renewed."""

from __future__ import annotations

import ssl
from pathlib import Path


class Tls:
    """Made once for all connections: a context for each took longer than the rest of the greeting."""

    def __init__(self, cert_file: str, key_file: str) -> None:
        self._cert_file = cert_file
        self._key_file = key_file
        self._context: ssl.SSLContext | None = None
        self._made_of_ns = 0

    def context(self) -> ssl.SSLContext | None:
        """None when no certificate is set. Raises OSError or ssl.SSLError when the first one cannot be read."""
        if not self._cert_file:
            return None
        changed_ns = Path(self._cert_file).stat().st_mtime_ns
        if self._context is None or changed_ns != self._made_of_ns:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self._cert_file, self._key_file or None)
            self._context, self._made_of_ns = context, changed_ns
        return self._context
