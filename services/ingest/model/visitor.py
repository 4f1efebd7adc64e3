"""What a messenger visitor said of themselves."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """`verified` only when the site's signature proved all of it. All empty: anonymous."""

    name: str = ""
    email: str = ""
    external_id: str = ""
    verified: bool = False

    @property
    def anonymous(self) -> bool:
        return not (self.name or self.email or self.external_id)
